"""Re-ranking by mutual information: what is probable because of the source, not anyhow.

A generic reply is probable after everything. Li et al. 2016 (eq. 9) rank finished outputs by
log p(out | source) - lambda log p(out). Here log p(out) is the same model's, with an empty source: it
has seen a share of its training targets without one (``Augment.no_source``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from s2s.search.scoring import normalise
from s2s.trace import Trace

BATCH = 64


def rerank(trace: Trace, scores: Sequence[float], weight: float) -> Trace:
    """The trace with its hypotheses scored and ranked by mutual information.

    ``scores``: log p(out) of each hypothesis. Length normalisation applies to the difference.
    """
    found = []
    for h, lm in zip(trace.hypotheses, scores, strict=True):
        n, o = len(h.tokens), trace.options
        bonus = h.score - normalise(h.total + h.penalty, n, o)  # the coverage penalty
        score = normalise(h.total + h.penalty - weight * lm, n, o) + bonus
        found.append(replace(h, lm=lm, score=float(score)))
    found.sort(key=lambda h: (not h.finished, -h.score))
    return replace(trace, hypotheses=tuple(found))
