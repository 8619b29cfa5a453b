"""One sentence between its text and its search."""

from __future__ import annotations

from dataclasses import dataclass

from s2s.text.opening import NOTHING, Opening
from s2s.text.source import Source


@dataclass(frozen=True)
class Unit:
    """One sentence on its way: where it came from and what is read of it."""

    source: Source
    gap: str
    """White space before it."""
    ids: list[int]
    cut: int
    """Tokens that are not read."""
    prefix: Opening = NOTHING
    capitals: bool = False
    """Whether it is written in capitals, and its output will be."""
