"""The search step by step: who is alive, who goes on, who died, and by how much."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from s2s.search.scoring import normalise
from s2s.trace import Block, Fate, Trace


@dataclass(frozen=True)
class Live:
    """A hypothesis alive before a step."""

    row: int
    tokens: tuple[int, ...]
    total: float
    """Raw running total, repetition penalty included."""
    score: float
    """The total normalised for the tokens so far; 0 before the first."""


@dataclass(frozen=True)
class Candidate:
    """One extension of a live hypothesis."""

    row: int
    tokens: tuple[int, ...]
    """The whole path, its last token the new one."""
    logprob: float
    total: float
    score: float
    fate: Fate
    gap: float
    """Pruned: by how much the total missed the cut."""
    block: Block
    slot: int
    """Kept: its row at the next step; else -1."""


@dataclass(frozen=True)
class Frame:
    """One step of the search."""

    t: int
    live: tuple[Live, ...]
    """Best total first."""
    candidates: tuple[Candidate, ...]
    """Best total first; blocked ones at the end."""
    cut: float | None
    """The total of the worst candidate kept; None: none was kept, or groups of a diverse beam have
    each their own."""

    def of(self, *fates: Fate) -> list[Candidate]:
        """The candidates that met one of these fates."""
        return [c for c in self.candidates if c.fate in fates]


def play(trace: Trace) -> tuple[Frame, ...]:
    """Replay a recorded trace, following kept candidates from row to row.

    Raises ValueError if the trace was made without recording.
    """
    s = trace.steps
    if s is None:
        raise ValueError("the trace holds no steps: search with record=True")
    paths: dict[int, tuple[int, ...]] = dict.fromkeys(
        np.flatnonzero(s.before[0] > -np.inf).tolist(), ()
    )
    frames = []
    for t in range(len(s.fate)):
        live = [
            Live(row, path, total := float(s.before[t, row]), _score(total, t, trace))
            for row, path in paths.items()
        ]
        found = [
            Candidate(
                row,
                (*path, int(s.token[t, row, i])),
                float(s.logprob[t, row, i]),
                float(s.total[t, row, i]),
                float(s.score[t, row, i]),
                Fate(int(s.fate[t, row, i])),
                float(s.gap[t, row, i]),
                Block(int(s.block[t, row, i])),
                int(s.slot[t, row, i]),
            )
            for row, path in paths.items()
            for i in np.flatnonzero(s.fate[t, row]).tolist()
        ]
        found.sort(key=lambda c: (c.fate == Fate.BLOCKED, -c.total, -c.logprob))
        live.sort(key=lambda h: -h.total)
        kept = [c for c in found if c.fate == Fate.KEPT]
        cut = min((c.total for c in kept), default=None)
        if s.handicap is not None:  # every group has a cut of its own
            cut = None
        frames.append(Frame(t, tuple(live), tuple(found), cut))
        if t + 1 < len(s.fate):  # a group of a diverse beam may be done with what it kept
            paths = {c.slot: c.tokens for c in kept if s.before[t + 1, c.slot] > -np.inf}
    return tuple(frames)


def _score(total: float, length: int, trace: Trace) -> float:
    return float(normalise(total, length, trace.options)) if length else 0.0


@dataclass(frozen=True)
class Journey:
    """What became of one token sequence in a search."""

    end: str
    """``output``: it is among the hypotheses; ``finished``: it ended but ranked behind them;
    ``pruned``; ``blocked``; ``alive``: the search stopped while it was still in the beam;
    ``unseen``: it was not among the candidates on record."""
    step: int
    """Index of the last token that was looked at."""
    gap: float
    """Pruned: by how much it missed the cut."""
    rank: int
    """Output: its place, from 0; else -1."""


def follow(trace: Trace, tokens: tuple[int, ...]) -> Journey:
    """Follow a token sequence through a recorded search until it ends, one way or another."""
    for rank, h in enumerate(trace.hypotheses):
        if h.tokens == tokens:
            return Journey("output", len(tokens) - 1, 0.0, rank)
    s = trace.steps
    if s is None:
        return Journey("unseen", 0, 0.0, -1)
    rows = np.flatnonzero(s.before[0] > -np.inf).tolist()  # one; of samples all
    for t, token in enumerate(tokens):
        if t >= len(s.fate):
            return Journey("alive", t - 1, 0.0, -1)
        places = [
            (row, i)
            for row in rows
            for i in np.flatnonzero((s.token[t, row] == token) & (s.fate[t, row] > 0)).tolist()
        ]
        if not places:
            return Journey("unseen", t, 0.0, -1)
        kept = [p for p in places if s.fate[(t, *p)] == Fate.KEPT]
        if not kept:
            # several rows may have written the same: the one that came furthest tells the story
            order = [Fate.FINISHED, Fate.PRUNED, Fate.BLOCKED]
            at = min(
                ((t, *p) for p in places),
                key=lambda p: (order.index(Fate(int(s.fate[p]))), s.gap[p]),
            )
            return Journey(Fate(int(s.fate[at])).name.lower(), t, float(s.gap[at]), -1)
        rows = [int(s.slot[(t, *p)]) for p in kept]
    return Journey("alive", len(tokens) - 1, 0.0, -1)
