"""Which side of its point a label stands on, so that labels do not lie on each other."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

SIDES = {  # Plotly's name → which way the label's middle lies from the point, in half labels
    "top center": (0, 1),
    "bottom center": (0, -1),
    "middle right": (1, 0),
    "middle left": (-1, 0),
    "top right": (1, 1),
    "top left": (-1, 1),
    "bottom right": (1, -1),
    "bottom left": (-1, -1),
}
SIZE = 680, 340  # pixels of a plot as wide as the page, about: its width is the window's
HALF = 380, 250  # of one of two beside each other
POINT, LINE, LETTER = 12, 17, 7.5  # pixels: a mark, and a letter's height and width
WIDE = 0x2E80  # from here on scripts whose letters are twice as wide


def sides(
    points: np.ndarray,
    words: Sequence[str],
    spans: np.ndarray,
    size: tuple[int, int] = SIZE,
) -> list[str]:
    """Plotly's text position for each of the points (N,2), whose axes show ``spans`` (2,2) on ``size`` pixels.

    Greedy, in the order given: the first side of ``SIDES`` on which a label covers least of the marks and
    of the labels before it.
    """
    spans = np.asarray(spans, float)
    scale = np.array(size) / np.maximum(spans[:, 1] - spans[:, 0], 1e-6)
    at = (np.asarray(points, float) - spans[:, 0]) * scale
    mark = np.full(2, POINT / 2)
    taken = [(p - mark, p + mark) for p in at]
    found = []
    for n, (point, word) in enumerate(zip(at, words, strict=True)):
        width = sum(LETTER * (1 + (ord(c) >= WIDE)) for c in word)
        half = np.array((width / 2, LINE / 2))
        others = taken[:n] + taken[n + 1 :]
        placed = {}
        for side, way in SIDES.items():
            middle = point + np.array(way) * (half + mark)
            placed[side] = middle - half, middle + half
        best = min(placed, key=lambda side: sum(_shared(placed[side], box) for box in others))
        found.append(best)
        taken.append(placed[best])
    return found


def _shared(a: tuple[np.ndarray, np.ndarray], b: tuple[np.ndarray, np.ndarray]) -> float:
    """The area that two boxes, each (lowest, highest) corner, have in common."""
    sizes = np.minimum(a[1], b[1]) - np.maximum(a[0], b[0])
    return float(np.prod(np.maximum(sizes, 0)))
