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
from s2s.search.candidates import Cells
from s2s.search.groups import Choice, group_rows
from s2s.search.scoring import normalise, ranked, score
from s2s.search.stopping import by_score, competes
from s2s.text.opening import Opening
from s2s.trace import Fate, Hypothesis, Steps, Trace

INF = float("inf")
STEPS = 32  # that there is room for at first
FILL = {"logprob": -INF, "running": -INF}  # where a step had fewer candidates than another


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
    """What each step decided, in arrays (T,B,...) that stand ready, by step and source."""

    def __init__(self, sources: int, eos: int, recording: bool) -> None:
        self.eos, self.recording = eos, recording
        self.length = np.zeros(sources, int)  # (B) steps that each source took part in
        self.width: list[int] = []  # candidates a row, by step
        self.arrays: dict[str, np.ndarray] = {}
        self.extras: set[str] = set()
        self.ends: list[list[End]] = [[] for _ in range(sources)]

    def add(
        self, t: int, alive: np.ndarray, parent: np.ndarray, token: np.ndarray, logprob: np.ndarray
    ) -> None:
        """Row at this step of each row at the next, its token and log-probability: (B,K) each."""
        self.length[alive] += 1
        for name, value in (("parent", parent), ("went", token), ("logp", logprob)):
            self._write(t, alive, name, value)

    def add_candidates(
        self,
        t: int,
        alive: np.ndarray,
        cells: Cells,
        running: np.ndarray,
        before: np.ndarray,
        choice: Choice,
        step: Step,
    ) -> None:
        """Every candidate with its running total (B,K,N), totals before (B,K), and who went on."""
        self.width.append(cells.token.shape[2])
        found = {
            "token": cells.token,
            "logprob": cells.logprob,
            "running": running,
            "before": before,
            "candidate": np.where(choice.dead, -1, choice.candidate),
            "ended": choice.ended,
            "block": cells.block,
            "attention": None if step.attention is None else _array(step.attention),
            "handicap": choice.handicap,
        }
        for name, value in found.items():
            if value is not None:
                self._write(t, alive, name, value)
        for name, extra in step.extras.items():
            self.extras.add(name)
            self._write(t, alive, f"extra {name}", _array(extra))

    def _write(self, t: int, alive: np.ndarray, name: str, value: np.ndarray) -> None:
        """(B,...) of the sources alive at step t; their last axis may be wider than before."""
        array, fill = self.arrays.get(name), FILL.get(name, 0)
        if array is None:
            array = _filled((STEPS, len(self.length), *value.shape[1:]), fill, value.dtype)
        while t >= len(array):
            array = np.concatenate([array, _filled(array.shape, fill, array.dtype)])
        if value.ndim > 2 and value.shape[-1] > array.shape[-1]:
            wider = [(0, 0)] * (array.ndim - 1) + [(0, value.shape[-1] - array.shape[-1])]
            array = np.pad(array, wider, constant_values=fill)
        self.arrays[name] = array
        array[t, alive, ..., : value.shape[-1]] = value

    # ------------------------------------------------------------------------------------ afterwards
    def traces(
        self, sources: Sequence[Sequence[int]], options: SearchOptions, prefix: Sequence[Opening]
    ) -> list[Trace]:
        """Everything about every source, hypotheses ranked."""
        order = by_score if competes(options) else ranked
        tokens, logprobs, rows = self._follow()
        traces, e = [], 0
        for number, source in enumerate(sources):
            steps = self._steps(number, len(source), options) if self.recording else None
            found = []
            for end in self.ends[number]:
                path = slice(0, end.t + 1)
                found.append(
                    self._hypothesis(
                        end, tokens[e, path], logprobs[e, path], rows[e, path], options, steps
                    )
                )
                e += 1
            found = order(found)
            if options.groups > 1 and options.method == "beam":  # two groups may end alike
                found = order(list({h.tokens: h for h in reversed(found)}.values())[::-1])
            traces.append(
                Trace(tuple(source), options, tuple(found[: options.beam]), prefix[number], steps)
            )
        return traces

    def _follow(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Tokens, log-probabilities and rows (E,T) of all E outputs, from their ends back to the beginning."""
        ends = [end for own in self.ends for end in own]
        source = np.repeat(np.arange(len(self.ends)), [len(own) for own in self.ends])  # (E)
        last, row = np.array([end.t for end in ends]), np.array([end.row for end in ends])
        shape, each = (len(ends), int(self.length.max())), np.arange(len(ends))
        tokens, logprobs, rows = np.zeros(shape, int), np.zeros(shape), np.zeros(shape, int)
        tokens[each, last] = [end.token for end in ends]
        logprobs[each, last] = [end.logprob for end in ends]
        rows[each, last] = row
        went, logp, parent = (self.arrays[name] for name in ("went", "logp", "parent"))
        for t in range(shape[1] - 2, -1, -1):
            longer = np.flatnonzero(last > t)
            at = source[longer], row[longer]
            tokens[longer, t], logprobs[longer, t] = went[t][at], logp[t][at]
            row[longer] = rows[longer, t] = parent[t][at]
        return tokens, logprobs, rows

    def _hypothesis(
        self,
        end: End,
        tokens: np.ndarray,
        logprobs: np.ndarray,
        rows: np.ndarray,
        options: SearchOptions,
        steps: Steps | None,
    ) -> Hypothesis:
        """One output from what it wrote (T), and the rows (T) that it stood in."""
        total = float(logprobs.sum())
        at = np.arange(len(rows)), rows
        attention = None if steps is None else steps.attention
        extras = {} if steps is None else steps.extras
        return Hypothesis(
            tokens=tuple(tokens.tolist()),
            logprobs=logprobs.copy(),
            total=total,
            penalty=end.penalty,
            coverage=end.covered,
            score=score(total + end.penalty, len(tokens), end.covered, options),
            finished=end.token == self.eos,
            rows=tuple(rows.tolist()),
            attention=None if attention is None else attention[at],
            extras={name: values[at] for name, values in extras.items()},
        )

    def _steps(self, source: int, width: int, options: SearchOptions) -> Steps:
        """The source's part of every step, and each candidate's fate. ``width``: of its source."""
        length = self.length[source]
        n = max(self.width[:length])

        def own(name: str, last: int | None = None) -> np.ndarray:
            """(T,K,...) of this source alone, so that its trace holds no other's memory."""
            return self.arrays[name][:length, source, ..., :last].copy()

        token, logprob, running = own("token", n), own("logprob", n), own("running", n)
        before, block = own("before"), np.zeros(token.shape, np.int8)
        if "block" in self.arrays:
            found = own("block", n)
            block[: len(found), :, : found.shape[2]] = found
        handicap = own("handicap", n) if "handicap" in self.arrays else None
        slot = self._slots(source, token.shape)
        fate = _fates(before, logprob, running, block, slot, own("ended", n))
        return Steps(
            token=token,
            logprob=logprob,
            total=running,
            score=normalise(running, np.arange(1, length + 1)[:, None, None], options),
            fate=fate,
            gap=_gaps(running, fate, token == self.eos, options, handicap),
            block=block,
            slot=slot,
            before=before,
            # the batch's padding goes
            attention=own("attention", width) if "attention" in self.arrays else None,
            extras={name: own(f"extra {name}") for name in sorted(self.extras)},
            handicap=handicap,
        )

    def _slots(self, source: int, shape: tuple[int, ...]) -> np.ndarray:
        """The next row of each candidate (T,K,N) that went on, else -1."""
        slot = np.full(shape, -1, np.int16)
        candidate = self.arrays["candidate"][: shape[0], source]  # (T,K)
        t, k = np.nonzero(candidate >= 0)
        row, n = np.divmod(candidate[t, k], np.array(self.width)[t])
        slot[t, row, n] = k
        return slot


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
        totals, fates = judged[:, rows], fate[:, rows]  # (T,k,N)
        kept = np.where(fates == Fate.KEPT, totals, INF).min((1, 2))  # (T)
        falling = -np.sort(-totals.reshape(len(totals), -1), axis=1)
        cut_end = falling[:, min(rows.stop - rows.start, falling.shape[1]) - 1]  # (T)
        cut = np.where(kept < INF, kept, cut_end)
        t, k, n = np.nonzero(fates == Fate.PRUNED)
        worst = np.where(is_end[:, rows][t, k, n], cut_end[t], cut[t])
        gap[:, rows][t, k, n] = worst - totals[t, k, n]
    return np.maximum(gap, 0)


def _filled(shape: tuple[int, ...], fill: float, dtype: np.dtype) -> np.ndarray:
    return np.full(shape, fill, dtype) if fill else np.zeros(shape, dtype)  # zeros take no time


def _array(tensor: Tensor) -> np.ndarray:
    return tensor.detach().cpu().numpy()
