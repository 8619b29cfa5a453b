"""When the beam search of a source is over, and what an output that the limit cuts is worth.

``stop`` of the options. ``full``: K outputs have ended. The others are what transformers calls
``early_stopping`` True (early), False (hopeful) and "never" (never): there a search whose K outputs
have ended goes on as long as its best row could still beat the worst of the best K, by the row's score
at the present length (hopeful) or at the limit (never).

K rows of a source, or of a group of them · N candidates a row.
"""

from __future__ import annotations

from collections.abc import Sequence

from s2s.config import SearchOptions
from s2s.search.scoring import normalise
from s2s.trace import Hypothesis

HOPEFUL = ("hopeful", "never")


def over(
    ended: Sequence[float], rows: int, best: float, t: int, limit: int, options: SearchOptions
) -> bool:
    """Whether a source is done behind step ``t`` (from 0).

    ``ended``: scores of its outputs; ``best``: running total of the best row that goes on; ``limit``:
    most tokens of an output.
    """
    if len(ended) < rows or (competes(options) and t + 1 >= limit):
        return False  # at the limit, what it cuts competes with what has ended
    if options.stop not in HOPEFUL or options.beam == 1:  # greedy search ends where it ends
        return True
    length = limit if options.stop == "never" and options.alpha > 0 else t + 1
    return not float(normalise(best, length, options)) > sorted(ended, reverse=True)[rows - 1]


def competes(options: SearchOptions) -> bool:
    """Whether outputs that the limit cut are ranked by their score alone."""
    return options.stop != "full"


def by_score(found: Sequence[Hypothesis]) -> list[Hypothesis]:
    """Best first, cut or not; of equal ones the one that came first."""
    return sorted(found, key=lambda h: -h.score)
