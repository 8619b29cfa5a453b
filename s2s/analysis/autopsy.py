"""Greedy and beam search side by side: where they parted, what it cost, when it paid off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from s2s.analysis.playback import Journey, follow
from s2s.search.scoring import normalise
from s2s.trace import Hypothesis, Trace


@dataclass(frozen=True)
class Autopsy:
    """``b`` (the beam's best) judged against ``a`` (greedy)."""

    first: int | None
    """Index of the first token that differs; None: the outputs are the same."""
    loss: float
    """Log-probability that b gave away at the parting, nats: that of a's token minus that of b's."""
    overtook: int | None
    """Step index from which on b's running total stays above a's; None: it never does."""
    overtook_score: int | None
    """The same for the running normalised score."""
    totals: tuple[np.ndarray, np.ndarray]
    """(T,) running totals of a and b; an output that has ended keeps its last."""
    scores: tuple[np.ndarray, np.ndarray]
    """(T,) running normalised scores."""
    total_gap: float
    """Raw total of b minus that of a."""
    score_gap: float
    """Score of b minus that of a: negative, and greedy wins under the score that ranks."""
    greedy: Journey
    """What became of the greedy output in the beam search."""


def autopsy(greedy: Trace, beam: Trace) -> Autopsy:
    """Compare the best outputs of two searches over one source."""
    a, b = greedy.best, beam.best
    d = diverge(a, b)
    first = d.first
    loss = 0.0
    if first is not None and first < min(len(a.tokens), len(b.tokens)):
        loss = float(a.logprobs[first] - b.logprobs[first])
    length = max(len(a.tokens), len(b.tokens))
    totals = running(a, length), running(b, length)
    scores = _normalised(a, length, beam), _normalised(b, length, beam)
    return Autopsy(
        first,
        loss,
        overtakes(*totals, first),
        overtakes(*scores, first),
        totals,
        scores,
        d.logprob_gap,
        d.score_gap,
        follow(beam, a.tokens),
    )


def running(h: Hypothesis, length: int) -> np.ndarray:
    """(length,) running raw total; after the end it stays."""
    total = np.cumsum(h.logprobs, dtype=np.float64)
    return np.concatenate([total, np.full(length - len(total), total[-1])])


def _normalised(h: Hypothesis, length: int, trace: Trace) -> np.ndarray:
    """(length,) running normalised score; an ended output has its final score, penalties included."""
    total = np.cumsum(h.logprobs, dtype=np.float64)
    score = np.asarray(normalise(total, np.arange(1, len(total) + 1), trace.options), float)
    score = np.concatenate([score, np.full(length - len(total), h.score)])
    score[len(total) - 1] = h.score
    return score


def overtakes(a: np.ndarray, b: np.ndarray, first: int | None) -> int | None:
    """The step from which on b stays above a. None: at the end it is not above."""
    if first is None or b[-1] <= a[-1]:
        return None
    behind = np.flatnonzero(b[first:] <= a[first:])
    return first + (int(behind[-1]) + 1 if len(behind) else 0)


def align(a: Sequence[int], b: Sequence[int]) -> list[tuple[int | None, int | None]]:
    """Pairs of positions (in a, in b); None stands for a gap. Every position occurs once, in order."""
    cost = np.zeros((len(a) + 1, len(b) + 1), np.int32)
    cost[:, 0], cost[0] = np.arange(len(a) + 1), np.arange(len(b) + 1)
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            cost[i, j] = min(
                cost[i - 1, j - 1] + (a[i - 1] != b[j - 1]), cost[i - 1, j] + 1, cost[i, j - 1] + 1
            )
    pairs: list[tuple[int | None, int | None]] = []
    i, j = len(a), len(b)
    while i or j:
        if i and j and cost[i, j] == cost[i - 1, j - 1] + (a[i - 1] != b[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]


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
