"""A task as another library's model does it: no control tokens, no kinds, its own way to read a source."""

from __future__ import annotations

from dataclasses import replace

from s2s.tasks.base import Task
from s2s.text.cleaning import clean
from s2s.text.huggingface import HuggingFaceTokenizer
from s2s.text.source import Source
from s2s.text.tokenizer import Tokenizer

BETWEEN = "  "  # turns of a conversation: two spaces, as BlenderBot was trained


def opened(task: Task, prefix: str) -> Task:
    """``task`` for a model that was trained elsewhere; ``prefix``: text in front of every source."""

    def encode(source: Source, tokenizer: Tokenizer, limit: int) -> tuple[list[int], int]:
        if not isinstance(tokenizer, HuggingFaceTokenizer):
            raise TypeError("another library's model has another library's tokenizer")
        return tokenizer.source(prefix + BETWEEN.join(source.parts), limit, task.keeps)

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
