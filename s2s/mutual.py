"""Re-ranking by mutual information: what is probable because of the source, not anyhow.

A generic reply is probable after everything. Li et al. 2016 (eq. 9) rank finished outputs by
log p(out | source) - lambda log p(out). Here log p(out) is the same model's, with an empty source: it
has seen a share of its training targets without one (``DataConfig.blank``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import torch

from s2s.data import Example, collate
from s2s.models.base import Seq2Seq
from s2s.recording import normalise
from s2s.tokenizer import EOS, PAD
from s2s.trace import Trace

BATCH = 64


@torch.inference_mode()
def language_scores(
    model: Seq2Seq, outputs: Sequence[Sequence[int]], device: torch.device | str
) -> list[float]:
    """log p(out), in nats, of outputs (ids, with EOS if finished) under an empty source."""
    order = sorted(range(len(outputs)), key=lambda i: len(outputs[i]))
    scores = [0.0] * len(outputs)
    for start in range(0, len(order), BATCH):
        part = order[start : start + BATCH]
        batch = collate([Example([EOS], list(outputs[i])) for i in part]).to(device)
        logp = model(batch.src, batch.tgt_in).float().log_softmax(-1)  # (B,T,V)
        gold = logp.gather(2, batch.tgt_out[:, :, None]).squeeze(2)  # (B,T)
        sums = gold.masked_fill(batch.tgt_out == PAD, 0).sum(1)
        for i, total in zip(part, sums.tolist(), strict=True):
            scores[i] = total
    return scores


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
