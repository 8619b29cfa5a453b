"""The score that outputs are ranked by: the one place with its formula.

score = (total + what a repetition penalty added) / norm(length) + coverage penalty

T target length · S source length · L layers · H heads.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from s2s.config import SearchOptions
from s2s.trace import Hypothesis


def normalise(total: Any, length: Any, options: SearchOptions) -> Any:
    """total / norm(length), numbers or arrays. The end of sentence counts as a token.

    ``average``: norm = length^alpha. ``gnmt``: norm = ((5 + length) / 6)^alpha (Wu et al. 2016,
    eq. 14). ``none``: norm = 1.
    """
    if options.length_norm == "average":
        return total / length**options.alpha
    if options.length_norm == "gnmt":
        return total / ((5 + length) / 6) ** options.alpha
    return total


def coverage_penalty(mass: np.ndarray, options: SearchOptions) -> float:
    """beta * sum_j log min(sum_t alpha_tj, 1) (Wu et al. 2016, eq. 14), ≤ 0.

    mass (S): the attention that each source token received over all steps, on average over layers and heads.
    """
    if not options.coverage:
        return 0.0
    return float(options.coverage * np.log(np.clip(mass, 1e-6, 1)).sum())


def coverage(attention: np.ndarray | None, options: SearchOptions) -> float:
    """Coverage penalty of a whole output, attention (T,L,H,S); 0 without attention."""
    if attention is None or not options.coverage:
        return 0.0
    return coverage_penalty(attention.mean((1, 2), dtype=np.float64).sum(0), options)


def score(total: float, length: int, covered: float, options: SearchOptions) -> float:
    """total: with what a repetition penalty added; covered: the coverage penalty."""
    return float(normalise(total, length, options)) + covered


def score_of(h: Hypothesis, options: SearchOptions) -> float:
    """The score of an output under ``options``, which need not be those it was found with."""
    return score(h.total + h.penalty, len(h.tokens), coverage(h.attention, options), options)


def place(h: Hypothesis, points: float, some_cut: bool) -> tuple[bool, bool, float]:
    """What outputs are sorted by. ``some_cut``: whether any of them was cut at the length limit.

    Cut ones stand behind finished ones; but an empty output, which says nothing, stands behind all.
    """
    return some_cut and h.empty, not h.finished, -points


def ranked(found: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Best first, by score."""
    some_cut = any(not h.finished for h in found)
    return sorted(found, key=lambda h: place(h, h.score, some_cut))
