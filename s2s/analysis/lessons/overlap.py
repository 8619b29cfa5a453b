"""BLEU, chrF and ROUGE of one output, by hand: every count that the scores are made of.

The same numbers as sacrebleu and rouge-score give, which ``s2s.metrics`` asks; here the steps are seen.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

Gram = tuple[str, ...]


def grams(tokens: Sequence[str], n: int) -> Counter[Gram]:
    """How often each run of ``n`` tokens occurs."""
    return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))


@dataclass(frozen=True)
class Order:
    """The n-grams of one order."""

    n: int
    rows: tuple[tuple[Gram, int, int, int], ...]
    """(n-gram of the output, times there, times in the reference, the smaller of both: clipped)"""
    total: int
    """n-grams of the output."""
    wanted: int
    """n-grams of the reference."""

    @property
    def matched(self) -> int:
        """Clipped counts, summed: "the the the" is right as often as the reference says "the"."""
        return sum(row[3] for row in self.rows)

    @property
    def precision(self) -> float:
        """Share of the output's n-grams that stand in the reference, 0 to 1."""
        return self.matched / self.total if self.total else 0.0

    @property
    def recall(self) -> float:
        """Share of the reference's n-grams that stand in the output, 0 to 1."""
        return self.matched / self.wanted if self.wanted else 0.0


def order(output: Sequence[str], reference: Sequence[str], n: int) -> Order:
    """Count and clip (Papineni et al. 2002, section 2.1)."""
    own, given = grams(output, n), grams(reference, n)
    rows = tuple((g, k, given[g], min(k, given[g])) for g, k in own.items())
    return Order(n, rows, own.total(), given.total())


@dataclass(frozen=True)
class Bleu:
    """BLEU = BP exp(1/N sum_n log p_n) (Papineni et al. 2002, section 2.3)."""

    orders: tuple[Order, ...]
    precisions: tuple[float, ...]
    """p_n of the orders that the output is long enough for; one without a match is halved from 1 / total
    instead of 0 (Chen and Cherry 2014, method 3)."""
    length: int
    wanted: int
    """Length of the reference."""

    @property
    def brevity(self) -> float:
        """BP: 1, or exp(1 - r/c) if the output is shorter than the reference."""
        if self.length >= self.wanted:
            return 1.0
        return math.exp(1 - self.wanted / self.length) if self.length else 0.0

    @property
    def mean(self) -> float:
        """Geometric mean of the precisions; 0 if nothing matches at all."""
        if not any(o.matched for o in self.orders):
            return 0.0
        return math.exp(sum(map(math.log, self.precisions)) / len(self.precisions))

    @property
    def score(self) -> float:
        """0 to 100."""
        return 100 * self.brevity * self.mean


def bleu(output: Sequence[str], reference: Sequence[str], most: int = 4) -> Bleu:
    """Sentence BLEU of two lists of words; orders longer than the output are left out."""
    orders = tuple(order(output, reference, n) for n in range(1, most + 1))
    precisions, halves = [], 1
    for o in orders:
        if not o.total:
            break
        if not o.matched:
            halves *= 2
        precisions.append(o.precision if o.matched else 1 / (halves * o.total))
    return Bleu(orders, tuple(precisions), len(output), len(reference))


@dataclass(frozen=True)
class FScore:
    """Precision, recall and their harmonic mean, 0 to 100."""

    precision: float
    recall: float
    score: float


def f_score(precision: float, recall: float, beta: float = 1.0) -> FScore:
    """F = (1+β²) P R / (β² P + R), of shares 0 to 1; β > 1 minds recall more."""
    square = beta * beta
    below = square * precision + recall
    f = (1 + square) * precision * recall / below if below else 0.0
    return FScore(100 * precision, 100 * recall, 100 * f)


def chrf(
    output: str, reference: str, most: int = 6, beta: float = 2.0
) -> tuple[FScore, list[Order]]:
    """chrF (Popović 2015): n-grams of characters without white space; mean precision, mean recall.

    Orders that either text is too short for are left out.
    """
    own, given = list("".join(output.split())), list("".join(reference.split()))
    orders = [order(own, given, n) for n in range(1, most + 1)]
    orders = [o for o in orders if o.total and o.wanted]
    count = max(1, len(orders))
    precision = sum(o.precision for o in orders) / count
    return f_score(precision, sum(o.recall for o in orders) / count, beta), orders


def rouge_n(output: Sequence[str], reference: Sequence[str], n: int) -> FScore:
    """ROUGE-N F1 (Lin 2004, section 2)."""
    o = order(output, reference, n)
    return f_score(o.precision, o.recall)


def common(output: Sequence, reference: Sequence) -> list[tuple[int, int]]:
    """A longest common subsequence: pairs of places in both, in order."""
    rows, columns = len(output), len(reference)
    best = [[0] * (columns + 1) for _ in range(rows + 1)]
    for i in range(rows - 1, -1, -1):
        for j in range(columns - 1, -1, -1):
            same = output[i] == reference[j]
            best[i][j] = best[i + 1][j + 1] + 1 if same else max(best[i + 1][j], best[i][j + 1])
    found, i, j = [], 0, 0
    while i < rows and j < columns:
        if output[i] == reference[j]:
            found.append((i, j))
            i, j = i + 1, j + 1
        elif best[i + 1][j] >= best[i][j + 1]:
            i += 1
        else:
            j += 1
    return found


def rouge_l(output: Sequence[str], reference: Sequence[str]) -> FScore:
    """ROUGE-L F1 (Lin 2004, section 3): by the longest common subsequence."""
    n = len(common(output, reference))
    return f_score(n / len(output) if output else 0.0, n / len(reference) if reference else 0.0)
