"""Word alignments: read from attention, symmetrised, and judged against gold links.

A link is (source word, output word), both from 0. T output words · S source words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from s2s.errors import S2SError
from s2s.locale import _

Link = tuple[int, int]
METHODS = ("argmax", "both", "grow")


@dataclass(frozen=True)
class Gold:
    """What people linked: sure links, and those that may be there (sure ones included)."""

    sure: frozenset[Link]
    possible: frozenset[Link]

    @classmethod
    def of(cls, sure: Iterable[Link], possible: Iterable[Link] = ()) -> Gold:
        s = frozenset(sure)
        return cls(s, s | frozenset(possible))


@dataclass(frozen=True)
class Counts:
    """Links found, and how many of them are right; counts of sentences add up."""

    found: int = 0
    sure: int = 0
    """Sure links of the gold."""
    found_sure: int = 0
    found_possible: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.found + other.found,
            self.sure + other.sure,
            self.found_sure + other.found_sure,
            self.found_possible + other.found_possible,
        )

    @property
    def precision(self) -> float:
        """|A n P| / |A| (Och and Ney 2003, eq. 30); 1 if nothing was claimed."""
        return self.found_possible / self.found if self.found else 1.0

    @property
    def recall(self) -> float:
        """|A n S| / |S| (Och and Ney 2003, eq. 30)."""
        return self.found_sure / self.sure if self.sure else 1.0

    @property
    def aer(self) -> float:
        """Alignment error rate 1 - (|A n S| + |A n P|) / (|A| + |S|) (Och and Ney 2003, eq. 31)."""
        total = self.found + self.sure
        return 1 - (self.found_sure + self.found_possible) / total if total else 0.0


def count(found: Iterable[Link], gold: Gold) -> Counts:
    """One sentence's links against its gold."""
    a = set(found)
    return Counts(len(a), len(gold.sure), len(a & gold.sure), len(a & gold.possible))


def links(alpha: np.ndarray, method: str = "argmax", ends: bool = True) -> set[Link]:
    """Links that attention (T,S) draws; the last row and column are the ends of output and source.

    ``argmax``: each output word to the source word it looks at most. ``both``: only where that source
    word is also looked at most by it (the intersection of both directions; Jalili Sabet et al. 2020,
    Argmax). ``grow``: the intersection grown into the union (Koehn et al. 2003, grow-diag).
    ``ends``: the end of the source is a choice too, and a word that chooses it stays without a link;
    otherwise it is left out and every word gets one.
    """
    rows = alpha[:-1] if ends else alpha[:-1, :-1]
    if not rows.size:
        return set()
    last = alpha.shape[1] - 1
    forward = {(int(s), t) for t, s in enumerate(rows.argmax(1)) if s != last}
    backward = {(s, int(t)) for s, t in enumerate(alpha[:-1, :-1].argmax(0))}
    if method == "argmax":
        return forward
    return forward & backward if method == "both" else grow_diag(forward, backward)


def grow_diag(forward: set[Link], backward: set[Link]) -> set[Link]:
    """The intersection, and again and again its neighbours in the union whose source or output word has
    no link yet (Koehn et al. 2003, section 4)."""
    union, grown = forward | backward, forward & backward
    near = [(a, b) for a in (-1, 0, 1) for b in (-1, 0, 1) if a or b]
    added = True
    while added:
        added = False
        for s, t in sorted(grown):
            for ds, dt in near:
                new = (s + ds, t + dt)
                if new in union and new not in grown:
                    lonely = all(new[0] != i for i, _ in grown) or all(
                        new[1] != j for _, j in grown
                    )
                    if lonely:
                        grown.add(new)
                        added = True
    return grown


def parse(text: str, source: int, output: int) -> Gold:
    """Links as people write them: ``1-1 2-3p``, words counted from 1, p (or ?) for possible ones.

    Raises S2SError where it cannot be read, or a word is not there.
    """
    sure: list[Link] = []
    possible: list[Link] = []
    for part in re.split(r"[\s,;]+", text.strip()):
        match = re.fullmatch(r"(\d{1,4})([-p?])(\d{1,4})([p?]?)", part)
        if not match:
            said = _("{part!r} is no link: write 2-3, or 2-3p for a possible one.")
            raise S2SError(said.format(part=part[:20]))
        s, t = int(match[1]) - 1, int(match[3]) - 1
        if not (0 <= s < source and 0 <= t < output):
            raise S2SError(_("{part} links words that are not there.").format(part=part))
        (possible if match[2] != "-" or match[4] else sure).append((s, t))
    return Gold.of(sure, possible)


def written(found: Sequence[Link] | set[Link]) -> str:
    """Links as ``parse`` reads them."""
    return " ".join(f"{s + 1}-{t + 1}" for s, t in sorted(found))
