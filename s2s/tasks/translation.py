"""Translation: one sentence in, one out."""

from __future__ import annotations

from dataclasses import replace

from s2s.metrics import METRICS
from s2s.tasks.base import Outcome, Task, encode_text
from s2s.text.cleaning import clean
from s2s.text.source import Source

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


def pair(row: dict, src: str, tgt: str, kind: str) -> tuple[Source, str]:
    """Both columns as they stand."""
    return parse(str(row[src])), str(row[tgt])


def read(source: Source) -> Source:
    """One clean text."""
    text = clean(source.text)
    return replace(source, parts=(text,) if text else ())


def report(o: Outcome) -> dict:
    """BLEU and chrF against all references and against the first, and BLEU by source length."""
    found: dict = {}
    for name in ("bleu", "chrf"):
        for suffix, references in (("", o.references), ("_single", [r[:1] for r in o.references])):
            score, signature = METRICS[name](o.outputs, references)
            found |= {f"{name}{suffix}": round(score, 2), f"{name}{suffix}_signature": signature}
    return found | {"by_length": _by_length(o)}


def _by_length(o: Outcome) -> list[dict]:
    """BLEU by source length in words; classes under 20 sentences are left out."""
    out, low = [], 1
    for high in LENGTHS:
        part = [i for i, s in enumerate(o.sources) if low <= len(s.text.split()) <= high]
        if len(part) >= 20:
            score, _ = METRICS["bleu"](
                [o.outputs[i] for i in part], [o.references[i] for i in part]
            )
            out.append({"words": [low, high], "sentences": len(part), "score": round(score, 2)})
        low = high + 1
    return out


TRANSLATION = Task(
    name="translation",
    fields=("src", "tgt"),
    metric="bleu",
    parse=parse,
    pair=pair,
    read=read,
    encode=encode_text,
    split_sentences=True,
    report=report,
    examples=tuple(Source((text,)) for text in EXAMPLES),
)
