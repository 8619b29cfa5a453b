"""Two token sequences laid side by side with the fewest changes (Levenshtein 1966)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def align(a: Sequence[int], b: Sequence[int]) -> list[tuple[int | None, int | None]]:
    """Pairs of positions (in a, in b); None stands for a gap. Every position occurs once, in order."""
    cost = np.zeros((len(a) + 1, len(b) + 1), np.int32)
    cost[:, 0], cost[0] = np.arange(len(a) + 1), np.arange(len(b) + 1)
    for i in range(1, len(a) + 1):
        for j in range(1, len(b) + 1):
            cost[i, j] = min(
                cost[i - 1, j - 1] + (a[i - 1] != b[j - 1]), cost[i - 1, j] + 1, cost[i, j - 1] + 1
            )
    pairs: list[tuple[int | None, int | None]] = []
    i, j = len(a), len(b)
    while i or j:
        if i and j and cost[i, j] == cost[i - 1, j - 1] + (a[i - 1] != b[j - 1]):
            i, j = i - 1, j - 1
            pairs.append((i, j))
        elif i and cost[i, j] == cost[i - 1, j] + 1:
            i -= 1
            pairs.append((i, None))
        else:
            j -= 1
            pairs.append((None, j))
    return pairs[::-1]
