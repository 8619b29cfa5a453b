"""Greedy beside beam, and outputs put into another order."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from s2s.analysis.autopsy import align, autopsy, overtakes
from s2s.analysis.playback import play
from s2s.analysis.rerank import pool, rank_curves, rerank
from s2s.config import SearchOptions
from s2s.search.beam import search
from s2s.text.vocabulary import EOS
from s2s.trace import Fate
from tests.conftest import ARCHITECTURES, make_model, make_src

BEAM = SearchOptions(beam=5, max_length=12)


def pairs():
    """Greedy and beam over several sources and models."""
    for name in ARCHITECTURES:
        model = make_model(name)
        for seed in range(6):
            src = make_src([6], seed=seed)
            yield (
                search(model, src, replace(BEAM, beam=1))[0],
                search(model, src, BEAM)[0],
            )


def test_the_autopsy_adds_up():
    parted = 0
    for greedy, beam in pairs():
        found = autopsy(greedy, beam)
        a, b = greedy.best, beam.best
        assert found.totals[0][-1] == pytest.approx(a.total, abs=1e-4)
        assert found.totals[1][-1] == pytest.approx(b.total, abs=1e-4)
        assert found.scores[0][-1] == pytest.approx(a.score, abs=1e-6)
        assert found.scores[1][-1] == pytest.approx(b.score, abs=1e-6)
        assert found.total_gap == pytest.approx(b.total - a.total)
        assert found.score_gap == pytest.approx(b.score - a.score)
        if found.first is None:
            assert a.tokens == b.tokens
            assert found.greedy.end == "output"
            continue
        parted += 1
        assert a.tokens[: found.first] == b.tokens[: found.first]
        assert a.tokens[found.first] != b.tokens[found.first]
        assert found.loss >= -1e-6  # greedy took the most probable token
        assert found.totals[0][found.first] - found.totals[1][found.first] == pytest.approx(
            found.loss, abs=1e-4
        )
        if found.overtook is None:
            assert found.total_gap <= 0
        else:
            ahead = found.totals[1] - found.totals[0]
            assert (ahead[found.overtook :] > 0).all()
            assert ahead[found.overtook - 1] <= 0
    assert parted >= 5


def test_what_became_of_greedy_in_the_beam():
    stories = set()
    for greedy, beam in pairs():
        story = autopsy(greedy, beam).greedy
        stories.add(story.end)
        if story.end == "pruned":
            frame = play(beam)[story.step]
            wanted = greedy.best.tokens[: story.step + 1]
            (lost,) = (c for c in frame.of(Fate.PRUNED) if c.tokens == wanted)
            if wanted[-1] != EOS:
                assert story.gap == pytest.approx(frame.cut - lost.total, abs=1e-5)
        if story.end == "output":
            assert beam.hypotheses[story.rank].tokens == greedy.best.tokens
    assert {"output", "pruned"} <= stories


@pytest.mark.parametrize(
    ("a", "b", "first", "expected"),
    [
        ([-1.0, -2.0, -3.0], [-1.0, -2.5, -2.9], 1, 2),
        ([-1.0, -2.0, -3.0], [-1.0, -2.5, -3.5], 1, None),
        ([-1.0, -2.0, -3.0, -4.0], [-1.0, -1.5, -3.5, -3.9], 1, 3),
        ([-1.0], [-1.0], None, None),
    ],
)
def test_overtaking_lasts(a, b, first, expected):
    assert overtakes(np.array(a), np.array(b), first) == expected


@pytest.mark.parametrize(
    ("a", "b", "changes"),
    [("kitten", "sitting", 3), ("", "abc", 3), ("abc", "", 3), ("same", "same", 0), ("", "", 0)],
)
def test_alignment_uses_every_position_once_and_the_fewest_changes(a, b, changes):
    found = align([ord(c) for c in a], [ord(c) for c in b])
    assert [i for i, _ in found if i is not None] == list(range(len(a)))
    assert [j for _, j in found if j is not None] == list(range(len(b)))
    assert sum(i is None or j is None or a[i] != b[j] for i, j in found) == changes


@pytest.mark.parametrize(
    ("norm", "alpha", "beta"),
    [("none", 1.0, 0.0), ("average", 1.0, 0.0), ("average", 0.3, 0.4), ("gnmt", 1.6, 0.8)],
)
def test_another_order_is_what_a_new_search_would_give(model, norm, alpha, beta):
    """The beam prunes by raw totals, so length and coverage weights only order what it found."""
    src = make_src([6])
    old = search(model, src, SearchOptions(beam=4, max_length=10, length_norm="gnmt", alpha=0.2))[0]
    options = replace(old.options, length_norm=norm, alpha=alpha, coverage=beta)
    ranked = rerank(pool(old), options)[: options.beam]
    new = search(model, src, options)[0].hypotheses
    assert [r.hypothesis.tokens for r in ranked] == [h.tokens for h in new]
    assert [r.score for r in ranked] == pytest.approx([h.score for h in new], abs=1e-4)


def test_the_same_weights_change_nothing(model):
    for options in (
        BEAM,
        SearchOptions(beam=3, min_length=6, max_length=6, coverage=0.3),
        SearchOptions(beam=4, groups=2, max_length=10),
    ):
        trace = search(model, make_src([6]), options)[0]
        ranked = rerank(pool(trace), options)
        assert [r.was for r in ranked] == list(range(len(ranked)))
        assert [r.hypothesis.tokens for r in ranked][: len(trace.hypotheses)] == [
            h.tokens for h in trace.hypotheses
        ]


def test_every_alpha_ranks_every_output():
    trace = search(make_model("bahdanau"), make_src([6]), BEAM)[0]
    found = pool(trace)
    curves = rank_curves(found, BEAM, [0.0, 0.5, 1.0])
    assert curves.shape == (len(found), 3)
    assert (np.sort(curves, 0) == np.arange(1, len(found) + 1)[:, None]).all()
    assert (curves[:, 2] == np.arange(1, len(found) + 1)).all()  # α = 1 is the search's own
