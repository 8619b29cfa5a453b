"""The rare names of a text, and which of them another text lacks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from difflib import SequenceMatcher

from s2s.text.words import script_of

_WORDS = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")
_OPENS = re.compile(r"(?:^|[.!?:;…])[\s\"'“”‘’«»(\[—–-]*$")  # what stands before a first word
_APOSTROPHE = re.compile(r"['’].*")
_PART = re.compile(r"[^\W\d_]+")  # L'Écosse and Nouvelle-Zélande are of two
# Nouns and adjectives that titles write large, and peoples: they are translated, not kept.
_COMMON = re.compile(
    r"..(?:tions?|ments?|log(?:y|ies)|isms?|it(?:y|ies)|doms?|ships?|quakes?|ese|[ei]ans?|ish)$"
    r"|^(?:north|south|east|west)ern$",
    re.I,
)
_CALENDAR = re.compile(
    "(?:mon|tues|wednes|thurs|fri|satur|sun)day|january|february|march|april|may|june|july|august|"
    "(?:septem|octo|novem|decem)ber",
    re.I,
)
ALIKE = 0.75  # of two spellings, one of them with accents, that are one name in two languages
BEGINS = 3  # letters that such spellings begin with alike, if they are not: Bavaria, Bavière
LETTERS = 4  # of a name's beginning, at least, that a form of it in another language keeps


def names(text: str, rare: Callable[[str], bool]) -> list[str]:
    """Words that begin with a capital within a sentence, and that the model knows only in pieces.

    ``rare``: whether it does. Frequent names it has learned to translate (Germany, Monday): they may look quite
    different. Nothing is found where capitals mean something else: in titles, in languages that write every noun
    so, in days, peoples, and nouns such as Prosecutions.

    >>> names("Yesterday Kowalczyk met Anna in Germany.", lambda w: len(w) > 7)
    ['Kowalczyk']
    """
    words = list(_WORDS.finditer(text))
    inner = [m for m in words if not _OPENS.search(text[: m.start()])]
    plain = [_APOSTROPHE.sub("", m[0]) for m in inner]  # Anna's is Anna
    capital = [w for w in plain if w[0].isupper() and w[1:].islower() and len(w) >= LETTERS]
    if 2 * sum(w[0].isupper() for w in plain) > len(inner) + 2:
        return []
    found = dict.fromkeys(word for word in capital if not _is_common(word) and rare(word))
    return list(found)


def _is_common(word: str) -> bool:
    """Whether it names nobody, or something that other languages have words of their own for."""
    first = _PART.match(word)
    letter = first is not None and len(first[0]) == 1  # T-shirt
    return letter or any((_CALENDAR.fullmatch(word), _COMMON.search(word)))


def lost(text: str, other: str, rare: Callable[[str], bool]) -> list[str]:
    """Names of ``text`` of which ``other`` has no form. Nothing, if ``other`` is in another script."""
    if script_of([other]) != script_of([text]):
        return []
    there = [*_PART.findall(other), *_WORDS.findall(other)]
    return [name for name in names(text, rare) if not _has(there, _folded(name))]


def _has(words: list[str], name: str) -> bool:
    """Whether one of the words begins as a name does, holds it, or is it in another language: Édimbourg."""
    stem = name[: max(LETTERS, len(name) * 2 // 3)]
    for word in words:
        plain = _folded(word)
        if plain.startswith(stem) or name in plain:
            return True
        alike = (
            plain[:BEGINS] == name[:BEGINS] or SequenceMatcher(None, name, plain).ratio() >= ALIKE
        )
        if not word.isascii() and alike:
            return True
    return False


def _folded(word: str) -> str:
    """Without accents and capitals."""
    apart = unicodedata.normalize("NFKD", word.casefold())
    return "".join(char for char in apart if char.isalnum())
