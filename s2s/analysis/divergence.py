"""Where two outputs for the same source part ways, and what it cost."""

from __future__ import annotations

from dataclasses import dataclass

from s2s.trace import Hypothesis


@dataclass(frozen=True)
class Divergence:
    """Two hypotheses of one source compared; ``b`` is judged against ``a``."""

    first: int | None
    """Index of the first token that differs; None if the outputs are the same."""
    logprob_gap: float
    """Total of b minus total of a, nats."""
    score_gap: float
    """Normalised score of b minus that of a."""


def diverge(a: Hypothesis, b: Hypothesis) -> Divergence:
    """Compare two hypotheses token by token."""
    shared = min(len(a.tokens), len(b.tokens))
    first = next((t for t in range(shared) if a.tokens[t] != b.tokens[t]), None)
    if first is None and len(a.tokens) != len(b.tokens):
        first = shared
    return Divergence(first, b.total - a.total, b.score - a.score)
