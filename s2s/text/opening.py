"""What an output must begin with: whole tokens, then any pieces that spell the rest of a text.

Whoever types the beginning of an output may stop within a word, where the pieces of what is typed are
not those of the word that it becomes: ``pl`` is a piece, and so is ``plage``. So only whole words are
forced as tokens; the last one may be spelled in any pieces that agree with it.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

Step = tuple[tuple[int, int], ...]  # (token, next state) of all that may come; a state counts bytes


@dataclass(frozen=True)
class Opening:
    """The beginning of an output."""

    ids: tuple[int, ...] = ()
    """Tokens that come first."""
    spelling: tuple[Step, ...] = ()
    """By the number of bytes of the rest that are written: which tokens may come. Nothing: anything."""
    rest: str = ""
    """The text that the tokens behind ``ids`` spell; they may go on behind it."""
    begun: int = 0
    """How many tokens it usually takes, of which limits of length know nothing."""

    def __bool__(self) -> bool:
        return bool(self.ids or self.spelling)

    def __len__(self) -> int:
        """Most tokens that are not free."""
        return len(self.ids) + len(self.spelling)

    @cached_property
    def _next(self) -> list[dict[int, int]]:
        return [dict(step) for step in self.spelling]

    def allowed(self, written: Sequence[int]) -> Sequence[int] | None:
        """The tokens that may come behind ``written``; None: all."""
        if len(written) < len(self.ids):
            return (self.ids[len(written)],)
        if not self.spelling:
            return None
        state = 0
        for token in written[len(self.ids) :]:
            if state >= len(self.spelling):
                return None
            state = self._next[state].get(token, len(self.spelling))
        return None if state >= len(self.spelling) else tuple(self._next[state])


NOTHING = Opening()


def as_opening(given: Opening | Sequence[int]) -> Opening:
    """Plain ids are an opening of whole tokens."""
    return given if isinstance(given, Opening) else Opening(tuple(given), begun=len(given))


class Speller:
    """Which pieces agree with a text: made once for a vocabulary."""

    def __init__(self, pieces: Sequence[tuple[bytes, int]]) -> None:
        """``pieces``: what each token writes, and its id."""
        self.pieces = sorted(pieces)
        self.longest = max((len(piece) for piece, _ in pieces), default=0)
        self._ids: dict[bytes, list[int]] = {}
        for piece, token in self.pieces:
            self._ids.setdefault(piece, []).append(token)

    def steps(self, rest: bytes) -> tuple[Step, ...]:
        """From each number of bytes written, the tokens that agree with what is still to come."""
        return tuple(self._step(rest[n:], n, len(rest)) for n in range(len(rest)))

    def _step(self, rest: bytes, written: int, end: int) -> Step:
        found = []
        for n in range(1, min(len(rest), self.longest + 1)):  # pieces that write a part of it
            found += [(token, written + n) for token in self._ids.get(rest[:n], ())]
        at = bisect_left(self.pieces, (rest, -1))  # pieces that write all of it, or more
        while at < len(self.pieces) and self.pieces[at][0].startswith(rest):
            found.append((self.pieces[at][1], end))
            at += 1
        return tuple(found)
