"""A run killed at any moment and resumed is the run that was never interrupted."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from s2s import checkpoint
from s2s.config import Config, override
from s2s.errors import S2SError
from s2s.training import loop, state
from s2s.training.folder import HISTORY, STATE
from s2s.training.loop import train
from tests.conftest import ARCHITECTURES
from tests.test_train import CONFIG, run

ROOT = Path(__file__).resolve().parent.parent
HARD = [
    "train.log_every=1",
    "model.dropout=0.3",
    "train.word_dropout=0.2",
    "train.scheduled_sampling=0.3",
]
KINDS = {  # what a run may hang on beside its weights
    "gru": ("bahdanau", HARD),
    "lstm": ("luong-feeding", HARD),
    "copying": ("pointer-coverage", HARD),
    "transformer": ("transformer", HARD),
    "risk": ("bahdanau", [*HARD, "train.risk=0.5", "train.steps=15"]),
}


def config_of(kind: str) -> Config:
    name, more = KINDS[kind]
    architecture, options = ARCHITECTURES[name]
    whole = Config(
        name="toy", architecture=architecture, model=options, data=CONFIG.data, train=CONFIG.train
    )
    return override(whole, more)


@pytest.fixture(scope="module")
def whole(folder, tmp_path_factory):
    """The state and history at the end of an uninterrupted run, by kind."""
    known = {}

    def of(kind: str) -> Path:
        if kind not in known:
            known[kind] = tmp_path_factory.mktemp(kind)
            run(config_of(kind), folder, known[kind])
        return known[kind]

    return of


def same(one: Path, other: Path) -> None:
    """Raises if two runs did not end with the same weights, moments, averages, checkpoint, history."""
    for name in (STATE, checkpoint.WEIGHTS):
        first, second = load_file(one / name), load_file(other / name)
        assert first.keys() == second.keys()
        for key in first:
            assert torch.equal(first[key], second[key]), key
    lines = [[json.loads(x) for x in (p / HISTORY).read_text().splitlines()] for p in (one, other)]
    for a, b in zip(*lines, strict=True):
        for key in ("step", "epoch", "nll", "grad_norm", "lr", "tokens", "metric", "best"):
            assert a[key] == b[key], key


@pytest.mark.parametrize(("kind", "killed_at"), [*((kind, 13) for kind in KINDS), ("gru", 6)])
def test_resuming_after_a_kill_is_as_if_it_had_not_happened(
    folder, tmp_path, whole, kind, killed_at
):
    for progress in train(config_of(kind), folder, tmp_path):
        if progress.step == killed_at:
            break  # as a kill would: nothing more is written
    run(config_of(kind), folder, tmp_path, resume=True)
    same(whole(kind), tmp_path)


def test_before_its_first_save_there_is_nothing_to_resume(folder, tmp_path):
    next(train(override(CONFIG, ["train.log_every=1"]), folder, tmp_path))
    with pytest.raises(S2SError, match="no run to resume"):
        run(CONFIG, folder, tmp_path, resume=True)


def forked(work) -> int:
    """The status of a process of its own that does ``work`` and ends."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException as error:
            print(repr(error), file=sys.stderr)
            os._exit(3)
        os._exit(0)
    return os.waitpid(child, 0)[1]


