"""Pictures: right numbers, escaped text; and the analyses under them."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import pytest

from s2s.analysis.attention import merge_words, word_of
from s2s.analysis.autopsy import diverge
from s2s.config import SearchOptions
from s2s.figures.bars import alternatives, copying, parts
from s2s.figures.heatmap import COLUMNS, HEIGHT, ROWS, matrix
from s2s.figures.heatmap import strip as source_strip
from s2s.figures.lengths import by_length
from s2s.figures.style import piece, standalone
from s2s.figures.text import answer, shaded, strip
from s2s.search.forced import force
from s2s.trace import Hypothesis
from tests.conftest import make_model, make_src

EVIL = "<script>alert('x')</script><b>&amp;"


def hypothesis(tokens, logprobs, score=0.0):
    logprobs = np.array(logprobs)
    rows = tuple(0 for _ in tokens)
    return Hypothesis(
        tuple(tokens), logprobs, float(logprobs.sum()), 0.0, 0.0, score, True, rows, None
    )


def test_merged_rows_still_sum_to_one():
    model, src = make_model("bahdanau"), make_src([7])
    alpha = force(model, src[0].tolist(), [5, 6, 7, 8, 3], SearchOptions()).hypothesis.alpha()
    tgt = [("a", 0, 2), ("b", 2, len(alpha))]
    src = [("x", 0, 3), ("y", 3, 4), ("z", 4, 7)]
    merged = merge_words(alpha, tgt, src)
    assert merged.shape == (2, 3)
    assert merged.sum(1) == pytest.approx([1, 1])
    assert merged[0, 0] == pytest.approx(alpha[:2, :3].sum() / 2)
    assert word_of(3, src) == 1


def test_divergence_finds_the_first_difference_and_the_gaps():
    a = hypothesis([5, 6, 7], [-1, -1, -1], score=-1.0)
    b = hypothesis([5, 8, 7, 3], [-1, -2, -0.1, -0.1], score=-0.8)
    d = diverge(a, b)
    assert d.first == 1
    assert d.logprob_gap == pytest.approx(-0.2)
    assert d.score_gap == pytest.approx(0.2)
    assert diverge(a, a).first is None
    assert diverge(hypothesis([5], [-1]), hypothesis([5, 6], [-1, -1])).first == 1


def test_the_matrix_has_a_cell_for_every_weight():
    alpha = np.array([[0.25, 0.75], [1.0, 0.0], [0.5, 0.5]])
    figure = matrix(alpha, ["a", "a"], ["x", "x", EVIL])
    (picture,) = figure["data"]
    assert picture["z"] == alpha.tolist()
    assert (picture["zmin"], picture["zmax"]) == (0, 1)  # two pictures are on one scale
    assert "<script" not in str(figure)
    go.Figure(figure)  # all of it is known to Plotly


def test_bars_show_every_value():
    figure = alternatives(["a", EVIL, "c"], [0.5, 0.3, 0.2], ["chosen", "kept", "pruned"])
    assert sorted(x for trace in figure.data for x in trace.x) == [0.2, 0.3, 0.5]
    assert {trace.name for trace in figure.data} == {"chosen", "kept", "pruned"}
    assert "<script" not in figure.to_json().replace("\\u003c", "<")


def test_length_plot_has_a_line_a_model():
    row = {"words": [1, 5], "sentences": 30, "score": 40.0}
    figure = by_length({"with": [row], "without": [row | {"score": 20.0}]}, "BLEU")
    assert [t.name for t in figure.data] == ["with", "without"]
    assert figure.data[1].y[0] == 20.0


def test_standalone_figures_need_no_network():
    page = standalone(matrix(np.eye(2), ["a", "b"], ["c", "d"]), EVIL)
    assert "<script src=" not in page.replace("'", '"')
    assert "alert('x')</script>" not in page


def test_html_is_escaped():
    assert "<script" not in answer(EVIL)
    html = strip([EVIL, "b"], [0.5, 0.25], 1, EVIL, -0.5)
    assert "<script" not in html
    assert html.count('data-parting="true"') == 1


def test_a_long_pair_shows_a_window_of_a_fixed_height():
    alpha = np.full((50, 300), 0.1 / 299)
    alpha[:, 200] = 0.9
    figure = matrix(alpha, [f"w{i}" for i in range(300)], ["a"] * 50, breaks=[100], row=20)
    layout = figure["layout"]
    low, high = layout["xaxis"]["range"]
    assert high - low == COLUMNS
    assert low <= 200 <= high
    bottom, top = layout["yaxis"]["range"]
    assert bottom - top == ROWS
    assert top <= 20 <= bottom
    assert layout["height"] == HEIGHT
    assert layout["dragmode"] == "pan"
    assert layout["shapes"][0]["x0"] == 99.5
    whole = source_strip(alpha, [EVIL] * 300)
    assert whole["data"][0]["y"][200] == pytest.approx(45)
    assert "<script" not in str(whole)


def test_copying_and_turns_are_escaped_and_whole():
    figure = copying([EVIL, "b"], [0.9, 0.1], [0.0, 1.0])
    assert list(figure.data[0].y) == pytest.approx([0.1, 0.9])
    assert list(figure.data[1].y) == [0.0, 1.0]
    turns = parts([EVIL, "you ▸ hi"], [0.25, 0.75])
    assert list(turns.data[0].x) == [0.25, 0.75]
    html = shaded([EVIL, "b", "."], [0.0, 1.0, 2.0])
    assert 'b</span><span style="background' in html  # no space before a full stop
    for text in (figure.to_json(), turns.to_json(), html):
        assert "<script" not in text.replace("\\u003c", "<")


def test_speakers_have_names():
    assert piece("<you>") == "you ▸"
    assert piece("\u2581cat") == "·cat"
