"""What was written so far, as keys and values that are never re-ordered.

B sources · K hypotheses · S source length · L layers · H heads · C channels a head · N columns written.
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

    def __init__(self, read: Tensor, columns: Tensor | None = None, used: int = 0) -> None:
        """``read`` (L,2,B,H,S,C): keys and values of the source, which stand beside the past.

        ``columns`` (L,2,B,H,room,C) and how many of them are used; left out: an empty past.
        """
        layers, _, b, heads, _, channels = read.shape
        self.read, self.used = read, used
        self.columns = (
            read.new_empty(layers, 2, b, heads, 0, channels) if columns is None else columns
        )
        self.source = by_layer(read)
        """Of each layer the source's keys, transposed (BH,C,S), and values (BH,S,C)."""

    def extend(self, count: int) -> tuple[int, list[Tensor], list[tuple[Tensor, Tensor]]]:
        """Room for ``count`` more columns: the first one's number; and of each layer where their keys and
        values go (2,B,H,count,C), and all keys, transposed (BH,C,N), and values (BH,N,C)."""
        room, first = self.columns.shape[4], self.used
        self.used += count
        if self.used > room:
            room = max(2 * room, ROOM * count, self.used)
            wider = self.columns.new_empty(*self.columns.shape[:4], room, self.columns.shape[5])
            wider[..., :first, :] = self.columns[..., :first, :]
            self.columns = wider
        new = self.columns.narrow(4, first, count).unbind(0)
        return first, list(new), by_layer(self.columns.narrow(4, 0, self.used))

    def keep(self, sources: Tensor) -> Past:
        """The rows of some sources. Where those that stay are not behind their new places, the others' rows
        are written over: this past must not be read any more."""
        order, n = sources.tolist(), len(sources)
        moves = [(i, s) for i, s in enumerate(order) if i != s]
        if any(s < n for _, s in moves):
            return Past(
                self.read.index_select(2, sources), self.columns.index_select(2, sources), self.used
            )
        for i, s in moves:
            self.read[:, :, i] = self.read[:, :, s]
            self.columns[:, :, i, :, : self.used] = self.columns[:, :, s, :, : self.used]
        return Past(self.read.narrow(2, 0, n), self.columns.narrow(2, 0, n), self.used)


def by_layer(both: Tensor) -> list[tuple[Tensor, Tensor]]:
    """Keys and values (L,2,B,H,N,C) → of each layer the keys, transposed (BH,C,N), and values (BH,N,C)."""
    flat = both.flatten(2, 3)  # (L,2,BH,N,C)
    keys, values = flat.unbind(1)
    return list(zip(keys.transpose(-1, -2).unbind(0), values.unbind(0), strict=True))


def ancestors(path: Tensor, used: int) -> Tensor | None:
    """path (B,K,t) of columns → what is added to scores (B,1,K,N): 0 there, -inf elsewhere.

    None: every column is an ancestor of every hypothesis, as in a greedy search.
    """
    b, k, t = path.shape
    if used == t:
        return None
    mask = torch.full((b, k, used), float("-inf"), device=path.device)
    return mask.scatter_(2, path, 0.0)[:, None]
