"""Variants of training pairs: what people type differs from what stands in a corpus.

A variant is a function of a pair and a random generator, and gives another pair, or None where it
does not apply. ``data.augment`` says how many of each a corpus gets.
"""

from __future__ import annotations

import random
import re
import string
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from s2s.config import Augment
from s2s.data.reading import Pair
from s2s.data.templates import CALENDARS, ENGLISH, invented_name
from s2s.text.source import Source

Variant = Callable[[Pair, random.Random], Pair | None]
Names = Mapping[str, Sequence[str]]

_WORD = re.compile(r"[^\W\d_]+")
_VOWELS = "aeiouyhàâäéèêëîïôöùûü"
_NEIGHBOURS = {
    a: row[max(0, i - 1) : i] + row[i + 1 : i + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for i, a in enumerate(row)
}  # on an English keyboard


# ------------------------------------------------------------------------------ how people type
def casual(pair: Pair, rng: random.Random) -> Pair:
    """The source as it is typed into a box: lower case, no final mark, perhaps no apostrophes."""
    *before, last = pair[0].parts
    typed = replace(pair[0], parts=(*before, last.rstrip(".!? ") or last))
    if rng.random() < 0.8:
        typed = typed.map(str.lower)
    if rng.random() < 0.4:
        typed = typed.map(lambda text: text.replace("'", ""))
    return typed, pair[1]


def capitals(pair: Pair, _: random.Random) -> Pair:
    """Both sides in capitals."""
    return pair[0].map(str.upper), pair[1].upper()


def typos(pair: Pair, rng: random.Random) -> Pair:
    """One or two slips of the finger in the last part of the source: letters swapped, dropped,
    doubled, or the next key."""
    *before, last = pair[0].parts
    words = last.split(" ")
    long = [i for i, w in enumerate(words) if len(w) > 3 and w.isascii() and w.isalpha()]
    for i in rng.sample(long, min(len(long), 1 + (len(long) > 5))):
        words[i] = _slip(words[i], rng)
    return replace(pair[0], parts=(*before, " ".join(words))), pair[1]


def _slip(word: str, rng: random.Random) -> str:
    at = rng.randrange(1, len(word) - 1)
    letter = word[at]
    near = _NEIGHBOURS.get(letter, letter)
    slips = (word[at + 1] + letter, word[at + 1], 2 * letter + word[at + 1])
    middle = rng.choice((*slips, rng.choice(near) + word[at + 1]))
    return word[:at] + middle + word[at + 2 :]


# ------------------------------------------------------------------- other values, to learn copying
def numbers(pair: Pair, rng: random.Random) -> Pair | None:
    """Other digits where both sides hold the same numbers; of one digit none, grammar hangs on them."""
    found = [re.findall(r"\d+", side) for side in (pair[0].text, pair[1])]
    if sorted(found[0]) != sorted(found[1]):
        return None
    new = {n: _digits(n, rng) for n in sorted(set(found[0])) if len(n) > 1}

    def exchange(text: str) -> str:
        return re.sub(r"\d+", lambda m: new.get(m[0], m[0]), text)

    return pair[0].map(exchange), exchange(pair[1])


def _digits(number: str, rng: random.Random) -> str:
    """As many other digits; four of them mostly stay a year of the same millennium."""
    head = number[0] if len(number) == 4 and rng.random() < 0.7 else rng.choice("123456789")
    head = "0" if number[0] == "0" else head
    return head + "".join(rng.choice(string.digits) for _ in number[1:])


def shared_names(source: Source, tgt: str) -> list[str]:
    """Capitalised words that stand on both sides, in order of the source."""
    right = set(_WORD.findall(tgt))
    return [w for w in _WORD.findall(source.text) if len(w) > 2 and w.istitle() and w in right]


def find_names(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    """Each shared name of a corpus that it never writes in lower case, and who may stand in for it.

    Those are the names that begin likewise with a vowel or with a consonant: articles and
    prepositions before a name depend on that.
    """
    names: set[str] = set()
    ordinary: set[str] = set()
    for source, tgt in pairs:
        names.update(shared_names(source, tgt))
        ordinary.update(
            w for side in (source.text, tgt) for w in _WORD.findall(side) if w.islower()
        )
    peers: dict[bool, list[str]] = {True: [], False: []}
    for name in sorted(names):
        if name.lower() not in ordinary:
            peers[_vowel(name)].append(name)
    return {name: peers[_vowel(name)] for both in peers.values() for name in both}


def renaming(names: Names) -> Variant:
    """A variant that puts another name of ``names``, or an invented one, where both sides hold one."""

    def renamed(pair: Pair, rng: random.Random) -> Pair | None:
        present = [name for name in shared_names(*pair) if name in names]
        if not present:
            return None
        old = rng.choice(present)
        new = invented_name(rng) if rng.random() < 0.3 else rng.choice(names[old])
        if _vowel(new) != _vowel(old):
            return None
        whole_word = re.compile(rf"(?<![^\W\d_]){old}(?![^\W\d_])")
        return pair[0].map(lambda part: whole_word.sub(new, part)), whole_word.sub(new, pair[1])

    return renamed


def _vowel(name: str) -> bool:
    return name[0].lower() in _VOWELS


def calendar(language: str) -> Variant:
    """A variant with another weekday or month, where each side holds exactly one, and the same."""
    own = CALENDARS[language]

    def moved(pair: Pair, rng: random.Random) -> Pair | None:
        src, tgt = pair
        for here, there in zip(ENGLISH, own, strict=True):
            found = [w for w in re.findall(r"\b[A-Z][a-z]+\b", src.text) if w in here]
            if len(found) != 1:
                continue
            i, j = here.index(found[0]), rng.randrange(len(here))
            word = re.compile(rf"\b{here[i]}\b")
            right = _exchange(tgt, there[i], there[j], language)
            if i != j and right:
                return src.map(lambda part: word.sub(here[j], part)), right  # noqa: B023
        return None

    return moved


def _exchange(text: str, old: str, new: str, language: str) -> str:
    """``text`` with ``new`` for its only ``old``; "" if it has none or several."""
    word = re.compile(rf"(?i)\b{old}\b" if language == "fr" else rf"(?<!\d){old}")
    hits = word.findall(text)
    if len(hits) != 1:
        return ""
    if language == "fr":
        vowel = new[0] in "aeiouéêâ"
        elided = rf"(?i)\b(d)('|e )(?={old}\b)"
        text = re.sub(elided, r"\1'" if vowel else r"\1e ", text)
        new = new.capitalize() if hits[0][0].isupper() else new
    return word.sub(new, text)


def new_subjects() -> Variant:
    """A variant that lets a conversation begin behind the turns of the pair before: people change the subject."""
    before: list[str] = []

    def changed(pair: Pair, rng: random.Random) -> Pair | None:
        source, reply = pair
        last = before[-rng.choice((2, 4)) :]  # even, so that the same side goes on
        before[:] = *source.parts, reply
        if len(source.parts) != 1 or len(last) % 2:
            return None
        return replace(source, parts=(*last, *source.parts)), reply

    return changed


# ------------------------------------------------------------------------------------------ a corpus
class Variants:
    """Makes variants of pairs that come one after another; a share of 2 makes two of each pair.

    language: ISO code of the targets'; names: who may stand in for whom (``find_names``).
    """

    def __init__(self, wanted: Augment, language: str, names: Names, seed: str) -> None:
        known: list[tuple[float, Variant]] = [
            (wanted.casual, casual),
            (wanted.capitals, capitals),
            (wanted.typos, typos),
            (wanted.numbers, numbers),
            (wanted.names if names else 0.0, renaming(names)),
            (wanted.subjects, new_subjects()),
            (wanted.no_source, lambda pair, _: (Source(()), pair[1])),
        ]
        if language in CALENDARS and language != "en":
            known.append((wanted.calendar, calendar(language)))
        self._due = [
            _Due(share, vary, random.Random(f"{seed}/{n}"))
            for n, (share, vary) in enumerate(known)
            if share
        ]

    def of(self, pair: Pair) -> Iterator[Pair]:
        """Variants of one pair, those that are due; none that leaves the source as it is."""
        for each in self._due:
            for _ in range(each.count()):
                found = each.vary(pair, each.rng)
                if found is not None and found[0] != pair[0]:
                    yield found


@dataclass
class _Due:
    """One kind of variant, ``share`` of it a pair."""

    share: float
    vary: Variant
    rng: random.Random
    owed: float = 0.0

    def count(self) -> int:
        """How many of the next pair: ``share`` in the mean, spread evenly over the pairs."""
        self.owed += self.share
        before = self.owed
        while self.owed >= 1 or (self.owed > 0 and self.rng.random() < self.owed):
            self.owed -= 1
        return round(before - self.owed)
