"""What was written so far, as keys and values that are never re-ordered.

B sources · K hypotheses · L layers · H heads · C channels a head · N columns written.
"""

from __future__ import annotations

import torch
from torch import Tensor

ROOM = 24  # steps that there is room for at first


class Past:
    """Keys and values of every token that any hypothesis of a source has written: N columns.

    Search keeps the best K of its hypotheses at each step, so what one of them reads next is its parent's
    past. To copy that to each child costs more than to compute it. Here columns are only ever added,
    one row a source, and a hypothesis knows which columns its ancestors wrote (``path``); all others
    are masked.
    """

    def __init__(self, layers: int, sources: int, heads: int, channels: int, like: Tensor) -> None:
        self.shape = layers, 2, sources, heads
        self.columns = like.new_empty(*self.shape, 0, channels)  # (L,2,B,H,room,C)
        self.used = 0

    def extend(self, count: int) -> int:
        """Make room for ``count`` more columns. Returns the first one's number."""
        room, first = self.columns.shape[4], self.used
        self.used += count
        if self.used > room:
            room = max(2 * room, ROOM * count, self.used)
            wider = self.columns.new_empty(*self.shape, room, self.columns.shape[5])
            wider[..., :first, :] = self.columns[..., :first, :]
            self.columns = wider
        return first

    def of(self, layer: int) -> tuple[Tensor, Tensor]:
        """Keys and values of a layer, (BH,N,C)."""
        k, v = self.columns[layer].flatten(1, 2)[:, :, : self.used].unbind(0)
        return k, v

    def add(self, layer: int, first: int, keys_values: Tensor) -> None:
        """Write (2,B,H,K,C) into columns first, first + 1, …"""
        self.columns[layer, :, :, :, first : first + keys_values.shape[3]] = keys_values

    def keep(self, sources: Tensor) -> Past:
        """The rows of some sources. Where those that stay are not behind their new places, the others' rows
        are written over: this past must not be read any more."""
        kept = Past.__new__(Past)
        order, n = sources.tolist(), len(sources)
        moves = [(i, s) for i, s in enumerate(order) if i != s]
        if all(s >= n for _, s in moves):
            for i, s in moves:
                self.columns[:, :, i, :, : self.used] = self.columns[:, :, s, :, : self.used]
            kept.columns = self.columns[:, :, :n]
        else:
            kept.columns = self.columns.index_select(2, sources)
        kept.shape, kept.used = (*self.shape[:2], n, self.shape[3]), self.used
        return kept


def ancestors(path: Tensor, used: int) -> Tensor | None:
    """path (B,K,t) of columns → what is added to scores (B,1,K,N): 0 there, -inf elsewhere.

    None: every column is an ancestor of every hypothesis, as in a greedy search.
    """
    b, k, t = path.shape
    if used == t:
        return None
    mask = torch.full((b, k, used), float("-inf"), device=path.device)
    return mask.scatter_(2, path, 0.0)[:, None]
