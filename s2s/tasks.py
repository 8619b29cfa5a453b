"""The kinds of work: how a row becomes a pair, which metric steers, what to try first.

A new task is one entry in ``TASKS``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Task:
    """How one kind of work reads rows and is judged."""

    name: str
    fields: tuple[str, str]
    """Default column names of source and target."""
    metric: str
    """Key of ``s2s.metrics.METRICS`` that early stopping and reports go by; higher is better."""
    pair: Callable[[dict, str, str], tuple[str, str]]
    """(row, source column, target column) → (source text, target text)."""
    split_sentences: bool
    """Whether a long input is decoded sentence by sentence."""
    examples: tuple[str, ...]


def _columns(row: dict, src: str, tgt: str) -> tuple[str, str]:
    return str(row[src]), str(row[tgt])


TASKS: dict[str, Task] = {
    "translation": Task(
        name="translation",
        fields=("src", "tgt"),
        metric="bleu",
        pair=_columns,
        split_sentences=True,
        examples=(
            "Where is the nearest train station?",
            "I would like a table for two tonight.",
            "She told me that she had never been to Paris.",
            "If I had known that you were ill, I would have come to see you.",
            "The old man who lives next door plays the piano every evening.",
            "Select the cells that you want to copy, and then click OK.",
        ),
    ),
}
