"""Who goes on and who ends: a beam, a beam in groups that avoid each other's tokens, or samples.

B sources · K rows a source · N candidates a row.

Diverse beam search (Vijayakumar et al. 2016, algorithm 1, Hamming diversity) is beam search within groups
of rows, one group after the other: a token costs ``diversity`` for each earlier group that chose it
at this step. The cost decides who stays; it is not added to any score.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from s2s.config import SearchOptions
from s2s.search.candidates import INF


class Choice(NamedTuple):
    """What became of a step's candidates."""

    candidate: np.ndarray
    """(B,K) into K·N: the candidate that each next row is."""
    dead: np.ndarray
    """(B,K) next rows that are none."""
    ended: np.ndarray
    """(B,K,N) candidates that completed an output."""
    handicap: np.ndarray | None = None
    """(B,K,N) what diversity took off before the cut."""


def group_rows(options: SearchOptions) -> list[slice]:
    """The rows of each group of a diverse beam search, as even as can be; one group: all rows."""
    n = min(options.groups, options.beam) if options.method == "beam" else 1
    bounds = [options.beam * i // n for i in range(n + 1)]
    return [slice(a, b) for a, b in itertools.pairwise(bounds)]


def keep(token: np.ndarray, running: np.ndarray, k: int, eos: int) -> Choice:
    """Of a source's best candidates, ends among the first K finish and the first K others go on.

    token (B,K,N) and running totals (B,K,N). Twice K are looked at, for up to K of them may be ends.
    """
    flat = running.reshape(len(running), -1)  # (B,KN)
    b, n = np.arange(len(flat))[:, None], min(2 * k, flat.shape[1])
    index = _best(flat, n)  # (B,2K)
    values = flat[b, index]
    ends = (token.reshape(len(flat), -1)[b, index] == eos) & (values > -INF)
    values[ends] = -INF
    pick = np.argsort(-values, axis=1, kind="stable")[:, :k]  # (B,K)
    ended = np.zeros(flat.shape, bool)
    if ends.any():
        ended[b, index[:, :k]] = ends[:, :k]
    return Choice(index[b, pick], values[b, pick] == -INF, ended.reshape(running.shape))


def _best(flat: np.ndarray, n: int) -> np.ndarray:
    """Where the n largest of each row (B,M) stand, largest first: (B,n)."""
    if flat.shape[1] <= 4 * n:
        return np.argsort(-flat, axis=1, kind="stable")[:, :n]
    index = np.argpartition(-flat, n - 1, axis=1)[:, :n]
    b = np.arange(len(flat))[:, None]
    return index[b, np.argsort(-flat[b, index], axis=1, kind="stable")]


def keep_diverse(
    token: np.ndarray, running: np.ndarray, groups: Sequence[slice], diversity: float, eos: int
) -> Choice:
    """``keep`` group by group, tokens of earlier groups handicapped."""
    b, k, n = token.shape
    handicap, ended = np.zeros_like(running), np.zeros(running.shape, bool)
    candidate, dead = np.zeros((b, k), np.int64), np.zeros((b, k), bool)
    taken = np.full((b, 2 * k), -1)  # tokens that earlier groups chose: of rows, and of ends
    each = np.arange(b)[:, None]
    for part in groups:
        own, size = token[:, part], part.stop - part.start  # (B,k,N)
        if part.start:
            often = (own[..., None] == taken[:, None, None]).sum(-1)
            handicap[:, part] = np.float32(diversity) * often
        c = keep(own, running[:, part] - handicap[:, part], size, eos)
        went = own.reshape(b, -1)[each, c.candidate]  # (B,k)
        taken[:, part] = np.where(c.dead, -1, went)
        ends = c.ended.sum((1, 2))  # (B) at most ``size``
        if ends.any():
            taken[:, k + part.start : k + part.stop] = np.where(
                np.arange(size) < ends[:, None], eos, -1
            )
        candidate[:, part], dead[:, part] = c.candidate + part.start * n, c.dead
        ended[:, part] = c.ended
    return Choice(candidate, dead, ended, handicap)


def follow_draws(token: np.ndarray, drawn: np.ndarray, gone: np.ndarray, eos: int) -> Choice:
    """Every row goes on with the token it drew, or ends with it.

    token (B,K,N), drawn (B,K) places among a row's candidates, gone (B,K) rows that ended before.
    """
    b, k, n = token.shape
    index = np.arange(k) * n + drawn  # (B,K)
    at = np.arange(b)[:, None], np.arange(k), drawn
    ends = (token[at] == eos) & ~gone
    ended = np.zeros(token.shape, bool)
    ended[at] = ends
    return Choice(index, gone | ends, ended)
