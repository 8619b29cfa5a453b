"""Figures of several values a place: every series has its name, and text stays text."""

from __future__ import annotations

import math

from s2s.figures.series import by_length, lines, side_by_side
from s2s.figures.style import standalone

EVIL = "<img src=x onerror=alert(1)>"


def test_every_series_is_named_and_whole():
    figure = side_by_side(["a", "b"], {"clean": [0.1, 0.2], "slipped": [0.3, -0.4]}, "nats")
    assert [t.name for t in figure.data] == ["clean", "slipped"]
    assert figure.layout.showlegend
    assert list(figure.data[1].y) == [0.3, -0.4]
    assert len(side_by_side(["a"], {"x": [1]}, "y", marked=0).layout.shapes) == 1


def test_a_logarithm_is_asked_of_nothing_that_is_zero():
    figure = lines([0, 1, 2], {"rnn": [1, 0.1, 0.0], "lstm": [1, 1]}, ("d", "norm"), log=True)
    assert figure.data[0].y[2] is None
    assert list(figure.data[1].x) == [0, 1]
    assert figure.layout.yaxis.type == "log"
    assert len({t.line.dash for t in figure.data}) == 2  # told apart without colour


def test_the_star_is_the_first():
    scores = [-1.0, -2.0, -3.0]
    figure = by_length([5, 3, 4], scores, ["a", "b", "c"], ("l", "s"), ("first", "rest"))
    assert list(figure.data[0].x) == [5]
    assert figure.data[0].name == "first"
    assert sum(len(t.x) for t in figure.data) == 3
    assert len(by_length([3], [-2.0], ["a"], ("l", "s"), ("first", "rest")).data) == 1


def test_text_is_never_markup():
    found = [
        side_by_side([EVIL], {EVIL: [1]}, EVIL),
        lines([0], {EVIL: [1]}, (EVIL, EVIL)),
        by_length([1], [math.pi], [EVIL], (EVIL, EVIL), (EVIL, EVIL)),
    ]
    for figure in found:
        drawn = str(figure.to_plotly_json())
        assert "<img" not in drawn
        assert "&lt;img" in drawn
    assert "onerror" in standalone(found[0], "t")
