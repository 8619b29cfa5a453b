"""Minimum risk training: its gradient is that of the expected cost, and it raises the score."""

from __future__ import annotations

import pytest
import torch

from s2s.config import SearchOptions, override
from s2s.data.batches import Example, collate, pad
from s2s.errors import S2SError
from s2s.metrics import sentence_bleu
from s2s.models import build
from s2s.search.beam import search
from s2s.text.vocabulary import EOS, PAD
from s2s.training.loop import train
from s2s.training.risk import References, Risk
from tests.conftest import ARCHITECTURES, ids_of, make_model, toy_pairs
from tests.test_train import CONFIG

BEAM = 4


def examples_of(model, tokenizer) -> list[Example]:
    """Sources whose target is one of the model's own outputs, so that outputs differ in cost."""
    sources = [[*tokenizer.encode(s), EOS] for s, _ in toy_pairs(6)]
    traces = search(model, pad(sources, PAD), SearchOptions(beam=BEAM))
    return [
        Example(src, list(trace.hypotheses[n % BEAM].tokens))
        for n, (src, trace) in enumerate(zip(sources, traces, strict=True))
    ]


def references_of(examples: list[Example], tokenizer) -> References:
    return References(ids_of((e.src, e.tgt) for e in examples), tokenizer)


def expected_cost(model, batch, references: References) -> torch.Tensor:
    """The textbook's risk, through autograd: Q depends on the weights, the candidates do not."""
    total = torch.zeros(())
    for trace in search(model, batch.src, SearchOptions(beam=BEAM), record=False):
        cost, score = [], []
        for h in trace.hypotheses:
            one = collate([Example(list(trace.source), list(h.tokens))], model.vocabulary)
            logp = model(one.src, one.tgt_in)  # (1,T,V)
            score.append(logp.gather(2, one.tgt_out[:, :, None]).mean())
            text = references.tokenizer.decode(h.tokens)
            cost.append(1 - sentence_bleu(text, references.of(trace.source)) / 100)
        total = total + torch.stack(score).softmax(0) @ torch.tensor(cost)
    return total


@pytest.mark.parametrize("name", ["bahdanau", "sutskever", "transformer", "pointer"])
def test_the_gradient_is_that_of_the_expected_cost(name, tokenizer):
    architecture, options = ARCHITECTURES[name]
    torch.manual_seed(0)
    model = build(architecture, tokenizer.vocabulary, options | {"dropout": 0.0}).eval()
    examples = examples_of(model, tokenizer)
    batch, references = collate(examples, model.vocabulary), references_of(examples, tokenizer)

    def gradient(loss):
        model.zero_grad()
        loss.backward()
        return [p.grad.clone() for p in model.parameters() if p.grad is not None]

    mine = Risk(references, BEAM)(model, batch)
    theirs = expected_cost(model.eval(), batch, references)
    torch.testing.assert_close(mine, theirs, atol=1e-4, rtol=1e-4)
    ours, wanted = gradient(mine), gradient(theirs)
    assert max(float(g.abs().max()) for g in wanted) > 1e-6  # outputs differ in cost
    for a, b in zip(ours, wanted, strict=True):
        torch.testing.assert_close(a, b, atol=1e-6, rtol=1e-3)


def test_references_are_all_targets_of_a_source(tokenizer):
    def example(src, tgt):
        return Example([*tokenizer.encode(src), EOS], [*tokenizer.encode(tgt), EOS])

    first = [example("the cat", "le chat"), example("the dog", "le chien")]
    references = references_of([*first, example("the cat", "un chat")], tokenizer)
    assert sorted(references.of(first[0].src)) == ["le chat", "un chat"]
    assert references.of(first[1].src) == ["le chien"]


def test_one_output_has_nothing_to_be_compared_with(tokenizer):
    model = make_model("bahdanau", tokenizer.size)
    examples = examples_of(model, tokenizer)
    risk = Risk(references_of(examples, tokenizer), 1)
    assert not risk(model, collate(examples, model.vocabulary)).requires_grad


def test_the_score_of_the_beam_rises(folder, tmp_path):
    """A model half trained, then taught by risk alone: its training outputs score higher."""
    before = override(CONFIG, ["train.steps=200"])
    list(train(before, folder, tmp_path / "a"))
    after = override(
        CONFIG,
        [f"train.init={tmp_path / 'a'}", "train.steps=40", "train.risk=1.0", "train.lr=1e-3"],
    )
    first, *_, last = train(after, folder, tmp_path / "b")
    assert last.loss < first.loss


@pytest.mark.parametrize("more", [["train.risk=2.0"], ["train.risk=0.5", "search.beam=1"]])
def test_impossible_settings_are_refused(more, folder, tmp_path):
    with pytest.raises(S2SError, match=r"train\.risk"):
        list(train(override(CONFIG, more), folder, tmp_path))


def test_sentence_bleu_takes_the_best_of_all_references():
    assert sentence_bleu("le chat dort", ["un chien", "le chat dort"]) == pytest.approx(100)
    assert sentence_bleu("", ["le chat"]) == 0
