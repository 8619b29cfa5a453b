"""From the model's distribution to the candidates of one search step.

B sources · K rows a source · N candidates a row · V vocabulary · t tokens produced so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from s2s.config import SearchOptions
from s2s.text.opening import Opening
from s2s.text.vocabulary import Vocabulary
from s2s.trace import Block

SHOWN = 10  # candidates kept a row, at least: what the app can show as alternatives
INF = float("inf")


@dataclass
class Grid:
    """Candidates of every row, all (B,K,N), best first."""

    token: Tensor
    logprob: Tensor
    """The model's own."""
    adjusted: Tensor
    """What the search adds up: repetition penalty applied, -inf where blocked."""
    block: Tensor | None
    """``Block`` codes; None: nothing was blocked."""
    allowed: Tensor
    """``adjusted`` of the whole vocabulary, (B,K,V): what is sampled from."""


def candidates(
    logp: Tensor,
    history: Tensor | None,
    t: int,
    options: SearchOptions,
    vocabulary: Vocabulary,
    prefix: Sequence[Opening],
) -> Grid:
    """The best continuations of each row, followed by the best of those that were blocked.

    logp (B,K,V), history (B,K,t) or None if no constraint asks for it, prefix: by source.
    """
    n = min(max(2 * options.beam, SHOWN), logp.shape[-1])
    adjusted, block = logp, None
    if history is not None and options.repetition_penalty != 1 and t:
        penalised = logp.gather(2, history) * options.repetition_penalty  # (B,K,t)
        adjusted = logp.scatter(2, history, penalised)
    if history is not None and options.block_ngram and t >= options.block_ngram:
        block = _add(
            block, logp, repeats(history, options.block_ngram, logp, vocabulary), Block.NGRAM
        )
    if t + 1 < options.min_length + max((p.begun for p in prefix), default=0):
        ends = torch.zeros_like(logp[:, :1], dtype=torch.bool)  # (B,1,V), the same for every row
        ends[[t + 1 < options.min_length + p.begun for p in prefix], 0, vocabulary.eos] = True
        block = _add(block, logp, ends, Block.MIN_LENGTH)
    if any(t < len(p) for p in prefix):
        block = _force(block, logp, history, t, prefix)
    if block is None:
        values, tokens = adjusted.topk(n, -1)  # (B,K,N)
        raw = values if adjusted is logp else logp.gather(2, tokens)
        return Grid(tokens, raw, values, None, adjusted)
    allowed = adjusted.masked_fill(block > 0, -INF)
    values, tokens = allowed.topk(n, -1)
    _, blocked = logp.masked_fill(block == 0, -INF).topk(n, -1)
    tokens = torch.cat([tokens, blocked], -1)  # (B,K,2N)
    values = torch.cat([values, torch.full_like(values, -INF)], -1)
    codes = block.gather(2, tokens)
    codes[:, :, :n].masked_fill_(values[:, :, :n] > -INF, 0)
    return Grid(tokens, logp.gather(2, tokens), values, codes, allowed)


def repeats(history: Tensor, n: int, like: Tensor, vocabulary: Vocabulary) -> Tensor:
    """Tokens that would complete some n-gram a second time: (B,K,t) → mask (B,K,V) as ``like``.

    Numbers pass: in ``9,000,000`` and ``555 555`` a repetition is no stutter, and whoever forbids it
    writes another number. So digits are free, and behind a digit the marks that join digits.
    """
    pad = vocabulary.pad
    windows = history.unfold(2, n, 1)  # (B,K,W,n)
    last = history[:, :, None, history.shape[2] - n + 1 :]  # (B,K,1,n-1)
    repeated = (windows[..., : n - 1] == last).all(-1)  # (B,K,W)
    mask = torch.zeros_like(like, dtype=torch.bool)
    mask.scatter_(2, windows[..., n - 1].masked_fill(~repeated, pad), True)
    mask[:, :, [pad, *vocabulary.digits]] = False
    if vocabulary.joints:
        digits = torch.tensor(vocabulary.digits, device=history.device)
        behind = torch.isin(history[:, :, -1], digits)  # (B,K)
        joints = torch.zeros_like(like[0, 0], dtype=torch.bool)  # (V)
        joints[list(vocabulary.joints)] = True
        mask &= ~(behind[:, :, None] & joints)
    return mask


def draw(
    grid: Grid, logp: Tensor, options: SearchOptions, noise: Sequence[torch.Generator]
) -> Tensor:
    """Sample one token a row, put it into the grid and return its place there, (B,K).

    Temperature, then top-k (Fan et al. 2018), then top-p (Holtzman et al. 2020). The draw is the
    Gumbel-max trick, with a generator of its own for each source: a source gets the same samples
    alone as in a batch.
    """
    scaled = (grid.allowed / options.temperature).log_softmax(-1)  # (B,K,V)
    if options.top_k:
        kth = scaled.topk(min(options.top_k, scaled.shape[-1]), -1).values[..., -1:]
        scaled = scaled.masked_fill(scaled < kth, -INF)
    if options.top_p < 1:
        values, order = scaled.softmax(-1).sort(-1, descending=True)
        beyond = values.cumsum(-1) - values >= options.top_p  # the first token always stays
        scaled = scaled.masked_fill(beyond.gather(2, order.argsort(-1)), -INF)
    uniform = torch.stack(
        [torch.rand(logp.shape[1:], generator=g, device=logp.device) for g in noise]
    )
    drawn = (scaled - (-uniform.clamp_min(1e-20).log()).log()).argmax(-1)  # (B,K)
    is_drawn = grid.token == drawn[:, :, None]  # (B,K,N)
    last = grid.token.shape[2] - 1
    place = torch.where(is_drawn.any(-1), is_drawn.int().argmax(-1), last)  # (B,K)
    at = place[:, :, None]
    grid.token.scatter_(2, at, drawn[:, :, None])
    grid.logprob = grid.logprob.scatter(2, at, logp.gather(2, drawn[:, :, None]))
    grid.adjusted = grid.adjusted.scatter(2, at, grid.allowed.gather(2, drawn[:, :, None]))
    if grid.block is not None:
        grid.block.scatter_(2, at, 0)
    return place


def _add(block: Tensor | None, logp: Tensor, mask: Tensor, why: Block) -> Tensor:
    """Block codes (B,K,V) with ``why`` wherever ``mask`` holds and nothing blocks yet."""
    if block is None:
        block = torch.zeros(logp.shape, dtype=torch.int8, device=logp.device)
    return block.masked_fill(mask & (block == 0), int(why))


def _force(
    block: Tensor | None,
    logp: Tensor,
    history: Tensor | None,
    t: int,
    prefix: Sequence[Opening],
) -> Tensor:
    """Only what agrees with the prefix may come. It outranks every other constraint."""
    if block is None:
        block = torch.zeros(logp.shape, dtype=torch.int8, device=logp.device)
    for i, opening in enumerate(prefix):
        if t < len(opening.ids):
            block[i] = int(Block.PREFIX)
            block[i, :, opening.ids[t]] = 0
        elif t < len(opening) and history is not None:
            for row, written in enumerate(history[i].tolist()):
                allowed = opening.allowed(written)
                if allowed is not None:
                    block[i, row] = int(Block.PREFIX)
                    block[i, row, list(allowed)] = 0
    return block
