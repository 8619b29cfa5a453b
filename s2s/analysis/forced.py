"""The model forced through a given target: what it thought of every token.

T target length · V vocabulary · L layers · H heads · S source length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from s2s.analysis.rerank import score
from s2s.config import SearchOptions
from s2s.errors import S2SError
from s2s.models.base import Seq2Seq
from s2s.tokenizer import BOS, EOS
from s2s.trace import Hypothesis

LIMIT = 400  # tokens: one model step each


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
        tokens=tuple(target), logprobs=logprobs, total=float(logprobs.sum()),
        penalty=(options.repetition_penalty - 1) * sum(
            t.logprob for i, t in enumerate(found) if t.token in target[:i]
        ),
        score=0.0, finished=True, rows=(0,) * len(found),
        attention=np.stack(looks) if looks else None,
    )  # fmt: skip
    return Forced(tuple(found), replace(h, score=score(h, options)))
