"""Translation: one sentence in, one out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from s2s.metrics import bleu, chrf, words
from s2s.tasks.base import Hub, Outcome, Task, encode_text, text_of
from s2s.text.cleaning import clean
from s2s.text.source import Source
from s2s.text.words import split_words

LENGTHS = (3, 5, 7, 9, 12, 15, 20, 30, 40, 60)  # upper bounds of the classes, in source words


EXAMPLES = (
    "Where is the nearest train station?",
    "I would like a table for two tonight.",
    "She told me that she had never been to Paris.",
    "If I had known that you were ill, I would have come to see you.",
    "The old man who lives next door plays the piano every evening.",
    "Select the cells that you want to copy, and then click OK.",
)


def parse(line: str) -> Source:
    """The line as it stands: a tab is white space."""
    return Source((line,))


def pairs(row: dict[str, Any], src: str, tgt: str, kind: str) -> list[tuple[Source, str]]:
    """Both columns as they stand."""
    return [(parse(text_of(row[src])), text_of(row[tgt]))]


def read(source: Source) -> Source:
    """One clean text."""
    text = clean(source.text)
    return replace(source, parts=(text,) if text else ())


def score(outputs: Sequence[str], references: Sequence[Sequence[str]], language: str) -> float:
    """BLEU by the target's script; chrF where most references are too short to hold four words."""
    lengths = [len(words(r)) for refs in references for r in refs]
    short = sum(n < 4 for n in lengths) * 2 > len(lengths)
    return chrf(outputs, references)[0] if short else bleu(outputs, references, language)[0]


def report(o: Outcome) -> dict[str, Any]:
    """BLEU and chrF against all references and against the first, and BLEU by source length."""
    found: dict[str, Any] = {}
    for suffix, references in (("", o.references), ("_single", [r[:1] for r in o.references])):
        both = {
            "bleu": bleu(o.outputs, references, o.language),
            "chrf": chrf(o.outputs, references),
        }
        for name, (points, signature) in both.items():
            found[f"{name}{suffix}"] = round(points, 2)
            found[f"{name}{suffix}_signature"] = signature
    return found | {"by_length": _by_length(o)}


def _by_length(o: Outcome) -> list[dict[str, Any]]:
    """BLEU by source length in words; classes under 20 sentences are left out."""
    out, low = [], 1
    for high in LENGTHS:
        part = [i for i, s in enumerate(o.sources) if low <= len(split_words(s.text)) <= high]
        if len(part) >= 20:
            outputs, references = [o.outputs[i] for i in part], [o.references[i] for i in part]
            points, _ = bleu(outputs, references, o.language)
            out.append({"words": [low, high], "sentences": len(part), "score": round(points, 2)})
        low = high + 1
    return out


TRANSLATION = Task(
    name="translation",
    fields=("src", "tgt"),
    metric="bleu",
    headline=("bleu", "BLEU"),
    parse=parse,
    pairs=pairs,
    read=read,
    encode=encode_text,
    split_sentences=True,
    numbers="all",
    hub=Hub(
        ("marian", "m2m_100", "mbart", "t5", "mt5"),
        "translation_{}_to_{}",
        "translate {} to {}: ",
    ),
    score=score,
    report=report,
    examples=tuple(Source((text,)) for text in EXAMPLES),
)
