"""The Beam lab's figures: nothing is lost, nothing is read as mark-up."""

from __future__ import annotations

from html import escape

import numpy as np
import pytest

from s2s.analysis.autopsy import align
from s2s.analysis.tree import grow, lines
from s2s.config import SearchOptions
from s2s.figures.chips import by_rank, changes, rank_kind
from s2s.figures.curves import by_width, places
from s2s.figures.steps import race, ranking
from s2s.figures.tree import STYLES, beam_tree, kind
from s2s.search.beam import search
from tests.conftest import make_model, make_src

EVIL = "<b>x</b> <a href='y'>"


def texts(figure) -> str:
    return figure.to_json().replace("\\u003c", "<").replace("\\u003e", ">")


@pytest.fixture(scope="module")
def drawn():
    trace = search(make_model("bahdanau"), make_src([7]), SearchOptions(beam=4, max_length=12))[0]
    tree = grow(trace, pruned=1)
    labels = [EVIL] * len(tree.nodes)
    scores = [h.score for h in trace.hypotheses]
    return trace, tree, beam_tree(tree, lines(tree), labels, scores)


def test_every_node_has_its_word_and_its_edge(drawn):
    trace, tree, figure = drawn
    words = [t for t in figure.data if t.mode == "text" and t.customdata is not None]
    assert sum(len(t.x) for t in words) == len(tree.nodes) - 1
    edges = [t for t in figure.data if t.mode == "lines"]
    assert sum(list(t.x).count(None) for t in edges) == len(tree.nodes) - 1
    (best,) = (t for t in edges if t.name == "chosen output")
    assert set(best.x) == {0, None}  # straight down on the left
    assert list(best.x).count(None) == len(trace.best.tokens)
    (numbers,) = (t for t in figure.data if t.text and any("#1" in x for x in t.text))
    assert len(numbers.text) == len(trace.hypotheses)


def test_every_colour_of_the_tree_is_in_its_legend(drawn):
    _, tree, figure = drawn
    named = {t.name for t in figure.data if t.showlegend is not False and t.mode == "lines"}
    assert named == {kind(n) for n in tree.nodes[1:]}
    assert named <= set(STYLES)


def test_no_figure_reads_text_as_mark_up(drawn):
    figures = [
        drawn[2],
        ranking([EVIL, EVIL], [-1.0, -2.0], ["kept", "pruned"], [0.0, 1.0], -1.0),
        race((np.array([-1.0]), np.array([-2.0])), ("a", "b"), ([EVIL], [EVIL])),
        by_width([1, 2], [-1.0, -2.0], [False, True], [EVIL, EVIL]),
        places([0, 1], [[1, 2], [2, 1]], [EVIL, EVIL], 0.5),
    ]
    for figure in figures:
        found = texts(figure)
        assert "<a href" not in found
        assert "&lt;" in found
    for html in (
        by_rank([EVIL], [1], [0.5], 3),
        changes(align([1], [2]), [EVIL], [EVIL]),
    ):
        assert "<b>x" not in html
        assert "<a href" not in html
        assert "&lt;b&gt;" in html


def test_ranks_have_three_kinds_and_a_legend():
    html = by_rank(["a", "b", "c"], [1, 3, 4], [0.5, 0.1, 0.01], 3)
    kinds = [rank_kind(r, 3) for r in (1, 3, 4)]
    assert len(set(kinds)) == 3
    for name in kinds:
        assert escape(name) in html
    assert "rank 2 to" not in by_rank(["a"], [1], [0.5], 1)


def test_pruned_candidates_show_how_much_they_missed():
    figure = ranking(["a", "b"], [-1.0, -2.5], ["kept", "pruned"], [0.0, 1.5], -1.0)
    assert "1.50 short" in texts(figure)
    assert "the cut" in texts(figure)


def test_changes_mark_what_differs():
    html = changes(align([1, 2, 3], [1, 4, 3]), ["a", "b", "c"], ["a", "x", "c"])
    assert html.count("data-changed") == 2
    assert changes(align([1], [1]), ["a"], ["a"]).count("data-changed") == 0


def test_worse_widths_have_their_own_mark():
    figure = by_width([1, 2, 3], [-1.0, -2.0, -0.5], [False, True, False], ["a", "b", "c"])
    (bad,) = (t for t in figure.data if t.name == "worse than a narrower beam")
    assert list(bad.x) == [2]
