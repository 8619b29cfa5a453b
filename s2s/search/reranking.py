"""Re-ranking by mutual information: what is probable because of the source, not anyhow.

A generic reply is probable after everything. Li et al. 2016 (eq. 9) rank finished outputs by
log p(out | source) - lambda log p(out). Here log p(out) is the same model's, with an empty source: it
has seen a share of its training targets without one (``DataConfig.blank``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from s2s.models.contract import Decoder
from s2s.search.forced import BATCH, log_likelihood
from s2s.search.scoring import score
from s2s.trace import Trace


def language_scores(decoder: Decoder, outputs: Sequence[Sequence[int]]) -> list[float]:
    """log p(out), in nats, of outputs (ids, with eos if finished) under an empty source."""
    order = sorted(range(len(outputs)), key=lambda i: len(outputs[i]))
    scores = [0.0] * len(outputs)
    for start in range(0, len(order), BATCH):
        part = order[start : start + BATCH]
        empty = torch.full((len(part), 1), decoder.vocabulary.eos, device=decoder.device)
        found = log_likelihood(decoder, empty, [outputs[i] for i in part])
        for i, total in zip(part, found, strict=True):
            scores[i] = total
    return scores


def rerank(trace: Trace, scores: Sequence[float], weight: float) -> Trace:
    """The trace with its hypotheses scored and ranked by mutual information.

    ``scores``: log p(out) of each hypothesis. Length normalisation applies to the difference.
    """
    found = []
    for h, lm in zip(trace.hypotheses, scores, strict=True):
        total = h.total + h.penalty - weight * lm
        found.append(
            replace(h, lm=lm, score=score(total, len(h.tokens), h.coverage, trace.options))
        )
    found.sort(key=lambda h: (not h.finished, -h.score))
    return replace(trace, hypotheses=tuple(found))
