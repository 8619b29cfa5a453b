"""Many widths share one pass; the prefixes they share are computed once."""

from __future__ import annotations

from dataclasses import replace

import pytest

from s2s.analysis.sweep import search_widths, sweep
from s2s.config import SearchOptions
from s2s.search.beam import search
from tests.conftest import make_src

OPTIONS = [
    SearchOptions(max_length=12),
    SearchOptions(max_length=10, length_norm="gnmt", alpha=0.6, coverage=0.3),
    SearchOptions(block_ngram=2, repetition_penalty=1.3, min_length=4, max_length=12),
    SearchOptions(groups=3, diversity=0.6, max_length=10),
]


@pytest.mark.parametrize("options", OPTIONS, ids=["plain", "coverage", "constraints", "diverse"])
def test_the_sweep_at_a_width_is_a_beam_of_that_width(model, options):
    src = make_src([6])
    traces, shared = search_widths(model, src[0].tolist(), options, range(1, 8), record=True)
    assert shared.computed < shared.asked
    for width, trace in enumerate(traces, 1):
        alone = search(model, src, replace(options, beam=width))[0]
        assert [h.tokens for h in trace.hypotheses] == [h.tokens for h in alone.hypotheses]
        for h, other in zip(trace.hypotheses, alone.hypotheses, strict=True):
            assert h.score == pytest.approx(other.score, abs=1e-4)
            assert h.logprobs == pytest.approx(other.logprobs, abs=1e-4)
            if h.attention is not None:
                assert h.attention == pytest.approx(other.attention, abs=1e-4)
        assert (trace.steps.fate == alone.steps.fate).all()


def test_a_prefix_begins_every_output(model):
    traces, _ = search_widths(model, make_src([6])[0].tolist(), OPTIONS[0], (1, 4), prefix=(5, 6))
    assert all(t.best.tokens[:2] == (5, 6) for t in traces)


def test_what_no_output_contains_never_comes(model):
    src = make_src([6])
    banned = search(model, src, OPTIONS[0])[0].best.tokens[0]
    model.vocabulary = replace(model.vocabulary, never=(*model.vocabulary.never, banned))
    traces, _ = search_widths(model, src[0].tolist(), OPTIONS[0], (1, 4))
    alone = search(model, src, replace(OPTIONS[0], beam=4))[0]
    assert traces[1].best.tokens == alone.best.tokens
    assert all(banned not in h.tokens for t in traces for h in t.hypotheses)


def test_worse_and_distinct_are_told(model):
    found = sweep(model, make_src([7], seed=3)[0].tolist(), OPTIONS[0], range(1, 9))
    assert found.outputs == len({w.best.tokens for w in found.widths})
    best = found.widths[0].best.score
    for w in found.widths:
        assert w.worse == pytest.approx(max(0.0, best - w.best.score), abs=1e-6)
        best = max(best, w.best.score)
        first = next(x for x in found.widths if x.output == w.output)
        assert first.best.tokens == w.best.tokens


def test_a_sampling_trace_is_swept_as_a_beam(model):
    src = make_src([5])[0].tolist()
    a = sweep(model, src, SearchOptions(method="sample", max_length=8), (1, 3))
    b = sweep(model, src, SearchOptions(max_length=8), (1, 3))
    assert [w.best.tokens for w in a.widths] == [w.best.tokens for w in b.widths]
