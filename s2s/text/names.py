"""The rare names of a text, and which of them another text lacks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable

from s2s.text.words import script_of

_WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_OPENS = re.compile(r"(?:^|[.!?:;…])[\s\"'“”‘’«»(\[—–-]*$")  # what stands before a first word
_APOSTROPHE = re.compile(r"['’].*")
LETTERS = 4  # of a name's beginning, at least, that a form of it in another language keeps


def names(text: str, rare: Callable[[str], bool]) -> list[str]:
    """Words that begin with a capital within a sentence, and that the model knows only in pieces.

    ``rare``: whether it does. Frequent names it has learned to translate (Germany, Monday): they may look quite
    different. Nothing is found where capitals mean something else: in titles, and in languages that write
    every noun so.

    >>> names("Yesterday Kowalczyk met Anna in Germany.", lambda w: len(w) > 7)
    ['Kowalczyk']
    """
    words = list(_WORD.finditer(text))
    inner = [m for m in words if not _OPENS.search(text[: m.start()])]
    plain = [_APOSTROPHE.sub("", m[0]) for m in inner]  # Anna's is Anna
    capital = [w for w in plain if w[0].isupper() and w[1:].islower() and len(w) >= LETTERS]
    if 2 * sum(w[0].isupper() for w in plain) > len(inner) + 2:
        return []
    return list(dict.fromkeys(word for word in capital if rare(word)))


def lost(text: str, other: str, rare: Callable[[str], bool]) -> list[str]:
    """Names of ``text`` of which ``other`` has no form. Nothing, if ``other`` is in another script."""
    if script_of([other]) != script_of([text]):
        return []
    there = [_folded(word) for word in _WORD.findall(other)]
    return [name for name in names(text, rare) if not _has(there, _folded(name))]


def _has(words: list[str], name: str) -> bool:
    """Whether one of the words begins as a name does, or holds it."""
    stem = name[: max(LETTERS, len(name) * 2 // 3)]
    return any(word.startswith(stem) or name in word for word in words)


def _folded(word: str) -> str:
    """Without accents and capitals."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in apart if char.isalnum())
