"""The model forced through given targets: what it thought of every token.

B sources · T target length · V vocabulary · L layers · H heads · S source length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from s2s.config import SearchOptions
from s2s.data.batches import Example, pad
from s2s.errors import S2SError
from s2s.locale import _
from s2s.models.contract import Decoder, Step
from s2s.search.candidates import INF
from s2s.search.scoring import coverage, score
from s2s.trace import Hypothesis

LIMIT = 1000  # tokens: one model step each
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


def walk(
    decoder: Decoder, source: Tensor, targets: Sequence[Sequence[int]]
) -> Iterator[tuple[Tensor, Step]]:
    """The targets' next tokens (B), padded, and what the decoder said before it saw them (K = 1)."""
    gold = pad(targets, decoder.vocabulary.pad).to(source.device)  # (B,T)
    memory = decoder.encode(source)
    carry = decoder.start(memory, 1)
    token = torch.full_like(gold[:, :1], decoder.vocabulary.bos)  # (B,1)
    for t in range(gold.shape[1]):
        step = decoder.step(token, carry, memory)
        yield gold[:, t], step
        token, carry = gold[:, t : t + 1], step.carry


@torch.inference_mode()
def log_likelihood(
    decoder: Decoder, source: Tensor, targets: Sequence[Sequence[int]]
) -> list[float]:
    """log p(target | source), in nats, of targets that end with eos. source (B,S)."""
    total = torch.zeros(len(targets), dtype=torch.float64, device=source.device)
    for gold, step in walk(decoder, source, targets):
        logp = step.logp[:, 0].gather(1, gold[:, None]).squeeze(1)  # (B)
        total += logp.masked_fill(gold == decoder.vocabulary.pad, 0)
    return total.tolist()


def corpus_likelihood(decoder: Decoder, examples: Sequence[Example]) -> tuple[float, int]:
    """Summed log-likelihood in nats of the examples' targets, and their tokens, ends included."""
    total = 0.0
    for start in range(0, len(examples), BATCH):
        part = examples[start : start + BATCH]
        source = pad([e.src for e in part], decoder.vocabulary.pad).to(decoder.device)
        total += sum(log_likelihood(decoder, source, [e.tgt for e in part]))
    return total, sum(len(e.tgt) for e in examples)


@torch.inference_mode()
def force(
    decoder: Decoder, source: Sequence[int], target: Sequence[int], options: SearchOptions
) -> Forced:
    """Probability, rank and attention of each token of ``target``: ids, for the ids of one source.

    Teacher forcing step by step, since a step tells its attention. The score is what the search would
    give this output under ``options``: its length normalisation, coverage and repetition penalty.
    Raises S2SError if the target is empty or has over 1000 tokens.
    """
    if not target:
        raise S2SError(_("There is no target to score."))
    if len(target) > LIMIT:
        said = _("This target has {n:,} tokens; the limit is {most:,}.")
        raise S2SError(said.format(n=len(target), most=LIMIT))
    given = torch.tensor([list(source)], device=decoder.device)  # (1,S)
    tokens, attention, extras = [], [], []
    for gold, step in walk(decoder, given, [target]):
        tokens.append(_judge(step.logp[0, 0], int(gold), decoder))
        if step.attention is not None:
            attention.append(step.attention[0, 0].cpu().numpy())  # (L,H,S)
        extras.append({name: value[0, 0].cpu().numpy() for name, value in step.extras.items()})
    logprobs = np.array([t.logprob for t in tokens])
    penalty = (options.repetition_penalty - 1) * sum(
        t.logprob for i, t in enumerate(tokens) if t.token in target[:i]
    )
    looks = np.stack(attention) if attention else None  # (T,L,H,S)
    total, covered = float(logprobs.sum()), coverage(looks, options)
    hypothesis = Hypothesis(
        tokens=tuple(target),
        logprobs=logprobs,
        total=total,
        penalty=penalty,
        coverage=covered,
        score=score(total + penalty, len(target), covered, options),
        finished=target[-1] == decoder.vocabulary.eos,
        rows=(0,) * len(target),
        attention=looks,
        extras={name: np.stack([e[name] for e in extras]) for name in extras[0]},
    )
    return Forced(tuple(tokens), hypothesis)


def _judge(logp: Tensor, token: int, decoder: Decoder) -> ForcedToken:
    """One token against the whole distribution, logp (V)."""
    own = float(logp[token])
    # what no output contains takes no rank
    allowed = logp.index_fill(0, torch.tensor(decoder.vocabulary.never, device=logp.device), -INF)
    best = int(allowed.argmax())
    rank = 1 + int((allowed > own).sum())
    return ForcedToken(token, own, rank, best, float(allowed[best]))
