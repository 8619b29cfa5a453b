"""The log of a running search, and the traces made from it at the end.

B sources alive at a step · K rows · N candidates a row · T steps of one source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from s2s.config import SearchOptions
from s2s.search.candidates import Grid
from s2s.search.groups import group_rows
from s2s.search.scoring import normalise
from s2s.text.vocabulary import EOS
from s2s.trace import Fate, Hypothesis, Steps, Trace

INF = float("inf")


@dataclass(frozen=True)
class End:
    """Where a hypothesis ended: the back-pointers behind it tell the rest."""

    t: int
    row: int
    """Row at step ``t``."""
    token: int
    logprob: float
    penalty: float
    covered: float
    """Coverage penalty, ≤ 0."""
    finished: bool


class Log:
    """What each step decided, as arrays by step; sources leave it when they are done."""

    def __init__(self, sources: int, recording: bool) -> None:
        self.recording = recording
        self.at: list[dict[int, int]] = []  # by step: source → its place in the arrays
        self.parent: list[np.ndarray] = []  # (B,K) row at this step of each row at the next
        self.token: list[np.ndarray] = []  # (B,K)
        self.logprob: list[np.ndarray] = []  # (B,K)
        self.grid: list[dict[str, np.ndarray]] = []
        self.ends: list[list[End]] = [[] for _ in range(sources)]

    def add(self, alive: Sequence[int], parent: Tensor, token: Tensor, logprob: Tensor) -> None:
        """Back-pointers, tokens and log-probabilities (B,K) of the rows that go on."""
        self.at.append({source: place for place, source in enumerate(alive)})
        self.parent.append(_array(parent))
        self.token.append(_array(token))
        self.logprob.append(_array(logprob))

    def add_grid(
        self,
        grid: Grid,
        running: Tensor,
        before: Tensor,
        index: Tensor,
        dead: Tensor,
        ended: Tensor,
        attention: Tensor | None,
        gen: Tensor | None,
        handicap: Tensor | None,
    ) -> None:
        """Every candidate: running totals (B,K,N), totals before (B,K), the flat index (B,K) of
        those that went on, ended (B,K,N), attention (B,K,L,H,S), gen (B,K), handicap (B,K,N)."""
        self.grid.append(
            {
                "token": _array(grid.token),
                "logprob": _array(grid.logprob),
                "running": _array(running),
                "before": _array(before),
                "index": _array(index.masked_fill(dead, -1)),
                "ended": _array(ended),
            }
            | ({} if grid.block is None else {"block": _array(grid.block)})
            | ({} if attention is None else {"attention": _array(attention)})
            | ({} if gen is None else {"gen": _array(gen)})
            | ({} if handicap is None else {"handicap": _array(handicap)})
        )

    def trace(
        self, source: int, src: Sequence[int], options: SearchOptions, prefix: tuple[int, ...]
    ) -> Trace:
        """Everything about one source, hypotheses ranked."""
        steps = self._steps(source, len(src), options) if self.recording else None
        found = [self._hypothesis(source, end, options, steps) for end in self.ends[source]]
        found.sort(key=lambda h: (not h.finished, -h.score))
        if options.groups > 1 and options.method == "beam":  # two groups may end alike
            found = list({h.tokens: h for h in reversed(found)}.values())[::-1]
            found.sort(key=lambda h: (not h.finished, -h.score))
        return Trace(
            src=tuple(src),
            options=options,
            hypotheses=tuple(found[: options.beam]),
            prefix=prefix,
            steps=steps,
        )

    def _hypothesis(
        self, source: int, end: End, options: SearchOptions, steps: Steps | None
    ) -> Hypothesis:
        """Follow the back-pointers from the end to the beginning."""
        tokens, logprobs, rows = [end.token], [end.logprob], [end.row]
        for t in range(end.t - 1, -1, -1):
            place, row = self.at[t][source], rows[-1]
            tokens.append(int(self.token[t][place, row]))
            logprobs.append(float(self.logprob[t][place, row]))
            rows.append(int(self.parent[t][place, row]))
        rows.reverse()
        total = float(np.sum(logprobs))
        attention = None if steps is None else steps.attention
        gen = None if steps is None else steps.gen
        at = np.arange(len(rows)), rows
        return Hypothesis(
            tokens=tuple(tokens[::-1]),
            logprobs=np.array(logprobs[::-1]),
            total=total,
            penalty=end.penalty,
            score=float(normalise(total + end.penalty, len(tokens), options)) + end.covered,
            finished=end.finished,
            rows=tuple(rows),
            attention=None if attention is None else attention[at],
            gen=None if gen is None else gen[at],
        )

    def _steps(self, source: int, width: int, options: SearchOptions) -> Steps:
        """Stack the source's part of every step and work out each candidate's fate."""
        places = [at[source] for at in self.at if source in at]
        n = max(self.grid[t]["token"].shape[2] for t in range(len(places)))

        def stack(name: str, fill: float = 0) -> np.ndarray:
            rows = [self.grid[t][name][p] for t, p in enumerate(places)]
            if any(row.shape[-1] < n for row in rows):
                rows = [
                    np.pad(row, ((0, 0), (0, n - row.shape[-1])), constant_values=fill)
                    for row in rows
                ]
            return np.stack(rows)

        token, logprob = stack("token"), stack("logprob", -INF)
        running, ended = stack("running", -INF), stack("ended")
        before = np.stack([self.grid[t]["before"][p] for t, p in enumerate(places)])
        block = np.zeros(token.shape, np.int8)
        slot = np.full(token.shape, -1, np.int16)
        for t, p in enumerate(places):
            step = self.grid[t]
            if "block" in step:
                block[t, :, : step["block"].shape[-1]] = step["block"][p]
            for row, index in enumerate(step["index"][p]):
                if index >= 0:
                    slot[t, index // step["token"].shape[2], index % step["token"].shape[2]] = row
        candidate = (before[:, :, None] > -INF) & (logprob > -INF)
        fate = np.where(candidate, np.int8(Fate.PRUNED), np.int8(Fate.NONE))
        fate[(running == -INF) & candidate] = Fate.NONE
        fate[(block > 0) & candidate] = Fate.BLOCKED
        fate[slot >= 0] = Fate.KEPT
        fate[ended] = Fate.FINISHED
        length = np.arange(1, len(places) + 1)[:, None, None]
        attention = None
        if "attention" in self.grid[0]:
            attention = np.stack([self.grid[t]["attention"][p] for t, p in enumerate(places)])
            attention = attention[..., :width]  # (T,K,L,H,S): the batch's padding goes
        gen = handicap = None
        if "gen" in self.grid[0]:
            gen = np.stack([self.grid[t]["gen"][p] for t, p in enumerate(places)])
        if "handicap" in self.grid[0]:
            handicap = stack("handicap")
        return Steps(
            token=token,
            logprob=logprob,
            total=running,
            score=normalise(running, length, options),
            fate=fate,
            gap=_gaps(running, fate, token == EOS, options, handicap),
            block=block,
            slot=slot,
            before=before,
            attention=attention,
            gen=gen,
            handicap=handicap,
        )


def _gaps(
    running: np.ndarray,
    fate: np.ndarray,
    is_end: np.ndarray,
    options: SearchOptions,
    handicap: np.ndarray | None,
) -> np.ndarray:
    """By how much each pruned candidate missed the cut (T,K,N).

    A continuation had to beat the worst row kept; an end had to be among the best K candidates: of the
    whole beam, or of its own group.
    """
    gap = np.zeros_like(running)
    if options.method == "sample":
        return gap  # nothing is pruned: other tokens were just not drawn
    judged = running if handicap is None else running - handicap
    for rows in group_rows(options):
        for t in range(len(running)):
            totals, fates, ends = judged[t, rows], fate[t, rows], is_end[t, rows]
            pruned = fates == Fate.PRUNED
            kept = totals[fates == Fate.KEPT]
            ranked = np.sort(totals, axis=None)[::-1]
            cut_end = ranked[min(rows.stop - rows.start, len(ranked)) - 1]
            cut = kept.min() if len(kept) else cut_end
            gap[t, rows][pruned] = np.where(ends[pruned], cut_end, cut) - totals[pruned]
    return np.maximum(gap, 0)


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()
