"""Toy tasks: small enough to be learned while one looks on, and their targets are known to be right.

A toy is an entry in ``TOYS``. What it makes is written as an ordinary folder of pairs, which any recipe
can be trained on.
"""

from __future__ import annotations

import calendar
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from s2s.data.corpus import source_key, write_pairs
from s2s.errors import S2SError
from s2s.locale import _, later
from s2s.text.cleaning import clean
from s2s.text.source import Source

Line = tuple[str, str]
LETTERS = "abcdefghijklmnop"
SHORTEST, LONGEST = 3, 7  # letters of a line
PAIRS, HELD_OUT = 3_000, 60
TRAIN, VALID = "train.tsv", "valid.tsv"
MOST_LINES, LEAST_LINES, MOST_CHARACTERS, MOST_SIGNS = 200, 20, 60, 200  # of lines of one's own


@dataclass(frozen=True)
class Toy:
    """One kind of work."""

    title: str
    rule: str
    """What is to be learned, in one sentence."""
    make: Callable[[random.Random], Line]
    """A source and its target."""


def _letters(rng: random.Random) -> list[str]:
    return rng.choices(LETTERS, k=rng.randint(SHORTEST, LONGEST))


def reverse(rng: random.Random) -> Line:
    """Letters, and the same ones from the end."""
    letters = _letters(rng)
    return " ".join(letters), " ".join(letters[::-1])


def sort(rng: random.Random) -> Line:
    """Letters, and the same ones in the order of the alphabet."""
    letters = _letters(rng)
    return " ".join(letters), " ".join(sorted(letters))


def copy(rng: random.Random) -> Line:
    """Letters, twice."""
    letters = " ".join(_letters(rng))
    return letters, letters


def dates(rng: random.Random) -> Line:
    """A day as people write it, and as ISO 8601 does. Numbers alone name the day first."""
    year, month = rng.randint(1900, 2049), rng.randint(1, 12)
    day = rng.randint(1, calendar.monthrange(year, month)[1])
    name = calendar.month_name[month]
    written = rng.choice(
        (
            f"{day} {name} {year}",
            f"{name} {day}, {year}",
            f"{name[:3]} {day} {year}",
            f"{day}.{month}.{year}",
            f"{day}/{month}/{year}",
        )
    )
    return written, f"{year:04}-{month:02}-{day:02}"


TOYS: dict[str, Toy] = {
    "reverse": Toy(later("Reverse"), later("The letters from the last to the first."), reverse),
    "sort": Toy(later("Sort"), later("The letters in the order of the alphabet."), sort),
    "copy": Toy(later("Copy"), later("The same letters again."), copy),
    "dates": Toy(
        later("Dates"), later("A date in words or numbers, day first, as year-month-day."), dates
    ),
}


def lines_of(name: str, n: int = PAIRS, seed: int = 0) -> list[Line]:
    """``n`` lines of a toy, no source twice; the same ones for the same seed. Raises S2SError."""
    if name not in TOYS:
        raise S2SError(f"There is no toy {name[:40]!r}; known: {', '.join(TOYS)}.")
    rng, found, misses = random.Random(f"{name}/{seed}"), dict[str, str](), 0
    while len(found) < n:
        source, target = TOYS[name].make(rng)
        misses = misses + 1 if source in found else 0
        found.setdefault(source, target)
        if misses > 100:  # nearly every line there is has been drawn
            raise S2SError(f"{name} has no {n:,} different lines.")
    return list(found.items())


def own_lines(text: str) -> list[Line]:
    """Lines that someone wrote, source and target parted by a tab or ``=>``; blank ones are skipped.

    Raises S2SError, with the number of the line, if they are too few, too many, too long or no pairs.
    """
    if len(text) > 3 * MOST_LINES * MOST_CHARACTERS:
        said = _(
            "Your text has {n:,} characters; at most {most} lines of twice {long} characters can be "
            "learned here."
        )
        raise S2SError(said.format(n=len(text), most=MOST_LINES, long=MOST_CHARACTERS))
    found = []
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        parts = line.split("\t") if "\t" in line else line.split("=>")
        sides = [clean(part) for part in parts]
        if len(sides) != 2 or not all(sides):
            said = _(
                "Line {number} must be a source and a target with one tab, or =>, between them."
            )
            raise S2SError(said.format(number=number))
        if (longest := max(map(len, sides))) > MOST_CHARACTERS:
            raise S2SError(
                _(
                    "Line {number} has {n:,} characters on one side; at most {most} can be learned "
                    "here."
                ).format(number=number, n=longest, most=MOST_CHARACTERS)
            )
        found.append((sides[0], sides[1]))
    return _checked(found)


def _checked(found: list[Line]) -> list[Line]:
    """As many lines, and as few different characters, as can be learned in two minutes."""
    distinct = len({source_key(Source((source,))) for source, _ in found})
    signs = len({sign for line in found for side in line for sign in side})
    if len(found) > MOST_LINES:
        said = _("You gave {n:,} lines; at most {most} can be learned here.")
        raise S2SError(said.format(n=len(found), most=MOST_LINES))
    if distinct < LEAST_LINES:
        raise S2SError(
            _(
                "You gave {n} different sources; at least {least} are needed, some of "
                "which are kept back to see what was learned."
            ).format(n=distinct, least=LEAST_LINES)
        )
    if signs > MOST_SIGNS:
        raise S2SError(
            _("Your lines hold {n:,} different characters; at most {most} can be learned.").format(
                n=signs, most=MOST_SIGNS
            )
        )
    return found


def hold_out(lines: Sequence[Line], n: int) -> tuple[list[Line], list[Line]]:
    """Lines to learn from, and those of about ``n`` sources that are kept back, spread over all."""
    keys = [source_key(Source((source,))) for source, _ in lines]
    distinct = list(dict.fromkeys(keys))
    held = set(distinct[:: max(2, len(distinct) // max(1, n))][:n])
    learned = [line for line, key in zip(lines, keys, strict=True) if key not in held]
    return learned, [line for line, key in zip(lines, keys, strict=True) if key in held]


def write(folder: Path, lines: Sequence[Line], held_out: int) -> None:
    """``train.tsv`` and ``valid.tsv`` in a folder, made if need be."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, part in zip((TRAIN, VALID), hold_out(lines, held_out), strict=True):
        pairs = ((Source((source,)), target) for source, target in part)
        write_pairs(folder / name, pairs, ("src", "tgt"))
