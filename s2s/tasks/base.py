"""What a kind of work has to say for itself: how rows become pairs, how a source is read, its report."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from s2s.text.cleaning import clean
from s2s.text.huggingface import HuggingFaceTokenizer
from s2s.text.source import Source
from s2s.text.tokenizer import Tokenizer

Score = Callable[[Sequence[str], Sequence[Sequence[str]], str], float]


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
    """A decoded test set, in plain values."""

    sources: Sequence[Source]
    """Distinct, in order; ``references`` and ``outputs`` belong to them."""
    references: Sequence[Sequence[str]]
    outputs: Sequence[str]
    likelihood: Callable[[], Likelihood]
    """Forces the model through the references, for reports that ask."""
    language: str = ""
    """ISO code of the outputs' language; empty: not said."""


@dataclass(frozen=True)
class Hub:
    """What a task is among models of the Hugging Face hub."""

    families: tuple[str, ...] = ()
    """Types of models that mostly do it."""
    key: str = ""
    """Its name in a folder's settings; two languages stand at ``{}``."""
    prefix: str = ""
    """What T5 wants in front of a source, with the names of the languages."""
    between: str = " "
    """What joins the parts of a source."""

    @property
    def two_languages(self) -> bool:
        """Whether source and target are of different ones."""
        return "{}" in self.key


@dataclass(frozen=True)
class Task:
    """All that is special about one kind of work. A new one is a file here and a line in ``TASKS``."""

    name: str
    fields: tuple[str, str]
    """Default column names of source and target."""
    metric: str
    """What checkpoints are compared by, a key of ``report``; more is better."""
    headline: tuple[str, str]
    """The number that a report is known by, as a key of it, and what people call that."""
    parse: Callable[[str], Source]
    """One line of a file or a terminal, tabs between its parts → a source."""
    pairs: Callable[[dict[str, Any], str, str, str], list[tuple[Source, str]]]
    """(row, source column, target column, kind) → its (source, target), raw. KeyError: a column lacks;
    TypeError: a value is no text."""
    read: Callable[[Source], Source]
    """Any source → a clean one, false if there is nothing in it."""
    encode: Callable[[Source, Tokenizer, int], tuple[list[int], int]]
    """(clean source, tokenizer, limit) → ids ending with eos, and the number of tokens cut off."""
    score: Score | None
    """What validation goes by: (outputs, references, target language) → 0 to 100, more is better. None:
    100 over the perplexity of the references."""
    report: Callable[[Outcome], dict[str, Any]]
    """A decoded test set → metrics, baselines and the task's known disease."""
    examples: tuple[Source, ...]
    controls: tuple[str, ...] = ()
    """Control tokens of the vocabulary."""
    kinds: dict[str, str] = field(default_factory=dict)
    """Kinds of target that a control token asks for, and what people call them; the first leaves the
    choice to the model."""
    split_sentences: bool = False
    """Whether a long input is decoded sentence by sentence; else it is cut at the limit."""
    keeps: Literal["first", "last"] = "first"
    """Which end of a source that is too long is read: ``first`` or ``last``."""
    numbers: Literal["", "some", "all"] = ""
    """Whether an output's numbers are the source's own: ``some`` of them, ``all``; empty: not asked."""
    repeats: Callable[[Source, str], bool] = lambda _source, _output: False
    """Whether an output says again what should not be said twice: it comes behind those that do not."""
    usable: Callable[[str], bool] = bool
    """Whether anything may be learned from a clean target; others are dropped, and counted."""

    hub: Hub = Hub()
    """For models that were trained elsewhere."""

    def leave_open(self, source: Source) -> Source:
        """The same source with its kind left to the model; as it is where there are no kinds."""
        return replace(source, kind=next(iter(self.kinds))) if self.kinds else source


def text_of(value: object) -> str:
    """A value of a row that must be text: null, a number or a list is not. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError(f"{type(value).__name__} is no text")
    return value


def encode_text(source: Source, tokenizer: Tokenizer, limit: int) -> tuple[list[int], int]:
    """Ids of a source of one part, ending with eos, and the number of tokens cut off."""
    ids = tokenizer.encode(source.text)
    return [*ids[: limit - 1], tokenizer.vocabulary.eos], max(0, len(ids) - (limit - 1))


def opened(task: Task, prefix: str) -> Task:
    """``task`` for a model of another library: no control tokens, no kinds, its own way to read a source.

    ``prefix``: text in front of every source.
    """

    def encode(source: Source, tokenizer: Tokenizer, limit: int) -> tuple[list[int], int]:
        if not isinstance(tokenizer, HuggingFaceTokenizer):
            raise TypeError("another library's model has another library's tokenizer")
        return tokenizer.source(prefix + task.hub.between.join(source.parts), limit, task.keeps)

    found = replace(task, encode=encode, controls=())
    if not task.kinds:
        return found
    plain = tuple(replace(example, kind=None) for example in task.examples)
    return replace(found, kinds={}, parse=_one_text, read=_clean, examples=plain)


def _one_text(line: str) -> Source:
    """The line as it stands."""
    return Source((line,))


def _clean(source: Source) -> Source:
    """One clean text."""
    text = clean(source.text)
    return replace(source, parts=(text,) if text else (), kind=None)
