"""A sentence's probability as a chain: what each token multiplies to it.

T target length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Chain:
    """The chain rule over one output."""

    each: np.ndarray
    """(T) p(y_t | y_<t, x)."""
    so_far: np.ndarray
    """(T) p(y_1 … y_t | x): the product up to each token."""
    perplexity: float
    """exp of the mean nats a token: as if so many tokens had been equally likely at each step."""


def chain(logprobs: Sequence[float]) -> Chain:
    """p(y | x) = prod_t p(y_t | y_<t, x) (Sutskever et al. 2014, eq. 1). logprobs: natural, at least one."""
    logs = np.asarray(logprobs, dtype=float)  # (T)
    return Chain(np.exp(logs), np.exp(logs.cumsum()), float(np.exp(-logs.mean())))
