"""Diverse beam search: groups of rows that avoid each other's tokens."""

from __future__ import annotations

import numpy as np
import pytest

from s2s.config import SearchOptions
from s2s.search.beam import search
from s2s.search.forced import force
from s2s.text.vocabulary import EOS
from s2s.trace import Fate
from tests.conftest import make_src
from tests.table import random_table


@pytest.fixture(scope="module")
def one():
    return random_table(looks=True), make_src([7])


def first_tokens(trace):
    return [h.tokens[0] for h in trace.hypotheses]


def test_groups_without_diversity_are_beams_side_by_side(one):
    model, src = one
    alone = search(model, src, SearchOptions(beam=2))[0]
    groups = search(model, src, SearchOptions(beam=6, groups=3, diversity=0.0))[0]
    assert [h.tokens for h in groups.hypotheses[:2]] == [h.tokens for h in alone.hypotheses]


def test_diversity_spreads_the_first_tokens(one):
    model, src = one
    plain = search(model, src, SearchOptions(beam=6))[0]
    diverse = search(model, src, SearchOptions(beam=6, groups=6, diversity=10.0))[0]
    assert len(set(first_tokens(diverse))) == 6 > len(set(first_tokens(plain)))


def test_diversity_is_no_part_of_any_score(one):
    model, src = one
    trace = search(model, src, SearchOptions(beam=6, groups=3, diversity=2.0))[0]
    assert len({h.tokens for h in trace.hypotheses}) == len(trace.hypotheses)
    for h in trace.hypotheses:
        forced = force(model, src[0].tolist(), h.tokens, SearchOptions()).hypothesis
        assert h.total == pytest.approx(forced.total, abs=1e-4)


def test_a_group_is_judged_within_itself(one):
    model, src = one
    trace = search(model, src, SearchOptions(beam=4, groups=2, diversity=1.0))[0]
    s = trace.steps
    assert (s.handicap[:, :2] == 0).all()
    assert (s.handicap[:, 2:] > 0).any()
    judged = s.total - s.handicap
    for t in range(len(judged)):
        for rows in (slice(0, 2), slice(2, 4)):
            kept = judged[t, rows][s.fate[t, rows] == Fate.KEPT]
            pruned = (s.fate[t, rows] == Fate.PRUNED) & (s.token[t, rows] != EOS)
            if len(kept) and pruned.any():
                gaps = kept.min() - judged[t, rows][pruned]
                np.testing.assert_allclose(s.gap[t, rows][pruned], np.maximum(gaps, 0), atol=1e-5)


def test_batched_groups_equal_single_ones(one):
    model, _ = one
    options = SearchOptions(beam=4, groups=2, diversity=1.0)
    src = make_src([6, 4, 7])
    together = search(model, src, options)
    for i, trace in enumerate(together):
        alone = search(model, src[i : i + 1, : len(trace.source)], options)[0]
        assert [h.tokens for h in trace.hypotheses] == [h.tokens for h in alone.hypotheses]
