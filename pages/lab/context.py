"""What every panel of the Beam lab is given, and the words that it draws tokens with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pages.parts.cache import key_of
from s2s.figures.style import piece
from s2s.pipeline import Pipeline
from s2s.text.source import Source
from s2s.trace import Sentence, Trace


@dataclass(frozen=True)
class Lab:
    """One sentence, its search, and the model that did it."""

    name: str
    """Checkpoint."""
    pipeline: Pipeline
    source: Source
    """The whole input; ``sentence`` is its ``number``-th."""
    number: int
    sentence: Sentence
    text_prefix: str
    """What the first output was made to begin with."""

    @property
    def trace(self) -> Trace:
        return self.sentence.trace

    @property
    def sampled(self) -> bool:
        return self.trace.options.method == "sample"

    @property
    def key(self) -> tuple:
        """Everything that decides the trace."""
        weights = self.pipeline.checkpoint.digest
        return self.name, weights, self.trace.source, self.trace.prefix, key_of(self.trace.options)

    @property
    def id(self) -> str:
        """A widget key's part that changes with the trace."""
        return f"{hash(self.key) & 0xFFFFFFFF:x}"

    def tokens(self, ids: Sequence[int]) -> list[str]:
        """Pieces as they are drawn."""
        return [piece(p) for p in self.pipeline.tokenizer.pieces(ids)]

    def words(self, ids: Sequence[int]) -> str:
        """Plain text."""
        return self.pipeline.tokenizer.decode(ids)
