"""Encoded pairs in two flat arrays, which a file can hold and the system can map into memory.

A corpus of a million pairs as Python lists takes gigabytes; as one array of tokens and one of lengths
a hundred megabytes, none of them read before they are needed.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from s2s.errors import S2SError

TOKENS, LENGTHS = "tokens.npy", "lengths.npy"


@dataclass(frozen=True)
class Ids:
    """N pairs: source and target of each behind one another in ``tokens``; both end with the end of sentence."""

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
        start, (s, t) = self.starts[n], self.lengths[n].tolist()
        both = self.tokens[start : start + s + t].tolist()
        return both[:s], both[s:]

    def side(self, rows: np.ndarray, side: int, fill: int) -> np.ndarray:
        """One side of the pairs ``rows``, padded with ``fill``: (B, longest)."""
        lengths = self.lengths[rows].astype(np.int64)  # (B,2)
        first = self.starts[rows] + (lengths[:, 0] if side else 0)  # (B)
        column = np.arange(lengths[:, side].max(initial=1))[None]  # (1,T)
        inside = column < lengths[:, side, None]  # (B,T)
        at = np.where(inside, first[:, None] + column, 0)  # (B,T)
        return np.where(inside, self.tokens[at].astype(np.int64), fill)

    @classmethod
    def load(cls, folder: Path) -> Ids:
        """Map the arrays of a folder into memory. Raises S2SError if they are missing or broken."""
        try:
            tokens = np.load(folder / TOKENS, mmap_mode="r", allow_pickle=False)
            lengths = np.load(folder / LENGTHS, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise S2SError(f"The corpus in {folder} cannot be read ({error}).") from None
        if lengths.ndim != 2 or tokens.ndim != 1 or lengths.sum(dtype=np.int64) != len(tokens):
            raise S2SError(f"The corpus in {folder} is broken.")
        return cls.of(tokens, lengths)


class Writer:
    """Writes pairs into a folder as they come; ``Ids.load`` opens it."""

    def __init__(self, folder: Path, vocabulary: int) -> None:
        self._dtype = np.dtype(np.uint16 if vocabulary <= 1 << 16 else np.uint32)
        self._folder = folder
        self._file = open(folder / TOKENS, "wb")  # noqa: SIM115 - closed by __exit__
        self._open, self._lengths, self._total = array("I"), array("I"), 0
        self._header()

    def __enter__(self) -> Writer:
        return self

    def __len__(self) -> int:
        return len(self._lengths) // 2

    def add(self, src: Sequence[int], tgt: Sequence[int]) -> None:
        self._open.extend(src)
        self._open.extend(tgt)
        self._lengths.extend((len(src), len(tgt)))
        if len(self._open) > 1 << 20:
            self._flush()

    def _flush(self) -> None:
        self._file.write(np.array(self._open, self._dtype).tobytes())
        self._total += len(self._open)
        self._open = array("I")

    def _header(self) -> None:
        """A header of one length whatever its numbers: numpy leaves room for the first axis to grow."""
        header = {
            "descr": np.lib.format.dtype_to_descr(self._dtype),
            "fortran_order": False,
            "shape": (self._total,),
        }
        np.lib.format.write_array_header_1_0(self._file, header)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        with self._file:
            if kind is None:
                self._flush()
                self._file.seek(0)
                self._header()
        if kind is None:
            np.save(self._folder / LENGTHS, np.array(self._lengths, np.uint32).reshape(-1, 2))
