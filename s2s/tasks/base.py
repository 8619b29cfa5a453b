"""What a kind of work has to say for itself: how rows become pairs, how a source is read, its report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from s2s.text.source import Source
from s2s.text.tokenizer import Tokenizer


@dataclass(frozen=True)
class Likelihood:
    """How probable the references were, all together."""

    nats: float
    tokens: int
    texts: tuple[str, ...]
    """The targets that were scored."""
    too_long: int
    """Targets that were not."""


@dataclass(frozen=True)
class Outcome:
    """A decoded test set."""

    sources: Sequence[Source]
    """Distinct, in order; ``references`` and ``outputs`` belong to them."""
    references: Sequence[Sequence[str]]
    outputs: Sequence[str]
    likelihood: Callable[[], Likelihood]
    """Forces the model through the references, for reports that ask."""


@dataclass(frozen=True)
class Task:
    """How one kind of work reads rows and is judged."""

    name: str
    fields: tuple[str, str]
    """Default column names of source and target."""
    metric: str
    """What early stopping and reports go by, a key of ``report``."""
    parse: Callable[[str], Source]
    """One line of a file or a terminal, tabs between its parts → a source."""
    pair: Callable[[dict, str, str, str], tuple[Source, str | list[str]]]
    """(row, source column, target column, kind) → (source, target or several), raw."""
    read: Callable[[Source], Source]
    """Any source → a clean one, false if there is nothing in it."""
    encode: Callable[[Source, Tokenizer, int], tuple[list[int], int]]
    """(clean source, tokenizer, limit) → ids ending with eos, and the number of tokens cut off."""
    report: Callable[[Outcome], dict]
    """A decoded test set → metrics, baselines and the task's known disease."""
    examples: tuple[Source, ...]
    controls: tuple[str, ...] = ()
    """Control tokens of the vocabulary."""
    kinds: dict[str, str] = field(default_factory=dict)
    """Kinds of target that a control token asks for, and what people call them."""
    split_sentences: bool = False
    """Whether a long input is decoded sentence by sentence; else it is cut at the limit."""
    keeps: str = "first"
    """Which end of a source that is too long is read: ``first`` or ``last``."""


def encode_text(source: Source, tokenizer: Tokenizer, limit: int) -> tuple[list[int], int]:
    """Ids of a source of one part, ending with eos, and the number of tokens cut off."""
    ids = tokenizer.encode(source.text)
    return [*ids[: limit - 1], tokenizer.vocabulary.eos], max(0, len(ids) - (limit - 1))
