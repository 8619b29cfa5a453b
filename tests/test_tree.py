"""The search as a tree and as a film, both from the trace alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from s2s.analysis.playback import follow, play
from s2s.analysis.tree import ROOT, grow, lines
from s2s.config import SearchOptions
from s2s.search.beam import search
from s2s.trace import Fate
from tests.conftest import make_model, make_src

OPTIONS = {
    "beam": SearchOptions(beam=4, max_length=12),
    "greedy": SearchOptions(beam=1, max_length=12),
    "blocked": SearchOptions(beam=3, block_ngram=1, repetition_penalty=1.4, max_length=9),
    "cut": SearchOptions(beam=3, min_length=8, max_length=8),
    "diverse": SearchOptions(beam=4, groups=2, diversity=0.7, max_length=12),
    "sample": SearchOptions(method="sample", beam=4, max_length=8, seed=2),
}


@pytest.fixture(params=list(OPTIONS))
def trace(model, request):
    return search(model, make_src([7]), OPTIONS[request.param])[0]


@pytest.fixture
def one():
    return search(make_model("bahdanau"), make_src([7]), OPTIONS["beam"])[0]


def test_every_output_is_a_path_and_its_edges_add_up(trace):
    tree = grow(trace)
    for rank, h in enumerate(trace.hypotheses):
        through = [n for n in tree.nodes if rank in n.ranks]
        assert [n.token for n in through] == list(h.tokens)
        assert sum(n.logprob for n in through) == pytest.approx(h.total, abs=1e-4)
        assert through[-1].total == pytest.approx(h.total + h.penalty, abs=1e-4)


def test_each_prefix_stands_once(trace):
    tree = grow(trace, pruned=3)
    paths = [tree.tokens(n.id) for n in tree.nodes]
    assert len(paths) == len(set(paths))
    assert all(tree.nodes[n.parent].depth == n.depth - 1 for n in tree.nodes[1:])


def test_the_tree_holds_what_was_kept_and_pruned_only_on_request(one):
    s = one.steps
    kept = int(((s.fate == Fate.KEPT) | (s.fate == Fate.FINISHED)).sum())
    assert len(grow(one).nodes) == 1 + kept
    with_lost = grow(one, pruned=2)
    lost = [n for n in with_lost.nodes if n.fate == Fate.PRUNED]
    assert lost
    assert len(with_lost.nodes) == 1 + kept + len(lost)
    for node in with_lost.nodes:
        assert sum(c.fate == Fate.PRUNED for c in with_lost.children(node.id)) <= 2


def test_lines_cover_the_tree_and_never_overlap(trace):
    tree = grow(trace, pruned=1)
    found = lines(tree)
    assert sorted(n for line in found for n in line.nodes) == list(range(len(tree.nodes)))
    spots = [(line.lane, tree.nodes[n].depth) for line in found for n in line.nodes]
    assert len(spots) == len(set(spots))
    best = [n.id for n in tree.nodes if 0 in n.ranks]
    assert list(found[0].nodes[: len(best) + 1]) == [ROOT, *best]
    assert found[0].lane == 0


def test_lanes_are_few(one):
    """A beam of 4 has at most 4 rows and 4 ends a step, however long it runs."""
    assert max(line.lane for line in lines(grow(one))) < 9


def test_a_film_shows_the_rows_of_the_search(trace):
    s, frames = trace.steps, play(trace)
    assert len(frames) == len(s.fate)
    for t, frame in enumerate(frames):
        assert {h.row for h in frame.live} == set(np.flatnonzero(s.before[t] > -np.inf))
        for h in frame.live:
            assert len(h.tokens) == t
        for fate in (Fate.KEPT, Fate.FINISHED, Fate.PRUNED, Fate.BLOCKED):
            assert len(frame.of(fate)) == int((s.fate[t] == fate).sum())


def test_live_totals_are_what_the_model_says(one):
    model, src = make_model("bahdanau"), make_src([7])
    for frame in play(one)[1:]:
        for h in frame.live:
            tgt_in = torch.tensor([[2, *h.tokens[:-1]]])
            with torch.no_grad():
                logp = model(src, tgt_in)[0]
            expected = float(logp[torch.arange(len(h.tokens)), torch.tensor(h.tokens)].sum())
            assert h.total == pytest.approx(expected, abs=1e-4)
            assert h.score == pytest.approx(expected / len(h.tokens), abs=1e-4)


def test_every_candidate_has_a_story(trace):
    """Following a candidate's tokens finds the very fate that the film shows."""
    outputs = {h.tokens for h in trace.hypotheses}
    for frame in play(trace):
        for c in frame.of(Fate.PRUNED, Fate.FINISHED):
            story = follow(trace, c.tokens)
            if c.tokens in outputs:
                assert story.end == "output"
                assert trace.hypotheses[story.rank].tokens == c.tokens
            elif trace.options.method == "beam" and trace.options.groups == 1:
                assert (story.end, story.step) == (c.fate.name.lower(), frame.t)
                assert story.gap == pytest.approx(c.gap)


def test_a_path_that_never_was_is_unseen(one):
    shown = set(one.steps.token[0, 0])
    other = next(i for i in range(4, 23) if i not in shown)
    assert follow(one, (other, 3)).end == "unseen"


def test_without_recording_there_is_no_tree(one):
    bare = search(make_model("bahdanau"), make_src([7]), OPTIONS["beam"], record=False)[0]
    for made in (grow, play):
        with pytest.raises(ValueError, match="record"):
            made(bare)
