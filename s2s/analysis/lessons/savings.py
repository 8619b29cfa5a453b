"""What a search saves by keeping what it knows already.

The encoder runs once a source and not once a step; a decoder's step reads one new token and not the whole
prefix: a recurrent network keeps its state, a Transformer the keys and values of earlier tokens.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from s2s.trace import Trace


@dataclass(frozen=True)
class Savings:
    """Tokens that went through the networks, and that would have, were nothing kept."""

    steps: int
    rows: int
    """Hypotheses that were extended, all steps together: live rows of the beam."""
    kept: tuple[int, int]
    """(tokens through the encoder, tokens through the decoder)"""
    anew: tuple[int, int]
    """The same, had every step of every row read source and prefix from their beginnings."""

    @property
    def times(self) -> float:
        """How many times as many tokens it would be."""
        return sum(self.anew) / sum(self.kept)


def savings(trace: Trace) -> Savings:
    """Counted off a recorded trace. Raises ValueError if recording was off."""
    alive = np.isfinite(trace.recorded.before).sum(1)  # (T,) rows of each step
    rows, source = int(alive.sum()), len(trace.source)
    prefix = int(
        (alive * np.arange(1, len(alive) + 1)).sum()
    )  # step t reads t tokens, the start included
    return Savings(len(alive), rows, (source, rows), (source * rows, prefix))
