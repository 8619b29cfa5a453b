"""Labels of points: on free sides, in any order, for any number."""

from __future__ import annotations

import numpy as np
import pytest

from s2s.figures import labels
from s2s.figures.labels import SIDES, sides

SPANS = np.array([[-1.0, 1.0], [-1.0, 1.0]])


def covered(points: np.ndarray, words: list[str], chosen: list[str]) -> float:
    """Pixels of labels that lie on other labels."""
    at = (points - SPANS[:, 0]) * np.array(labels.SIZE) / 2
    boxes = []
    for point, word, side in zip(at, words, chosen, strict=True):
        half = np.array((len(word) * labels.LETTER, labels.LINE)) / 2
        middle = point + np.array(SIDES[side]) * (half + labels.POINT / 2)
        boxes.append((middle - half, middle + half))
    return sum(labels._shared(a, b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_a_label_alone_stands_above():
    assert sides(np.array([[-0.5, 0.5], [0.5, -0.5]]), ["one", "two"], SPANS) == ["top center"] * 2


@pytest.mark.parametrize("n", range(2, 9))
def test_a_few_words_close_together_do_not_cover_each_other(n):
    points = np.random.default_rng(n).normal(0, 0.08, (n, 2))
    words = ["never", "neither", "no", "cannot", "hardly", "unable", "not", "nothing"][:n]
    chosen = sides(points, words, SPANS)
    assert covered(points, words, chosen) <= 0.5 * covered(points, words, ["top center"] * n)
    if n < 5:
        assert covered(points, words, chosen) == 0


def test_points_at_one_place_and_wide_letters_have_sides_too():
    assert len(set(sides(np.zeros((4, 2)), ["结束", "句子", "", "x"], SPANS))) > 1
    assert sides(np.zeros((0, 2)), [], SPANS) == []


@pytest.mark.filterwarnings("error")
def test_axes_of_no_width_are_no_trouble():
    assert len(sides(np.ones((3, 2)), ["a", "b", "c"], np.ones((2, 2)))) == 3
