"""By hand = by the libraries: BLEU and chrF of sacrebleu, ROUGE of rouge-score; and what a search saves."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from rouge_score.rouge_scorer import RougeScorer
from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF

from s2s import metrics
from s2s.analysis.lessons.overlap import bleu, chrf, common, order, rouge_l, rouge_n
from s2s.analysis.lessons.savings import savings
from s2s.config import SearchOptions
from s2s.models.contract import Step
from s2s.search.beam import search_one
from tests.conftest import make_model, make_src

WORDS = st.lists(st.sampled_from(["the", "cat", "sat", "on", "a", "mat"]), min_size=1, max_size=12)
LINES = st.text("abcd .é猫", max_size=24)


@given(WORDS, WORDS)
@settings(deadline=None)
def test_bleu_is_sacrebleu_s(output, reference):
    theirs = BLEU(effective_order=True, tokenize="none").sentence_score(
        " ".join(output), [" ".join(reference)]
    )
    found = bleu(output, reference)
    assert found.score == pytest.approx(theirs.score, abs=1e-9)
    assert found.brevity == pytest.approx(theirs.bp)
    assert [o.matched for o in found.orders] == theirs.counts
    assert [o.total for o in found.orders] == theirs.totals


@given(LINES, LINES)
@settings(deadline=None)
def test_chrf_is_sacrebleu_s(output, reference):
    theirs = CHRF().sentence_score(output, [reference]).score
    assert chrf(output, reference)[0].score == pytest.approx(theirs, abs=1e-9)


@given(WORDS, WORDS)
@settings(deadline=None)
def test_rouge_is_rouge_score_s(output, reference):
    theirs = RougeScorer(["rouge1", "rouge2", "rougeL"]).score(
        " ".join(reference), " ".join(output)
    )
    found = {"rouge1": rouge_n(output, reference, 1), "rouge2": rouge_n(output, reference, 2)}
    for name, own in (found | {"rougeL": rouge_l(output, reference)}).items():
        assert own.score == pytest.approx(100 * theirs[name].fmeasure, abs=1e-9)
        assert own.recall == pytest.approx(100 * theirs[name].recall, abs=1e-9)
        assert own.precision == pytest.approx(100 * theirs[name].precision, abs=1e-9)


def test_counts_are_clipped():
    """Papineni et al. 2002, section 2.1: "the" seven times against a reference with two of them."""
    o = order(["the"] * 7, ["the", "cat", "is", "on", "the", "mat"], 1)
    assert (o.matched, o.total) == (2, 7)
    assert o.rows == ((("the",), 7, 2, 2),)


@given(WORDS, WORDS)
def test_the_common_part_stands_in_both_in_order(output, reference):
    pairs = common(output, reference)
    assert all(output[i] == reference[j] for i, j in pairs)
    assert pairs == sorted(pairs)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)


def test_nothing_scores_nothing():
    assert bleu([], ["a"]).score == chrf("", "a")[0].score == rouge_l([], ["a"]).score == 0


class Counting:
    """A decoder that counts what is asked of it."""

    def __init__(self, model):
        self.model, self.encoded, self.rows = model, 0, 0

    def __getattr__(self, name):
        return getattr(self.model, name)

    def encode(self, source):
        self.encoded += source.numel()
        return self.model.encode(source)

    def step(self, token, carry, memory) -> Step:
        self.rows += token.numel()
        return self.model.step(token, carry, memory)


@pytest.mark.parametrize("beam", [1, 3])
def test_savings_count_what_the_decoder_was_asked(beam):
    counted = Counting(make_model("transformer"))
    trace = search_one(counted, make_src([7])[0].tolist(), SearchOptions(beam=beam, max_length=9))
    found = savings(trace)
    assert found.kept[0] == counted.encoded == 7
    assert found.kept[1] <= counted.rows  # dead rows go through the model too
    assert found.steps == len(trace.recorded.token)
    assert found.anew[0] == 7 * found.rows
    if beam == 1:
        assert found.kept[1] == counted.rows
        assert found.anew[1] == sum(range(1, counted.rows + 1))
    assert found.times > 1
    assert torch.is_tensor(counted.embedding.weight)


@pytest.mark.parametrize(
    ("output", "reference"),
    [
        ("I'd like a cup of coffee, please.", "I would like a coffee, please!"),
        ("我想喝一杯咖啡。", "我要一杯咖啡。"),
        ("Cats were sleeping, 3.5 hours", "The cat was sleeping for 3.5 hours."),
        ("", "a"),
    ],
)
def test_its_words_are_those_that_the_scores_of_the_project_count(output, reference):
    words, given = (metrics.bleu_words(t, [reference]) for t in (output, reference))
    theirs = metrics.sentence_bleu(output, [reference])
    assert bleu(words, given).score == pytest.approx(theirs, abs=1e-9)
    own, right = (metrics.rouge_words(t, [reference]) for t in (output, reference))
    rouges = metrics.rouges([output], [[reference]])
    assert rouge_n(own, right, 1).score == pytest.approx(rouges["rouge1"], abs=1e-9)
    assert rouge_n(own, right, 2).score == pytest.approx(rouges["rouge2"], abs=1e-9)
    assert rouge_l(own, right).score == pytest.approx(rouges["rougeL"], abs=1e-9)
