"""Training: the loss, the schedule, resuming, refusing."""

from __future__ import annotations

import json
import math
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file

from s2s import checkpoint
from s2s.config import Config, DataConfig, TrainConfig, override
from s2s.data.batches import Batch
from s2s.data.corpus import source_key
from s2s.data.reading import read_pairs
from s2s.errors import S2SError
from s2s.models.dropout import Dropout
from s2s.models.loss import ProjectedCrossEntropy
from s2s.search.beam import search
from s2s.tasks import TASKS
from s2s.text.vocabulary import PAD
from s2s.training.loop import STATE, train
from s2s.training.objective import Objective
from s2s.training.schedule import learning_rate
from tests.conftest import ARCHITECTURES, make_model, make_src, sourced, toy_pairs

ROOT = Path(__file__).resolve().parent.parent
CONFIG = Config(
    name="toy",
    model=ARCHITECTURES["bahdanau"][1],
    data=DataConfig(vocab=380, split=0.1, casual=0.2),
    train=TrainConfig(
        steps=24,
        batch_tokens=256,
        lr=5e-3,
        warmup=4,
        eval_every=8,
        save_every=5,
        log_every=4,
        eval_sentences=10,
        average=0.9,
        device="cpu",
        precision="fp32",
        threads=1,
    ),
)


def run(config, folder, out, resume=False):
    return list(train(config, folder, out, resume))


