"""One weight under Adam, by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

EPSILON = 1e-8


@dataclass(frozen=True)
class Update:
    """One step of one weight (Kingma and Ba 2015, algorithm 1; decay of Loshchilov and Hutter 2019)."""

    step: int
    """From 1."""
    gradient: float
    m: float
    """β1 m + (1-β1) g: the mean of gradients."""
    v: float
    """β2 v + (1-β2) g²: the mean of their squares."""
    m_hat: float
    """m / (1-β1^t): without the zeros that the mean began with."""
    v_hat: float
    change: float
    """-η (m̂ / (√v̂ + ε) + λ w)"""
    weight: float
    """After it."""


def adam(
    weight: float,
    gradients: Sequence[float],
    lr: float,
    beta1: float = 0.9,
    beta2: float = 0.98,
    decay: float = 0.0,
) -> list[Update]:
    """What each of ``gradients`` in turn does to a weight, from a fresh optimiser."""
    m = v = 0.0
    updates = []
    for step, g in enumerate(gradients, 1):
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * g * g
        m_hat, v_hat = m / (1 - beta1**step), v / (1 - beta2**step)
        change = -lr * (m_hat / (v_hat**0.5 + EPSILON) + decay * weight)
        weight += change
        updates.append(Update(step, g, m, v, m_hat, v_hat, change, weight))
    return updates


def descent(weight: float, gradients: Sequence[float], lr: float) -> list[float]:
    """The weight after each step of plain gradient descent, w - η g."""
    path = []
    for g in gradients:
        weight -= lr * g
        path.append(weight)
    return path
