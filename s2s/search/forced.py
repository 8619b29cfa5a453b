"""The model forced through a given target: what it thought of every token.

T target length · V vocabulary · L layers · H heads · S source length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from s2s.config import SearchOptions
from s2s.data.batches import Example, collate
from s2s.errors import S2SError
from s2s.models.contract import Seq2Seq
from s2s.search.beam import search
from s2s.search.scoring import score
from s2s.text.vocabulary import BOS, EOS, PAD
from s2s.trace import Hypothesis, Trace

LIMIT = 400  # tokens: one model step each
BATCH = 64


@dataclass(frozen=True)
class ForcedToken:
    """One token of the given target, as the model saw it behind the tokens before."""

    token: int
    logprob: float
    rank: int
    """1: it is what the model would have written."""
    preferred: int
    """The model's most probable token there."""
    preferred_logprob: float


@dataclass(frozen=True)
class Forced:
    """A whole target under the model."""

    tokens: tuple[ForcedToken, ...]
    hypothesis: Hypothesis
    """Total, score and attention, comparable with a search's outputs."""


@torch.inference_mode()
def forced(
    model: Seq2Seq, src: Sequence[int], target: Sequence[int], options: SearchOptions
) -> Forced:
    """Probability, rank and attention of each token of ``target`` (ids that end with EOS).

    Teacher forcing, step by step, since only a step tells its attention. The score follows
    ``options``' length normalisation, coverage and repetition penalty; other constraints are left out.
    Raises S2SError if the target is empty or has over 400 tokens.
    """
    if not target or target[-1] != EOS:
        raise S2SError("A target must end with the end of sentence.")
    if len(target) > LIMIT:
        raise S2SError(f"This target has {len(target):,} tokens; the limit is {LIMIT}.")
    device = model.embedding.weight.device
    memory = model.encode(torch.tensor([list(src)], device=device))
    carry, before = model.start(memory, 1), BOS
    found, looks = [], []
    for token in target:
        step = torch.tensor([[before]], device=device)
        logits, attention, carry = model.step(step, carry, memory)
        logp = logits[0, 0].float().log_softmax(-1)  # (V)
        own = float(logp[token])
        logp[list(model.never)] = -torch.inf  # no output contains these, so they take no rank
        best = int(logp.argmax())
        found.append(ForcedToken(token, own, 1 + int((logp > own).sum()), best, float(logp[best])))
        if attention is not None:
            looks.append(attention[0, 0].cpu().numpy())
        before = token
    logprobs = np.array([t.logprob for t in found])
    h = Hypothesis(
        tokens=tuple(target),
        logprobs=logprobs,
        total=float(logprobs.sum()),
        penalty=(options.repetition_penalty - 1)
        * sum(t.logprob for i, t in enumerate(found) if t.token in target[:i]),
        score=0.0,
        finished=True,
        rows=(0,) * len(found),
        attention=np.stack(looks) if looks else None,
    )
    return Forced(tuple(found), replace(h, score=score(h, options)))


def force(
    model: Seq2Seq, src: Tensor, targets: Sequence[Sequence[int]], options: SearchOptions
) -> list[Trace]:
    """Score given targets (ids ending with EOS) of src (B,S): a search whose choices are all forced."""
    plain = SearchOptions(
        beam=1, length_norm=options.length_norm, alpha=options.alpha, coverage=options.coverage
    )
    return search(model, src, plain, model_limit=1, prefix=targets)


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


@torch.inference_mode()
def negative_log_likelihood(
    model: Seq2Seq, examples: Sequence[Example], device: torch.device | str
) -> tuple[float, int]:
    """Summed nats and tokens (ends included) of given targets."""
    total, tokens = 0.0, 0
    for start in range(0, len(examples), BATCH):
        batch = collate(examples[start : start + BATCH]).to(device)
        _, nll = model.loss(batch.src, batch.tgt_in, batch.tgt_out, 0.0)
        total += float(nll)
        tokens += int((batch.tgt_out != 0).sum())
    return total, tokens
