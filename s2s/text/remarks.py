"""What an answer is to be read with: texts for people, each with a kind that programs can go by."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from s2s.locale import later, translated
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
    "unseen": "The output lacks letters or signs of the source that the model has never seen.",
}


class Remark(str):
    """A sentence for people that knows what it is about, and how to be said in another language."""

    kind: str
    found: tuple[str, ...]
    form: str
    values: dict[str, Any]

    def __new__(
        cls,
        form: str,
        kind: str = "",
        found: Sequence[str] = (),
        values: dict[str, Any] | None = None,
    ) -> Remark:
        """``form``: the sentence, marked by ``later``, with places for ``values``, which may be remarks
        themselves. ``kind``: one of ``KINDS``; ``found``: the very words or numbers it speaks of."""
        remark = super().__new__(cls, form if values is None else form.format(**values))
        remark.form, remark.values = form, values or {}
        remark.kind, remark.found = kind, tuple(found)
        return remark

    def shown(self) -> str:
        """In the language of the interface; the remark itself is English, as programs read it."""
        said = {k: v.shown() if isinstance(v, Remark) else v for k, v in self.values.items()}
        return translated(self.form).format(**said) if self.values else translated(self.form)


def shown(warning: str) -> str:
    """A warning in the language of the interface."""
    return warning.shown() if isinstance(warning, Remark) else warning


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
    if not added:
        said = later("The output of {source} lacks {missing}.")
    elif not missing:
        said = later("The output of {source} has {added}, which the source has not.")
    else:
        said = later(
            "The output of {source} lacks {missing} and has {added}, which the source has not."
        )
    more = later("{first} and {n} more numbers")
    values = {"source": quoted(source), "missing": _listed(missing, more)}
    values["added"] = _listed(added, more)
    return [Remark(said, "numbers", (*missing, *added), values)]


def on_names(source: str, output: str, rare: Callable[[str], bool]) -> list[Remark]:
    """Rare names of a source that no word of the output stands for."""
    missing = lost(source, output, rare)
    if not missing:
        return []
    said = later("The output of {source} has no {missing}: it may be misspelt or left out.")
    names = _listed(missing, later("{first} and {n} more names"))
    return [Remark(said, "names", missing, {"source": quoted(source), "missing": names})]


def on_unseen(source: str, output: str, unknown: Sequence[str]) -> list[Remark]:
    """Letters and signs of a source that the vocabulary does not have, and that the output lacks."""
    missing = [char for char in unknown if char not in output]
    if not missing:
        return []
    said = later("The model has never seen {missing}, and its output of {source} lacks it.")
    signs = _listed(missing, later("{first} and {n} more"))
    return [Remark(said, "unseen", missing, {"source": quoted(source), "missing": signs})]


def on_limit(source: str, tokens: int) -> Remark:
    """An output that was cut."""
    return Remark(
        later("The output of {source} reached the limit of {tokens} tokens before its end."),
        "limit",
        values={"source": quoted(source), "tokens": tokens},
    )


def on_budget(decoded: int, whole: int, most: int) -> Remark:
    """Sentences behind the work that one input may ask for."""
    said = later(
        "Only the first {decoded:,} of {whole:,} sentences were decoded: sentences x beam x length of "
        "one input may be at most {most:,}. A smaller beam or a shorter text fits."
    )
    return Remark(said, "budget", (str(most),), {"decoded": decoded, "whole": whole, "most": most})


def on_characters(source: str) -> Remark:
    """A source that the tokenizer spells in bytes."""
    said = later(
        "Most of {source} is written in characters that the model has hardly ever seen, so "
        "its output means little."
    )
    return Remark(said, "characters", (source[:40],), {"source": quoted(source)})


def on_capitals(source: Source, read: Source, back: bool) -> Remark:
    """Capitals throughout were not read as they stand."""
    pairs = zip(source.parts, read.parts, strict=True)
    first, small = next((a, b) for a, b in pairs if a != b)
    if back:
        said = later(
            "{source} is written in capitals, which this model has not learned: it was read as "
            "{small}, and the output put back into capitals."
        )
    else:
        said = later(
            "{source} is written in capitals, which this model has not learned: it was read as "
            "{small}."
        )
    return Remark(
        said, "capitals", (first[:40],), {"source": quoted(first), "small": quoted(small)}
    )


def on_characters_read(characters: int, read: int, keeps: str) -> Remark:
    """An input of which only one end was read."""
    said = {
        "first": later("The input has {whole:,} characters; only the first {read:,} were read."),
        "last": later("The input has {whole:,} characters; only the last {read:,} were read."),
    }[keeps]
    return Remark(said, "shortened", values={"whole": characters, "read": read})


def on_turn(tokens: int) -> Remark:
    """A last turn that is longer than the model reads."""
    said = later("The last turn has {whole:,} tokens; the model read the end of it.")
    return Remark(said, "source_cut", values={"whole": tokens})


def on_cut(whole: int, read: int, end: str, sentence: bool) -> Remark:
    """A sentence, or else a text, of which the end was not read. ``end``: of what was."""
    if sentence:
        said = later(
            "A sentence has {whole:,} tokens; the model reads {read}, so it was cut after “{shown}”."
        )
    else:
        said = later(
            "The text has {whole:,} tokens; the model reads {read}, so it was cut after “{shown}”."
        )
    return Remark(said, "source_cut", values={"whole": whole, "read": read, "shown": end})


def _listed(found: Sequence[str], many: str) -> str:
    """The first of them; of more than four their number, as ``many`` has it."""
    first = ", ".join(found[:4])
    more = len(found) - 4
    return Remark(many, values={"first": first, "n": more}) if more > 0 else first
