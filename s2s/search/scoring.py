"""The score that outputs are ranked by: the one place with its formula."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from s2s.config import SearchOptions
from s2s.trace import Hypothesis


def normalise(total, length, options: SearchOptions):
    """Length-normalised score; floats or arrays.

    ``average``: total / length^alpha. ``gnmt``: total / ((5 + length) / 6)^alpha (Wu et al. 2016,
    eq. 14). The end of sentence counts as a token.
    """
    if options.length_norm == "average":
        return total / length**options.alpha
    if options.length_norm == "gnmt":
        return total / ((5 + length) / 6) ** options.alpha
    return total


def coverage_penalty(mass: Tensor, beta: float) -> Tensor:
    """beta * sum_j log min(sum_t alpha_tj, 1) (Wu et al. 2016, eq. 14): mass (...,S) → (...)."""
    return beta * mass.clamp(1e-6, 1).log().sum(-1)


def coverage(h: Hypothesis, beta: float) -> float:
    """β Σ_j log min(Σ_t α_tj, 1), as Wu et al. 2016, eq. 14; 0 without attention."""
    if not beta or h.attention is None:
        return 0.0
    mass = torch.from_numpy(h.alpha().astype(np.float64).sum(0))  # (S)
    return float(coverage_penalty(mass, beta))


def score(h: Hypothesis, options: SearchOptions) -> float:
    """(total + repetition penalty - λ log p(out)) / length norm + coverage penalty: the ranking score.

    λ is ``options.mutual``; it counts if the output's probability by itself is known.
    """
    total = h.total + h.penalty - options.mutual * (h.lm or 0.0)
    length = float(normalise(total, len(h.tokens), options))
    return length + coverage(h, options.coverage)
