"""What a beam keeps, and a beam in groups that avoid each other's tokens.

Diverse beam search (Vijayakumar et al. 2016, algorithm 1, Hamming diversity) is beam search within groups
of rows, one group after the other: a token costs ``diversity`` for each earlier group that chose it
at this step. The cost decides who stays; it is not added to any score.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor

from s2s.config import SearchOptions
from s2s.search.candidates import INF
from s2s.text.vocabulary import EOS


def group_rows(options: SearchOptions) -> list[slice]:
    """The rows of each group of a diverse beam search, as even as can be; one group: all rows."""
    n = min(options.groups, options.beam) if options.method == "beam" else 1
    bounds = [options.beam * i // n for i in range(n + 1)]
    return [slice(a, b) for a, b in itertools.pairwise(bounds)]


def keep(token: Tensor, running: Tensor, k: int) -> tuple[Tensor, Tensor, Tensor]:
    """Of a source's best candidates, ends among the first K finish and the first K others go on.

    token, running (B,K,N) → index (B,K) into K·N, dead (B,K), ended (B,K,N).
    """
    flat = running.flatten(1)  # (B,KN)
    values, index = flat.topk(min(2 * k, flat.shape[1]), -1)  # (B,2K)
    ends = (token.flatten(1).gather(1, index) == EOS) & (values > -INF)
    best, pick = values.masked_fill(ends, -INF).topk(k, -1)  # (B,K)
    ended = torch.zeros_like(flat, dtype=torch.bool)
    ended.scatter_(1, index[:, :k], ends[:, :k])
    return index.gather(1, pick), best == -INF, ended.view_as(running)


def keep_diverse(
    token: Tensor, running: Tensor, groups: Sequence[slice], diversity: float
) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """``keep`` group by group, tokens of earlier groups handicapped. Adds handicap (B,K,N)."""
    b, _, n = token.shape
    handicap = torch.zeros_like(running)
    taken = running.new_zeros(b, int(token.max()) + 1)  # (B,V) how often earlier groups chose it
    found = []
    for part in groups:
        own = token[:, part].flatten(1)  # (B,kN)
        size = part.stop - part.start
        handicap[:, part] = diversity * taken.gather(1, own).unflatten(1, (size, n))
        index, dead, ended = keep(token[:, part], running[:, part] - handicap[:, part], size)
        taken.scatter_add_(1, own, ended.flatten(1).to(taken.dtype))
        taken.scatter_add_(1, own.gather(1, index), (~dead).to(taken.dtype))
        found.append((index + part.start * n, dead, ended))
    index, dead, ended = (torch.cat(parts, 1) for parts in zip(*found, strict=True))
    return index, dead, ended, handicap
