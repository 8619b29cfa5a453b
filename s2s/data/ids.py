"""Encoded pairs in two flat arrays, which a file can hold and the system can map into memory.

A corpus of a million pairs as Python lists takes gigabytes; as one array of tokens and one of lengths
a hundred megabytes, none of them read before they are needed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from s2s.errors import S2SError

TOKENS, LENGTHS = "tokens.npy", "lengths.npy"


@dataclass(frozen=True)
class Ids:
    """N pairs: source and target of each behind one another in ``tokens``; both end with EOS."""

    tokens: np.ndarray
    """(all tokens) unsigned integers."""
    lengths: np.ndarray
    """(N, 2): tokens of the source and of the target."""
    starts: np.ndarray
    """(N): where each pair begins in ``tokens``."""

    @classmethod
    def of(cls, tokens: np.ndarray, lengths: np.ndarray) -> Ids:
        ends = lengths.sum(1, dtype=np.int64).cumsum()
        return cls(tokens, lengths, np.concatenate([[0], ends[:-1]]) if len(ends) else ends)

    def __len__(self) -> int:
        return len(self.lengths)

    def pair(self, n: int) -> tuple[list[int], list[int]]:
        """Source and target of pair ``n``."""
        start, (s, t) = self.starts[n], self.lengths[n].astype(int)
        return self.tokens[start : start + s].tolist(), self.tokens[
            start + s : start + s + t
        ].tolist()

    def side(self, rows: np.ndarray, side: int, fill: int) -> np.ndarray:
        """One side of the pairs ``rows``, padded with ``fill``: (B, longest)."""
        lengths = self.lengths[rows].astype(np.int64)  # (B,2)
        first = self.starts[rows] + (lengths[:, 0] if side else 0)  # (B)
        column = np.arange(lengths[:, side].max(initial=1))[None]  # (1,T)
        inside = column < lengths[:, side, None]  # (B,T)
        at = np.where(inside, first[:, None] + column, 0)  # (B,T)
        return np.where(inside, self.tokens[at].astype(np.int64), fill)

    def save(self, folder: Path) -> None:
        np.save(folder / TOKENS, self.tokens)
        np.save(folder / LENGTHS, self.lengths)

    @classmethod
    def load(cls, folder: Path) -> Ids:
        """Map the arrays of a folder into memory. Raises S2SError if they are missing or broken."""
        try:
            tokens = np.load(folder / TOKENS, mmap_mode="r", allow_pickle=False)
            lengths = np.load(folder / LENGTHS, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise S2SError(f"The corpus in {folder} cannot be read ({error}).") from None
        if lengths.ndim != 2 or tokens.ndim != 1 or lengths.sum(dtype=np.int64) != len(tokens):
            raise S2SError(f"The corpus in {folder} is broken.")
        return cls.of(tokens, np.asarray(lengths))


class Writer:
    """Collects pairs and gives ``Ids``."""

    def __init__(self, vocabulary: int) -> None:
        self._dtype = np.uint16 if vocabulary <= 1 << 16 else np.uint32
        self._tokens: list[np.ndarray] = []
        self._lengths: list[tuple[int, int]] = []
        self._open: list[int] = []

    def __len__(self) -> int:
        return len(self._lengths)

    def add(self, src: Sequence[int], tgt: Sequence[int]) -> None:
        self._open += src
        self._open += tgt
        self._lengths.append((len(src), len(tgt)))
        if len(self._open) > 1 << 20:
            self._close()

    def _close(self) -> None:
        self._tokens.append(np.array(self._open, self._dtype))
        self._open = []

    def ids(self) -> Ids:
        self._close()
        lengths = np.array(self._lengths, np.uint16).reshape(-1, 2)
        return Ids.of(np.concatenate(self._tokens), lengths)


def ids_of(pairs: Iterable[tuple[Sequence[int], Sequence[int]]], vocabulary: int) -> Ids:
    """Pairs of id lists → ``Ids``."""
    writer = Writer(vocabulary)
    for src, tgt in pairs:
        writer.add(src, tgt)
    return writer.ids()
