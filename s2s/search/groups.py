"""Who goes on and who ends: a beam, a beam in groups that avoid each other's tokens, or samples.

B sources · K rows a source · N candidates a row · V vocabulary.

Diverse beam search (Vijayakumar et al. 2016, algorithm 1, Hamming diversity) is beam search within groups
of rows, one group after the other: a token costs ``diversity`` for each earlier group that chose it
at this step. The cost decides who stays; it is not added to any score.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from s2s.config import SearchOptions
from s2s.search.candidates import INF


class Choice(NamedTuple):
    """What became of a step's candidates."""

    index: Tensor
    """(B,K) into K·N: the candidate that each next row is."""
    dead: Tensor
    """(B,K) next rows that are none."""
    ended: Tensor
    """(B,K,N) candidates that completed an output."""
    handicap: Tensor | None = None
    """(B,K,N) what diversity took off before the cut."""


def group_rows(options: SearchOptions) -> list[slice]:
    """The rows of each group of a diverse beam search, as even as can be; one group: all rows."""
    n = min(options.groups, options.beam) if options.method == "beam" else 1
    bounds = [options.beam * i // n for i in range(n + 1)]
    return [slice(a, b) for a, b in itertools.pairwise(bounds)]


def keep(token: Tensor, running: Tensor, k: int, eos: int) -> Choice:
    """Of a source's best candidates, ends among the first K finish and the first K others go on.

    token (B,K,N) and running totals (B,K,N). Twice K are looked at, for up to K of them may be ends.
    """
    flat = running.flatten(1)  # (B,KN)
    values, index = flat.topk(min(2 * k, flat.shape[1]), -1)  # (B,2K)
    ends = (token.flatten(1).gather(1, index) == eos) & (values > -INF)
    best, pick = values.masked_fill(ends, -INF).topk(k, -1)  # (B,K)
    ended = torch.zeros_like(flat, dtype=torch.bool)
    ended.scatter_(1, index[:, :k], ends[:, :k])
    return Choice(index.gather(1, pick), best == -INF, ended.view_as(running))


def keep_diverse(
    token: Tensor, running: Tensor, groups: Sequence[slice], diversity: float, eos: int
) -> Choice:
    """``keep`` group by group, tokens of earlier groups handicapped."""
    b, _, n = token.shape
    handicap = torch.zeros_like(running)
    taken = running.new_zeros(b, int(token.max()) + 1)  # (B,V) how often earlier groups chose it
    found = []
    for part in groups:
        own = token[:, part].flatten(1)  # (B,kN)
        size = part.stop - part.start
        handicap[:, part] = diversity * taken.gather(1, own).unflatten(1, (size, n))
        c = keep(token[:, part], running[:, part] - handicap[:, part], size, eos)
        taken.scatter_add_(1, own, c.ended.flatten(1).to(taken.dtype))
        taken.scatter_add_(1, own.gather(1, c.index), (~c.dead).to(taken.dtype))
        found.append((c.index + part.start * n, c.dead, c.ended))
    index, dead, ended = (torch.cat(parts, 1) for parts in zip(*found, strict=True))
    return Choice(index, dead, ended, handicap)


def follow_draws(token: Tensor, drawn: Tensor, gone: Tensor, eos: int) -> Choice:
    """Every row goes on with the token it drew, or ends with it.

    token (B,K,N), drawn (B,K) places among a row's candidates, gone (B,K) rows that ended before.
    """
    n = token.shape[2]
    index = torch.arange(drawn.shape[1], device=drawn.device) * n + drawn  # (B,K)
    ends = (token.gather(2, drawn[:, :, None]).squeeze(2) == eos) & ~gone
    ended = torch.zeros_like(token, dtype=torch.bool)
    ended.scatter_(2, drawn[:, :, None], ends[:, :, None])
    return Choice(index, gone | ends, ended)
