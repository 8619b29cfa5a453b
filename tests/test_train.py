"""Training: the loss, the schedule, resuming, refusing."""

from __future__ import annotations

import json
import math

import pytest
import torch
import torch.nn.functional as F

from s2s import checkpoint
from s2s.config import Augment, Config, DataConfig, TrainConfig, override
from s2s.data.batches import Batch
from s2s.data.corpus import source_key
from s2s.data.prepared import load_corpus
from s2s.data.reading import read_pairs
from s2s.errors import S2SError
from s2s.metrics import bleu
from s2s.models.dropout import Dropout
from s2s.models.loss import ProjectedCrossEntropy
from s2s.search.beam import search
from s2s.tasks import TASKS
from s2s.text.source import Source
from s2s.text.vocabulary import PAD
from s2s.training import loop
from s2s.training.loop import train
from s2s.training.objective import Objective
from s2s.training.schedule import learning_rate
from tests.conftest import ARCHITECTURES, make_model, make_src

CONFIG = Config(
    name="toy",
    model=ARCHITECTURES["bahdanau"][1],
    data=DataConfig(vocab=380, split=0.1, augment=Augment(casual=0.2)),
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
    rates = [learning_rate(s, s / 100, c) for s in range(101)]
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
    assert "duplicates" in progress[0].note
    assert progress[-1].nll < progress[0].nll
    lines = [json.loads(line) for line in (out / "history.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [p.step for p in progress]
    assert all(line["grad_norm"] > 0 for line in lines)
    loaded = checkpoint.load(out)
    assert loaded.config == CONFIG
    assert search(loaded.model, make_src([5]), CONFIG.search)[0].hypotheses
    task, parts = TASKS["translation"], {}
    for part in ("valid", "test"):
        rows = read_pairs(out / f"{part}.tsv", "src", "tgt", task)
        parts[part] = {source_key(source) for source, _ in rows}
    corpus = load_corpus(CONFIG, folder)
    decode = corpus.tokenizer.decode
    read = [decode(corpus.ids.pair(n)[0]) for n in range(len(corpus.ids))]
    parts["train"] = {source_key(Source((text,))) for text in read}
    assert all(parts.values())
    assert sum(map(len, parts.values())) == len(set.union(*parts.values()))  # none in two of them


def test_a_run_that_blows_up_says_what_to_change(folder, tmp_path):
    wild = override(CONFIG, ["train.lr=100", "train.warmup=1", "train.steps=200"])
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


@pytest.mark.parametrize(
    ("metrics", "ended", "kept"),
    [
        ([5.0, 4.0, 3.0], 6, 2),
        ([5.0, 5.0, 5.0], 6, 6),  # of equals the one that has learned longer
        ([1.0, 2.0, 2.0, 1.5], 8, 6),
        ([0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 9.0], 14, 12),  # at 0 patience waits
    ],
)
def test_early_stopping_and_which_weights_are_kept(
    folder, tmp_path, monkeypatch, metrics, ended, kept
):
    script, kept_at = iter(metrics), []
    monkeypatch.setattr(
        loop, "validation", lambda *_: lambda model: (next(script), ("source", "output"))
    )
    save = checkpoint.save
    monkeypatch.setattr(
        checkpoint,
        "save",
        lambda *given: (kept_at.append(len(metrics) - _left(script)), save(*given)),
    )
    config = override(CONFIG, ["train.patience=2", "train.eval_every=2"])
    progress = run(config, folder, tmp_path)
    told = [p for p in progress if p.metric is not None]
    assert told[-1].step == ended
    assert told[-1].best == max(metrics[: ended // 2])
    assert checkpoint.load(tmp_path).parameters
    assert kept_at[-1] == kept // 2
    warned = ["still 0" in p.note for p in told]
    assert warned == [n > 0 and max(metrics[: n + 1]) == 0 for n in range(len(told))]


def _left(script) -> int:
    """How many are left of a list's iterator."""
    return script.__length_hint__()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("zh", "我们昨天在公园里看见一只小狗"), ("", "我们昨天在公园里看见一只小狗"),
        ("ja", "きのうこうえんで犬を見ました"), ("", "きのうこうえんで犬を見ました"),
        ("th", "เมื่อวานเราเห็นสุนัขในสวน"), ("", "เมื่อวานเราเห็นสุนัขในสวน"),
        ("yue", "我哋琴日喺公園見到一隻狗仔"), ("zh-Hant", "我們昨天在公園裡看見一隻小狗"),
        ("lo", "ມື້ວານນີ້ພວກເຮົາເຫັນໝາຢູ່ໃນສວນ"), ("ko", "어제 우리는 공원에서 강아지를 보았다"),
    ],
)  # fmt: skip
def test_what_is_nearly_right_does_not_validate_at_0(language, words):
    score = TASKS["translation"].score
    references = [[words], [words[::-1]]]
    assert score([words, words[::-1]], references, language) == pytest.approx(100)
    nearly = [words[:-2] + words[0] + words[-1], words[::-1]]
    assert 40 < score(nearly, references, language) < 100
    assert "13a" not in bleu(nearly, references, language)[1] or language == "ko"


@pytest.mark.parametrize(
    "targets", [["oui", "non"], ["Bonjour", "Ça va"], ["un chien", "trois chats"]]
)
def test_short_targets_do_not_validate_at_0(targets):
    score = TASKS["translation"].score
    references = [[target] for target in targets]
    assert score(targets, references, "fr") == pytest.approx(100)
    assert 20 < score([targets[0], "x"], references, "fr") < 90


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
