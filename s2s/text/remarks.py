"""What an answer is to be read with: texts for people, each with a kind that programs can go by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from s2s.text.names import lost
from s2s.text.numbers import lacking
from s2s.text.source import Source

KINDS = {
    "shortened": "The end, or the beginning, of a long input was not read.",
    "budget": "Sentences behind a limit of work were not decoded.",
    "source_cut": "A sentence was longer than the model reads.",
    "characters": "The source is in characters that the model has hardly ever seen.",
    "capitals": "Capitals throughout were read as ordinary text.",
    "limit": "The output was cut at its limit of length.",
    "numbers": "The output lacks numbers of the source, or has others.",
    "names": "The output lacks rare names of the source.",
}


class Remark(str):
    """A sentence for people that knows what it is about."""

    kind: str
    found: tuple[str, ...]

    def __new__(cls, text: str, kind: str = "", found: Sequence[str] = ()) -> Remark:
        """``kind``: one of ``KINDS``; ``found``: the very words or numbers it speaks of."""
        remark = super().__new__(cls, text)
        remark.kind, remark.found = kind, tuple(found)
        return remark


def as_json(warning: str) -> dict[str, Any]:
    """Kind, text and what it speaks of."""
    return {
        "kind": getattr(warning, "kind", ""),
        "text": str(warning),
        "found": list(getattr(warning, "found", ())),
    }


def quoted(text: str) -> str:
    """The beginning of a text, for a sentence that speaks of it."""
    return f"“{text[:40]}”"


def on_numbers(source: str, output: str, languages: tuple[str, str], whole: bool) -> list[Remark]:
    """Numbers in digits that are not the source's own.

    ``whole``: the output is to have all of the source's; else only no others.
    """
    missing = lacking(source, output, languages[1]) if whole else []
    added = lacking(output, source, languages[0])
    if whole and not missing:
        return []  # numbers written as words in the source
    if not missing and not added:
        return []
    about = f"The output of {quoted(source)}"
    lacks = f" lacks {_listed(missing)}" if missing else ""
    has = f" has {_listed(added)}, which the source has not" if added else ""
    both = " and" if missing and added else ""
    return [Remark(f"{about}{lacks}{both}{has}.", "numbers", (*missing, *added))]


def on_names(source: str, output: str, rare: Callable[[str], bool]) -> list[Remark]:
    """Rare names of a source that no word of the output stands for."""
    missing = lost(source, output, rare)
    if not missing:
        return []
    said = f"The output of {quoted(source)} has no {_listed(missing, 'names')}: it may be misspelt or left out."
    return [Remark(said, "names", missing)]


def on_limit(source: str, tokens: int) -> Remark:
    """An output that was cut."""
    return Remark(
        f"The output of {quoted(source)} reached the limit of {tokens} tokens before its end.",
        "limit",
    )


def on_budget(decoded: int, whole: int, most: int) -> Remark:
    """Sentences behind the work that one input may ask for."""
    said = (
        f"Only the first {decoded:,} of {whole:,} sentences were decoded: sentences x beam x length of "
        f"one input may be at most {most:,}. A smaller beam or a shorter text fits."
    )
    return Remark(said, "budget", (str(most),))


def on_characters(source: str) -> Remark:
    """A source that the tokenizer spells in bytes."""
    said = (
        f"Most of {quoted(source)} is written in characters that the model has hardly ever seen, so "
        "its output means little."
    )
    return Remark(said, "characters", (source[:40],))


def on_capitals(source: Source, read: Source, back: bool) -> Remark:
    """Capitals throughout were not read as they stand."""
    pairs = zip(source.parts, read.parts, strict=True)
    first, small = next((a, b) for a, b in pairs if a != b)
    again = ", and the output put back into capitals" if back else ""
    said = (
        f"{quoted(first)} is written in capitals, which this model has not learned: it was read as "
        f"{quoted(small)}{again}."
    )
    return Remark(said, "capitals", (first[:40],))


def _listed(found: Sequence[str], what: str = "numbers") -> str:
    more = f" and {len(found) - 4} more {what}" if len(found) > 4 else ""
    return ", ".join(found[:4]) + more
