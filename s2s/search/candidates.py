"""From the model's distribution to the candidates of one search step.

B sources · K rows a source · N candidates a row · V vocabulary · t tokens produced so far.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from s2s.config import SearchOptions
from s2s.text.opening import Opening
from s2s.text.vocabulary import Vocabulary
from s2s.trace import Block

BLOCK = 100  # tokens of a vocabulary that are looked at together
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


@dataclass
class Cells:
    """A ``Grid`` as NumPy arrays, without the vocabulary."""

    token: np.ndarray
    logprob: np.ndarray
    adjusted: np.ndarray
    block: np.ndarray | None

    @classmethod
    def of(cls, grid: Grid) -> Cells:
        logprob = grid.logprob.cpu().numpy()
        same = grid.adjusted is grid.logprob
        return cls(
            grid.token.cpu().numpy(),
            logprob,
            logprob if same else grid.adjusted.cpu().numpy(),
            None if grid.block is None else grid.block.cpu().numpy(),
        )


def top(values: Tensor, n: int) -> tuple[Tensor, Tensor]:
    """The n largest of each row (...,V) and where they stand, (...,n), largest first: ``topk``.

    In two levels: the n largest stand in the n blocks with the largest maxima, so only those are searched.
    """
    width = values.shape[-1]
    blocks, rest = divmod(width, BLOCK)
    if blocks < 3 * n:
        return values.topk(n, -1)
    flat = values.flatten(0, -2)  # (R,V)
    tiles = flat[:, : width - rest].unflatten(1, (blocks, BLOCK))
    first = tiles.amax(-1).topk(n, -1, sorted=False).indices * BLOCK  # (R,n)
    at = (first[:, :, None] + torch.arange(BLOCK, device=values.device)).flatten(1)  # (R,n·BLOCK)
    if rest:
        last = torch.arange(width - rest, width, device=values.device)
        at = torch.cat([at, last.expand(len(at), -1)], 1)
    found, place = flat.gather(1, at).topk(n, -1)
    shape = (*values.shape[:-1], n)
    return found.view(shape), at.gather(1, place).view(shape)


def candidates(
    logp: Tensor,
    history: Tensor | None,
    t: int,
    options: SearchOptions,
    vocabulary: Vocabulary,
    prefix: Sequence[Opening],
) -> Grid:
    """The best continuations of each row, followed by the best of those that were blocked.

    logp (B,K,V) is written into; history (B,K,t) or None if no constraint asks for it, prefix: by source.
    """
    n = min(max(2 * options.beam, SHOWN), logp.shape[-1])
    adjusted = logp
    if history is not None and options.repetition_penalty != 1 and t:
        penalised = logp.gather(2, history) * options.repetition_penalty  # (B,K,t)
        adjusted = logp.scatter(2, history, penalised)
    stopped = _blocked(logp, history, t, options, vocabulary, prefix)
    if any(t < len(p) for p in prefix):
        return _forced(logp, adjusted, history, t, n, prefix, stopped)
    if not stopped:
        values, tokens = top(adjusted, n)  # (B,K,N)
        raw = values if adjusted is logp else logp.gather(2, tokens)
        return Grid(tokens, raw, values, None, adjusted)
    names, codes = (torch.cat(parts, 2) for parts in zip(*stopped, strict=True))  # (B,K,W)
    lost = logp.gather(2, names).masked_fill(codes == 0, -INF)
    own = adjusted.gather(2, names).masked_fill(codes > 0, -INF)
    adjusted.scatter_reduce_(2, names, own, "amin")
    values, tokens = top(adjusted, n)
    lost, place = lost.topk(min(n, lost.shape[2]), -1)
    return Grid(
        torch.cat([tokens, names.gather(2, place)], 2),
        torch.cat([logp.gather(2, tokens), lost], 2),
        torch.cat([values, torch.full_like(lost, -INF)], 2),
        torch.cat([torch.zeros_like(tokens, dtype=torch.int8), codes.gather(2, place)], 2),
        adjusted,
    )


def _blocked(
    logp: Tensor,
    history: Tensor | None,
    t: int,
    options: SearchOptions,
    vocabulary: Vocabulary,
    prefix: Sequence[Opening],
) -> list[tuple[Tensor, Tensor]]:
    """Tokens that may not come, (B,K,·), none twice, and the ``Block`` codes why; 0: it may come."""
    found = []
    if history is not None and options.block_ngram and t >= options.block_ngram:
        names, barred = repeats(history, options.block_ngram, vocabulary)
        if bool(barred.any()):
            found.append((names, barred.to(torch.int8) * int(Block.NGRAM)))
    early = [t + 1 < options.min_length + p.begun for p in prefix]
    if any(early):
        ends = torch.full((*logp.shape[:2], 1), vocabulary.eos, device=logp.device)
        codes = torch.tensor(early, device=logp.device).to(torch.int8) * int(Block.MIN_LENGTH)
        found.append((ends, codes[:, None, None].expand(ends.shape)))
    return found


def _forced(
    logp: Tensor,
    adjusted: Tensor,
    history: Tensor | None,
    t: int,
    n: int,
    prefix: Sequence[Opening],
    stopped: list[tuple[Tensor, Tensor]],
) -> Grid:
    """While some prefix is written, nearly all is blocked: one code for each token, (B,K,V)."""
    block = torch.zeros(logp.shape, dtype=torch.int8, device=logp.device)
    for names, codes in stopped:
        block.scatter_reduce_(2, names, codes, "amax")
    _force(block, history, t, prefix)
    allowed = adjusted.masked_fill(block > 0, -INF)
    values, tokens = top(allowed, n)
    _, blocked = top(logp.masked_fill(block == 0, -INF), n)
    tokens = torch.cat([tokens, blocked], -1)  # (B,K,2N)
    values = torch.cat([values, torch.full_like(values, -INF)], -1)
    found = block.gather(2, tokens)
    found[:, :, :n].masked_fill_(values[:, :, :n] > -INF, 0)
    return Grid(tokens, logp.gather(2, tokens), values, found, allowed)


def repeats(history: Tensor, n: int, vocabulary: Vocabulary) -> tuple[Tensor, Tensor]:
    """Tokens that would complete some n-gram a second time: (B,K,t) → tokens (B,K,W), and of each
    whether it would, true once for each token.

    Numbers pass: in ``9,000,000`` and ``555 555`` a repetition is no stutter, and whoever forbids it
    writes another number. So digits are free, and behind a digit the marks that join digits.
    """
    windows = history.unfold(2, n, 1)  # (B,K,W,n)
    last = history[:, :, None, history.shape[2] - n + 1 :]  # (B,K,1,n-1)
    barred, names = (windows[..., : n - 1] == last).all(-1), windows[..., n - 1]  # (B,K,W)
    if not bool(barred.any()):
        return names, barred

    def among(tokens: Tensor, some: Sequence[int]) -> Tensor:
        return torch.isin(tokens, torch.tensor(some, dtype=torch.long, device=tokens.device))

    barred &= ~among(names, [vocabulary.pad, *vocabulary.digits])
    if vocabulary.joints:
        behind = among(history[:, :, -1], vocabulary.digits)  # (B,K)
        barred &= ~(behind[:, :, None] & among(names, vocabulary.joints))
    same = (names[..., :, None] == names[..., None, :]) & barred[..., None, :]  # (B,K,W,W)
    return names, barred & ~same.tril(-1).any(-1)


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


def _force(
    block: Tensor,
    history: Tensor | None,
    t: int,
    prefix: Sequence[Opening],
) -> None:
    """Only what agrees with the prefix may come. It outranks every other constraint."""
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
