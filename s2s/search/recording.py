"""The log of a running search, and the traces made from it at the end.

B sources alive at a step · K rows · N candidates a row · T steps of one source.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from torch import Tensor

from s2s.config import SearchOptions
from s2s.models.contract import Step
from s2s.search.candidates import Grid
from s2s.search.groups import Choice, group_rows
from s2s.search.scoring import normalise, ranked, score
from s2s.search.stopping import by_score, competes
from s2s.text.opening import Opening
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
    score: float
    """What it is ranked by."""


class Log:
    """What each step decided, as arrays by step; sources leave it when they are done."""

    def __init__(self, sources: int, eos: int, recording: bool) -> None:
        self.eos, self.recording = eos, recording
        self.at: list[dict[int, int]] = []  # by step: source → its place in the arrays
        self.parent: list[np.ndarray] = []  # (B,K) row at this step of each row at the next
        self.token: list[np.ndarray] = []  # (B,K)
        self.logprob: list[np.ndarray] = []  # (B,K)
        self.grid: list[dict[str, np.ndarray]] = []
        self.extras: list[dict[str, np.ndarray]] = []  # (B,K) each
        self.ends: list[list[End]] = [[] for _ in range(sources)]

    def add(self, alive: Sequence[int], parent: Tensor, token: Tensor, logprob: Tensor) -> None:
        """Back-pointers, tokens and log-probabilities (B,K) of the rows that go on."""
        self.at.append({source: place for place, source in enumerate(alive)})
        self.parent.append(_array(parent))
        self.token.append(_array(token))
        self.logprob.append(_array(logprob))

    def add_candidates(
        self, grid: Grid, running: Tensor, before: Tensor, choice: Choice, step: Step
    ) -> None:
        """Every candidate with its running total (B,K,N), totals before (B,K), and who went on."""
        found = {
            "token": grid.token,
            "logprob": grid.logprob,
            "running": running,
            "before": before,
            "index": choice.candidate.masked_fill(choice.dead, -1),
            "ended": choice.ended,
            "block": grid.block,
            "attention": step.attention,
            "handicap": choice.handicap,
        }
        self.grid.append({k: _array(v) for k, v in found.items() if v is not None})
        self.extras.append({k: _array(v) for k, v in step.extras.items()})

    def trace(
        self, number: int, source: Sequence[int], options: SearchOptions, prefix: Opening
    ) -> Trace:
        """Everything about one source, hypotheses ranked."""
        steps = self._steps(number, len(source), options) if self.recording else None
        found = [self._hypothesis(number, end, options, steps) for end in self.ends[number]]
        order = by_score if competes(options) else ranked
        found = order(found)
        if options.groups > 1 and options.method == "beam":  # two groups may end alike
            found = order(list({h.tokens: h for h in reversed(found)}.values())[::-1])
        return Trace(
            source=tuple(source),
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
        at = np.arange(len(rows)), rows
        attention = None if steps is None else steps.attention
        extras = {} if steps is None else steps.extras
        return Hypothesis(
            tokens=tuple(tokens[::-1]),
            logprobs=np.array(logprobs[::-1]),
            total=total,
            penalty=end.penalty,
            coverage=end.covered,
            score=score(total + end.penalty, len(tokens), end.covered, options),
            finished=end.token == self.eos,
            rows=tuple(rows),
            attention=None if attention is None else attention[at],
            extras={name: values[at] for name, values in extras.items()},
        )

    def _steps(self, source: int, width: int, options: SearchOptions) -> Steps:
        """Stack the source's part of every step and work out each candidate's fate."""
        places = [at[source] for at in self.at if source in at]
        n = max(self.grid[t]["token"].shape[2] for t in range(len(places)))

        def stack(name: str, fill: float | None = None) -> np.ndarray:
            """(T,K,...); with ``fill`` (T,K,N): a step with fewer candidates is filled up."""
            rows = [self.grid[t][name][p] for t, p in enumerate(places)]
            return np.stack(rows if fill is None else [_widen(row, n, fill) for row in rows])

        token, logprob = stack("token", 0), stack("logprob", -INF)
        running, ended = stack("running", -INF), stack("ended", False)
        before = stack("before")
        handicap = stack("handicap", 0) if "handicap" in self.grid[0] else None
        # the batch's padding goes
        attention = stack("attention")[..., :width] if "attention" in self.grid[0] else None
        block = np.zeros(token.shape, np.int8)
        slot = np.full(token.shape, -1, np.int16)
        for t, p in enumerate(places):
            step = self.grid[t]
            if "block" in step:
                block[t, :, : step["block"].shape[-1]] = step["block"][p]
            for row, index in enumerate(step["index"][p]):
                if index >= 0:
                    slot[t, index // step["token"].shape[2], index % step["token"].shape[2]] = row
        fate = _fates(before, logprob, running, block, slot, ended)
        length = np.arange(1, len(places) + 1)[:, None, None]
        return Steps(
            token=token,
            logprob=logprob,
            total=running,
            score=normalise(running, length, options),
            fate=fate,
            gap=_gaps(running, fate, np.equal(token, self.eos), options, handicap),
            block=block,
            slot=slot,
            before=before,
            attention=attention,
            extras={
                name: np.stack([self.extras[t][name][p] for t, p in enumerate(places)])
                for name in self.extras[0]
            },
            handicap=handicap,
        )


def _widen(row: np.ndarray, n: int, fill: float) -> np.ndarray:
    """(K,·) → (K,N)."""
    if row.shape[-1] == n:
        return row
    return np.pad(row, ((0, 0), (0, n - row.shape[-1])), constant_values=fill)


def _fates(
    before: np.ndarray,
    logprob: np.ndarray,
    running: np.ndarray,
    block: np.ndarray,
    slot: np.ndarray,
    ended: np.ndarray,
) -> np.ndarray:
    """What became of each candidate: before (T,K), all others (T,K,N)."""
    candidate = (before[:, :, None] > -INF) & (logprob > -INF)
    fate = np.where(candidate, np.int8(Fate.PRUNED), np.int8(Fate.NONE))
    fate[(running == -INF) & candidate] = Fate.NONE
    fate[(block > 0) & candidate] = Fate.BLOCKED
    fate[slot >= 0] = Fate.KEPT
    fate[ended] = Fate.FINISHED
    return fate


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
