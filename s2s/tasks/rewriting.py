"""Rewriting: one line in, one line out, and only the very line counts: toys, formats, spellings."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from s2s.metrics import chrf
from s2s.tasks.base import Outcome, Task, encode_text
from s2s.tasks.translation import pairs, parse, read
from s2s.text.source import Source


def exact(outputs: Sequence[str], references: Sequence[Sequence[str]], language: str = "") -> float:
    """Share of outputs that are one of their references, letter by letter, 0 to 100."""
    hits = sum(o in refs for o, refs in zip(outputs, references, strict=True))
    return 100 * hits / max(1, len(outputs))


def report(o: Outcome) -> dict[str, Any]:
    """Exact lines, and chrF for how far the others are off."""
    points, signature = chrf(o.outputs, o.references)
    return {
        "exact": round(exact(o.outputs, o.references), 2),
        "chrf": round(points, 2),
        "chrf_signature": signature,
    }


REWRITING = Task(
    name="rewriting",
    fields=("src", "tgt"),
    metric="exact",
    headline=("exact", "exact lines"),
    parse=parse,
    pairs=pairs,
    read=read,
    encode=encode_text,
    score=exact,
    report=report,
    examples=tuple(Source((text,)) for text in ("a b c d e", "5 March 1987")),
)