# ------------------------------------------------------------------------------------------- parts
@pytest.mark.parametrize("shares", [False, True])
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_chunked_loss_equals_the_textbook_one(smoothing, shares, monkeypatch):
    monkeypatch.setattr(ProjectedCrossEntropy, "chunk", 7)
    h, w = torch.randn(20, 8, requires_grad=True), torch.randn(30, 8, requires_grad=True)
    y = torch.randint(30, (20,))
    share = torch.randn(20) if shares else None
    loss, nll = ProjectedCrossEntropy.apply(h, w, y, smoothing, share)
    (loss * 0.5).backward()
    mine = h.grad.clone(), w.grad.clone()
    h.grad = w.grad = None
    expected = F.cross_entropy(h @ w.t(), y, label_smoothing=smoothing, reduction="none")
    expected = (expected * share if shares else expected).sum()
    (expected * 0.5).backward()
    torch.testing.assert_close(loss, expected)
    torch.testing.assert_close(nll, F.cross_entropy(h @ w.t(), y, reduction="sum"))
    torch.testing.assert_close(mine[0], h.grad, atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(mine[1], w.grad, atol=1e-5, rtol=1e-4)


def test_padding_adds_nothing_to_the_loss(model):
    src, tgt = make_src([6, 4]), make_src([7, 4], seed=1)
    tgt_in = torch.cat([torch.full((2, 1), 2), tgt[:, :-1]], 1)
    tgt_in[1, 4:] = PAD
    both = model.loss(src, tgt_in, tgt, 0.1)
    one = model.loss(src[:1], tgt_in[:1], tgt[:1], 0.1)
    two = model.loss(src[1:, :4], tgt_in[1:, :4], tgt[1:, :4], 0.1)
    for a, b, c in zip(both, one, two, strict=True):
        torch.testing.assert_close(a, b + c, atol=1e-4, rtol=1e-4)


def test_dropout_keeps_the_mean_and_the_rate():
    drop = Dropout(0.3).train()
    out = drop(torch.ones(400, 500))
    assert float(out.mean()) == pytest.approx(1, abs=0.02)
    assert float((out == 0).float().mean()) == pytest.approx(0.3, abs=0.02)
    assert torch.equal(drop.eval()(out), out)


def test_learning_rate_warms_up_and_falls():
    c = TrainConfig(steps=100, warmup=10, lr=1.0, final_lr=0.1)
    rates = [learning_rate(s, c) for s in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == rates[10] == 1.0
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert rates[100] == pytest.approx(0.1)


def test_scheduled_sampling_feeds_predictions():
    model = make_model("bahdanau")
    batch = Batch(make_src([6, 6]), make_src([6, 6], seed=1), make_src([6, 6], seed=2))
    plain, _ = Objective(model)(batch, 0.0, 0.0)
    own, _ = Objective(model)(batch, 0.0, 1.0)
    with torch.no_grad():
        predicted = model(batch.src, batch.tgt_in)[:, :-1].argmax(-1)
        fed = torch.cat([batch.tgt_in[:, :1], predicted], 1)
        expected, _ = model.loss(batch.src, fed, batch.tgt_out, 0.0)
    assert float(own.detach()) == pytest.approx(float(expected), rel=1e-5)
    assert float(own.detach()) != pytest.approx(float(plain.detach()), rel=1e-5)


# -------------------------------------------------------------------------------------------- runs
def test_a_run_leaves_a_whole_checkpoint(folder, tmp_path):
    out = tmp_path / "run"
    progress = run(CONFIG, folder, out)
    assert progress[-1].step == 24
    assert progress[-1].best is not None
    assert "pairs kept; dropped:" in progress[0].note
    assert "held-out source" in progress[0].note or "duplicates" in progress[0].note
    assert progress[-1].nll < progress[0].nll
    lines = [json.loads(line) for line in (out / "history.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [p.step for p in progress]
    assert all(line["grad_norm"] > 0 for line in lines)
    loaded = checkpoint.load(out)
    assert loaded.config == CONFIG
    assert search(loaded.model, make_src([5]), CONFIG.search)[0].hypotheses
    tests = read_pairs(out / "test.tsv", "src", "tgt", TASKS["translation"])
    trained = {source_key(s) for s, _ in sourced(toy_pairs(300))} - {
        source_key(s) for s, _ in tests
    }
    assert tests
    assert len(trained) < len({source_key(s) for s, _ in sourced(toy_pairs(300))})


@pytest.mark.parametrize("killed_at", [1, 13, 17])
@pytest.mark.parametrize("risk", [0.0, 0.5])
def test_resuming_after_a_kill_is_as_if_it_had_not_happened(folder, tmp_path, killed_at, risk):
    config = override(CONFIG, [f"train.risk={risk}", "train.log_every=1", "model.dropout=0.3"])
    run(config, folder, tmp_path / "whole")
    out = tmp_path / "killed"
    for progress in train(config, folder, out):
        if progress.step == killed_at:
            break  # as a kill would: nothing more is written
    if killed_at > 5:
        assert (out / STATE).exists()
        run(config, folder, out, resume=True)
    else:
        with pytest.raises(S2SError, match="no run to resume"):
            run(config, folder, out, resume=True)
        return
    whole, killed = (load_file(tmp_path / d / STATE) for d in ("whole", "killed"))
    assert whole.keys() == killed.keys()
    for name in whole:
        assert torch.equal(whole[name], killed[name]), name


def test_an_unfinished_run_is_not_overwritten(folder, tmp_path):
    run(override(CONFIG, ["train.steps=5"]), folder, tmp_path)
    with pytest.raises(S2SError, match="--resume"):
        run(CONFIG, folder, tmp_path)
    with pytest.raises(S2SError, match="other model or data"):
        run(override(CONFIG, ["model.dropout=0.5"]), folder, tmp_path, resume=True)


def test_a_finished_run_can_be_made_longer(folder, tmp_path):
    run(override(CONFIG, ["train.steps=5"]), folder, tmp_path)
    assert run(override(CONFIG, ["train.steps=9"]), folder, tmp_path, resume=True)[-1].step == 9


def test_a_run_that_blows_up_says_what_to_change(folder, tmp_path):
    wild = override(CONFIG, ["train.lr=1e30", "train.warmup=1", "train.steps=200"])
    with pytest.raises(S2SError, match=r"train\.lr"):
        run(wild, folder, tmp_path)


def test_a_run_can_start_from_a_checkpoint(folder, tmp_path, tiny_checkpoint):
    still = override(CONFIG, [f"train.init={tiny_checkpoint}", "train.lr=0.0", "train.steps=2"])
    run(still, folder, tmp_path / "a")
    given, trained = (
        checkpoint.load(p).model.state_dict() for p in (tiny_checkpoint, tmp_path / "a")
    )
    assert all(torch.equal(given[name], trained[name]) for name in given)
    with pytest.raises(S2SError, match=r"train\.init"):
        run(override(still, ["model.hidden=32"]), folder, tmp_path / "b")


def test_early_stopping(folder, tmp_path):
    still = override(CONFIG, ["train.lr=0.0", "train.patience=2", "train.eval_every=2"])
    progress = run(still, folder, tmp_path)
    assert progress[-1].step < 24


@pytest.mark.parametrize("name", ["luong-feeding", "sutskever", "transformer"])
def test_other_architectures_train(name, folder, tmp_path):
    architecture, options = ARCHITECTURES[name]
    config = Config(
        name=name, architecture=architecture, model=options, data=CONFIG.data, train=CONFIG.train
    )
    config = override(config, ["train.steps=12", "train.scheduled_sampling=0.5"])
    progress = run(config, folder, tmp_path)
    assert math.isfinite(progress[-1].loss)
    assert progress[-1].nll < progress[0].nll


def test_bf16_follows_fp32(folder, tmp_path):
    a = run(CONFIG, folder, tmp_path / "fp32")[-1]
    b = run(override(CONFIG, ["train.precision=bf16"]), folder, tmp_path / "bf16")[-1]
    assert b.nll == pytest.approx(a.nll, rel=0.03)


@pytest.mark.parametrize(
    "assignment", ["train.device=abacus", "train.precision=fp8", "data.share=[1.0,1.0]"]
)
def test_impossible_settings_are_refused(assignment, folder, tmp_path):
    with pytest.raises(S2SError):
        run(override(CONFIG, [assignment]), folder, tmp_path)


# --------------------------------------------------------------------------- as a program of its own
ARGUMENTS = [
    "train",
    "translate-own",
    "--set",
    "data.vocab=380",
    "--set",
    "model.hidden=32",
    "--set",
    "model.embedding=16",
    "--set",
    "train.batch_tokens=256",
    "--set",
    "train.log_every=1",
    "--set",
    "train.eval_every=1000000",
    "--set",
    "train.eval_sentences=4",
    "--set",
    "train.device=cpu",
    "--set",
    "train.threads=1",
]


def test_ctrl_c_saves_and_resume_goes_on(folder, tmp_path):
    command = [sys.executable, "-m", "s2s", *ARGUMENTS, "--data", folder, "--out", tmp_path]
    long = [*command, "--set", "train.steps=100000"]
    with subprocess.Popen(
        long, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        deadline = time.monotonic() + 120
        history = tmp_path / "history.jsonl"
        while time.monotonic() < deadline and not (
            history.exists() and len(history.read_text().splitlines()) > 3
        ):
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    reached = json.loads(history.read_text().splitlines()[-1])["step"]
    with open(tmp_path / STATE, "rb") as state:
        assert f'\\"step\\": {reached},'.encode() in state.read(8000)


@pytest.mark.parametrize("device", ["cpu", "auto"])
def test_two_processes_train_one_model(folder, tmp_path, device):
    if device == "auto" and (torch.cuda.is_available() or torch.backends.mps.is_available()):
        pytest.skip("this machine would choose something else than its CPU")
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    command = [
        sys.executable,
        "-m",
        "torch.distributed.run",
        "--standalone",
        "--nproc-per-node",
        "2",
        "-m",
        "s2s",
        *ARGUMENTS,
        "--set",
        "train.steps=6",
        "--set",
        f"train.device={device}",
        "--data",
        folder,
        "--out",
        tmp_path,
    ]
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    steps = [json.loads(line)["step"] for line in (tmp_path / "history.jsonl").open()]
    assert steps == [1, 2, 3, 4, 5, 6]
    assert checkpoint.load(tmp_path).parameters > 0
