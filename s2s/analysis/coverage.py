"""How much attention each source word received: what may be left out, what may be said twice.

T output words · S source words, the end last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

LOW, HIGH = 0.05, 0.95  # quantiles of what words receive while references are written


@dataclass(frozen=True)
class Range:
    """Between what and what a word usually receives."""

    low: float
    high: float

    def judge(self, value: float) -> str:
        """little, much or usual."""
        return "little" if value < self.low else "much" if value > self.high else "usual"


USUAL = Range(0.2, 2.0)  # where nothing was measured (coverage of Tu et al. 2016 aims at 1)


def received(alpha: np.ndarray) -> np.ndarray:
    """(S-1,) what each word but the end receives over all output words but the end: sum_t a_ts
    (coverage, Tu et al. 2016, eq. 7 with one for every fertility)."""
    return alpha[:-1, :-1].sum(0)


def calibrate(values: Sequence[np.ndarray]) -> Range:
    """The middle nine tenths of what words received on references."""
    low, high = np.quantile(np.concatenate(values), (LOW, HIGH))
    return Range(round(float(low), 4), round(float(high), 4))


def alarms(
    values: Sequence[np.ndarray], fertility: Sequence[np.ndarray], usual: Range
) -> dict[str, Any]:
    """How often an alarm is true, against how often it would be by chance.

    ``fertility`` (S-1,) of each sentence: how many output words people linked to each source word. An
    alarm "little" is true where nothing was linked, "much" where two or more words were.
    """
    got, links = np.concatenate(values), np.concatenate(fertility)
    report: dict[str, Any] = {"words": len(got)}
    for name, raised, true in (
        ("little", got < usual.low, links == 0),
        ("much", got > usual.high, links > 1),
    ):
        report[name] = {
            "alarms": int(raised.sum()),
            "true": round(float(true[raised].mean()), 4) if raised.any() else None,
            "by_chance": round(float(true.mean()), 4),
        }
    return report
