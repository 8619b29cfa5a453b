"""A text cut into sentences, and the white space between them."""

from __future__ import annotations

import re
from itertools import pairwise

import sentencex

from s2s.text.cleaning import clean, whole

_WRAPPED = 40  # characters, at least, of a line that was broken because it was full
_STOP = re.compile(r"[.!?:;…。！？：；][\"'”’»)\]]*\s*$")
_GOES_ON = re.compile(r"\s*[a-zà-ÿ]")
_LAST = re.compile(
    r"(?:^|[\s(\[\"'“«])([^\s(\[\"'“«]+)\.\s*$"
)  # the last word, a full stop behind it
_LABEL = re.compile(r"\s*(?:\d{1,3}|[A-Za-z])[.)]\s*$")  # "1." in front of an item
_NUMBER = re.compile(r"[(\[]?(?:\d|(?:[IVXLC]{2,}|[VX])\b)")
_SMALL = re.compile(r"[(\[]?(?:\d|[a-zà-ÿ])")

# What does not end a sentence: before anything, before a number, before a number or a small letter.
_TITLES = frozenset(
    "dr mr mrs ms messrs prof rev hon sen gov gen maj capt cpt lt sgt st mt e.g i.e cf viz".split()  # noqa: SIM905
)
_TITLES_OF = {"fr": frozenset("m mm mme mmes mlle mlles pr".split())}  # noqa: SIM905
_NUMBERED = frozenset(
    "no nos nr fig figs vol vols ch chap sect p pp pg art eq eqs ver para nº n° jan feb mar apr jun "  # noqa: SIM905
    "jul aug sep sept oct nov dec".split()
)
_SHORTENED = frozenset(
    "approx appr est ca c circa etc incl excl vs al dept ext max min avg temp tel env resp orig ed "  # noqa: SIM905
    "eds trans abbr cont corp inc ltd co a.m p.m u.s u.k".split()
)


def split_text(text: str, language: str = "en") -> list[tuple[str, str]]:
    """(sentence, white space before it); lines stay lines, paragraphs stay paragraphs."""
    out: list[tuple[str, str]] = []
    gap = ""
    for line in _unwrapped(whole(text).splitlines()):
        for piece in split_line(line, language):
            if cleaned := clean(piece):
                out.append((cleaned, gap or " "))
                gap = ""
        gap += "\n"
    return out


def split_line(line: str, language: str = "en") -> list[str]:
    """Split one line with sentencex (Wikimedia), but not behind an abbreviation or a label."""
    if len(line) < 2:
        return [line]
    out: list[str] = []
    for piece in sentencex.segment(language or "en", line):
        if out and _goes_on(out[-1], piece, len(out) == 1, language):
            out[-1] += piece
        else:
            out.append(piece)
    return out


def _goes_on(before: str, piece: str, first: bool, language: str) -> bool:
    """Whether the full stop at the end of ``before`` belongs to an abbreviation, or to a label."""
    if first and _LABEL.fullmatch(before):
        return True
    last = _LAST.search(before)
    if last is None:
        return False
    word, rest = last[1].lower(), piece.lstrip()
    return (
        word in _TITLES | _TITLES_OF.get(language, frozenset())
        or (word in _NUMBERED and bool(_NUMBER.match(rest)))
        or (word in _NUMBERED | _SHORTENED and word != "no" and bool(_SMALL.match(rest)))
    )


def _unwrapped(lines: list[str]) -> list[str]:
    """Lines as they stand, but running text that was broken at a width is one line again.

    Such a line is long, its sentence goes on with a small letter, and it comes to an end. A list is none:
    its items are short, or no full stop ever comes.
    """
    out: list[str] = []
    start = 0
    breaks = [not _broken(a, b) for a, b in pairwise(lines)]
    for n, line in enumerate(lines):
        if n < len(breaks) and not breaks[n]:
            continue
        part = lines[start : n + 1]
        out += [" ".join(part)] if _STOP.search(line) else part
        start = n + 1
    return out


def _broken(line: str, following: str) -> bool:
    """Whether a sentence runs from one line into the next."""
    full = len(line.strip()) >= _WRAPPED and not _STOP.search(line)
    return full and _GOES_ON.match(following) is not None