@pytest.mark.parametrize(
    ("where", "nth"),
    [("state", 1), ("state", 3), ("weights", 2), ("before the rename", 3), ("history", 1)],
)
def test_a_real_kill_in_the_middle_of_saving(folder, tmp_path, whole, monkeypatch, where, nth):
    """SIGKILL with half a file written. Whatever is on disk is whole, and the run goes on exactly."""
    calls = itertools.count(1)

    def kill_now(half: Path | None = None) -> None:
        if next(calls) == nth:
            if half is not None:
                half.write_bytes(half.read_bytes()[: half.stat().st_size // 2])
            os.kill(os.getpid(), signal.SIGKILL)

    def half_a_line(out: Path, line: dict) -> None:
        with open(out / HISTORY, "a") as history:
            history.write('{"step": 1')
        kill_now()

    def die() -> None:
        if where in ("state", "weights"):
            module = state if where == "state" else checkpoint
            save = module.save_file
            module.save_file = lambda tensors, path, *a: (save(tensors, path, *a), kill_now(path))
        elif where == "before the rename":
            rename = Path.replace
            Path.replace = lambda path, to: (kill_now(), rename(path, to))[1]
        else:
            add = loop.add_history
            loop.add_history = lambda out, line: (
                half_a_line(out, line) if line["step"] == 7 else add(out, line)
            )
        run(config_of("gru"), folder, tmp_path)

    assert forked(die) == signal.SIGKILL
    if (tmp_path / checkpoint.WEIGHTS).exists():
        assert checkpoint.load(tmp_path).parameters
    if (tmp_path / STATE).exists():
        run(config_of("gru"), folder, tmp_path, resume=True)
    else:
        run(config_of("gru"), folder, tmp_path)
    same(whole("gru"), tmp_path)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_and_ends_and_the_run_goes_on_exactly(folder, tmp_path, whole, number):
    steps = []
    for progress in train(config_of("gru"), folder, tmp_path):
        steps.append(progress.step)
        if progress.step == 7:
            os.kill(os.getpid(), number)
    assert steps[-1] == 8
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL  # others' handlers are back
    run(config_of("gru"), folder, tmp_path, resume=True)
    same(whole("gru"), tmp_path)


def test_the_second_signal_ends_whatever_lasts(folder, tmp_path, monkeypatch):
    def endless(*_):
        def validate(model):
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)
            time.sleep(60)

        return validate

    monkeypatch.setattr(loop, "validation", endless)
    begun = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run(CONFIG, folder, tmp_path)
    assert time.monotonic() - begun < 30


# --------------------------------------------------------------------------- as a program of its own
ARGUMENTS = ["train", "translate-own"] + [
    f"--set={name}"
    for name in (
        "data.vocab=380", "model.hidden=32", "model.embedding=16", "train.batch_tokens=256",
        "train.log_every=1", "train.eval_every=1000000", "train.eval_sentences=4",
        "train.device=cpu", "train.threads=1",
    )
]  # fmt: skip


def test_ctrl_c_saves_and_says_where(folder, tmp_path):
    command = [sys.executable, "-m", "s2s", *ARGUMENTS, "--data", folder, "--out", tmp_path]
    long = [*command, "--set", "train.steps=100000"]
    with subprocess.Popen(
        long, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        deadline = time.monotonic() + 120
        history = tmp_path / HISTORY
        while time.monotonic() < deadline and not (
            history.exists() and len(history.read_text().splitlines()) > 3
        ):
            time.sleep(0.1)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=60)
    assert process.returncode == 0, err
    reached = json.loads(history.read_text().splitlines()[-1])["step"]
    assert state.read_state(tmp_path / STATE).counters["step"] == reached


def test_two_processes_train_one_model(folder, tmp_path):
    """Everything about two processes in one start of them: see ``two_processes``."""
    command = [
        sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2",
        "-m", "tests.two_processes", folder, tmp_path,
    ]  # fmt: skip
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    same(tmp_path / "whole", tmp_path / "killed")
    told = [json.loads((tmp_path / f"told.{rank}").read_text()) for rank in (0, 1)]
    assert told[0] == told[1]  # weights, losses, the end: all the same on both
    assert told[0]["steps"] == list(range(1, 13))
    assert told[0]["stopped at"] == 5
    assert told[0]["by the clock"] < 10**6
    assert "no batch for each of 2 processes" in told[0]["too little"][0]
    assert "Too little data" in told[0]["too little"][1]
    assert checkpoint.load(tmp_path / "whole").parameters > 0
