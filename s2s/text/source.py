"""What a model is asked about: the parts of a text, and what is wanted of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from s2s.text.cleaning import whole


@dataclass(frozen=True)
class Source:
    """One input of a task.

    >>> Source(("Hi!", "Hello. How are you?")).line()
    'Hi!\\tHello. How are you?'
    """

    parts: tuple[str, ...]
    """One text, or the turns of a conversation, oldest first."""
    kind: str | None = None
    """What is asked for, where a task knows several kinds of output."""
    language: str | None = None
    """ISO code of the language that the parts are in, where that matters."""

    def __bool__(self) -> bool:
        """Whether there is anything in it."""
        return any(self.parts)

    @property
    def text(self) -> str:
        """The parts, one a line."""
        return "\n".join(self.parts)

    @property
    def characters(self) -> int:
        """How many there are in all."""
        return sum(map(len, self.parts))

    def line(self) -> str:
        """One line, as files and terminals have it: the kind and the parts, separated by tabs."""
        return "\t".join(self.parts if self.kind is None else (self.kind, *self.parts))

    def map(self, change: Callable[[str], str]) -> Source:
        """The same with every part changed."""
        return replace(self, parts=tuple(change(part) for part in self.parts))

    def shortened(self, most: int, keeps: str) -> Source:
        """At most so many characters: the ``first`` or the ``last``."""
        kept: list[str] = []
        for part in self.parts if keeps == "first" else self.parts[::-1]:
            room = most - sum(map(len, kept))
            if room > 0:
                kept.append(part[:room] if keeps == "first" else part[-room:])
        return replace(self, parts=tuple(kept if keeps == "first" else kept[::-1]))


def as_source(given: Source | str) -> Source:
    """A string is a source of one part. Halves of surrogate pairs, which are no text, become U+FFFD."""
    source = given if isinstance(given, Source) else Source((given,))
    return source.map(whole)
