"""Re-ranking by mutual information: what is probable because of the source, not anyhow.

A generic reply is probable after everything. Li et al. 2016 (eq. 9) rank finished outputs by
log p(out | source) - lambda log p(out). Here log p(out) is the same model's, with an empty source: it
has seen a share of its training targets without one (``Augment.no_source``).

This is no part of the search: it puts outputs that were found into another order.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch

from s2s.config import RerankOptions
from s2s.models.contract import Decoder
from s2s.search.forced import BATCH, log_likelihood
from s2s.search.scoring import ranked, score
from s2s.trace import Hypothesis, Trace


@dataclass(frozen=True)
class Ranking:
    """The outputs of a search in another order."""

    hypotheses: tuple[Hypothesis, ...]
    """Best first, each with the score that it is ranked by now."""
    alone: tuple[float, ...] | None
    """log p(out) of each; None: it has no part in the order."""


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


def rank(trace: Trace, alone: Sequence[float], options: RerankOptions) -> Ranking:
    """The trace's outputs ranked by mutual information; ``alone``: log p(out) of each.

    Length normalisation and coverage are those of the search, and apply to the difference.
    """
    found = []
    for h, lm in zip(trace.hypotheses, alone, strict=True):
        total = h.total + h.penalty - options.mutual * lm
        found.append((replace(h, score=score(total, len(h.tokens), h.coverage, trace.options)), lm))
    lms = {id(h): lm for h, lm in found}
    order = ranked([h for h, _ in found])
    return Ranking(tuple(order), tuple(lms[id(h)] for h in order))


def rerank(decoder: Decoder, traces: Sequence[Trace], options: RerankOptions) -> list[Ranking]:
    """``rank`` for the outputs of many searches, scored together."""
    scores = iter(language_scores(decoder, [h.tokens for t in traces for h in t.hypotheses]))
    return [rank(t, [next(scores) for _ in t.hypotheses], options) for t in traces]
