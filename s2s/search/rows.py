"""The rows of a running search: what each hypothesis has written so far.

B sources still alive · K rows a source · t tokens so far · S source length.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from s2s.config import SearchOptions
from s2s.models.contract import Carry, Memory, Step
from s2s.search.candidates import INF, Cells
from s2s.search.groups import Choice, group_rows
from s2s.search.recording import End
from s2s.search.scoring import coverage_penalty, score


@dataclass
class Rows:
    """The rows of the sources still alive."""

    alive: np.ndarray
    """(B) which source each batch row is."""
    token: np.ndarray  # (B,K) the last one
    total: np.ndarray  # (B,K) raw sum of log-probabilities; -inf: a dead row
    penalty: np.ndarray  # (B,K) what the repetition penalty added
    history: Tensor | None  # (B,K,t) tokens so far, if a constraint asks for them
    covered: Tensor | None = None  # (B,K,S) attention received so far, if the score asks for it

    @classmethod
    def first(
        cls, b: int, options: SearchOptions, bos: int, device: torch.device, remember: bool = False
    ) -> Rows:
        """Before the first token. ``remember``: a prefix asks what was written."""
        k = options.beam
        total = np.zeros((b, k), np.float32)
        if options.method == "beam":  # equal rows would stay equal: begin with one a group
            total[:] = -INF
            total[:, [part.start for part in group_rows(options)]] = 0
        asked = remember or options.block_ngram > 0 or options.repetition_penalty != 1
        return cls(
            alive=np.arange(b),
            token=np.full((b, k), bos),
            total=total,
            penalty=np.zeros((b, k), np.float32),
            history=torch.empty(b, k, 0, dtype=torch.long, device=device) if asked else None,
        )

    @property
    def running(self) -> np.ndarray:
        """(B,K) what the beam prunes by: the total, repetition penalty included."""
        return self.total + self.penalty

    def look(self, attention: Tensor) -> None:
        """Add up where the rows look: attention (B,K,L,H,S) of one step."""
        mean = attention.mean((2, 3))  # (B,K,S)
        self.covered = mean if self.covered is None else self.covered + mean

    def end(
        self, t: int, at: tuple[int, int, int], cells: Cells, memory: Memory, options: SearchOptions
    ) -> End:
        """The output that candidate ``at`` = (b, row, n) completes at step t."""
        b, row, _ = at
        token, logprob = int(cells.token[at]), float(cells.logprob[at])
        covered = 0.0
        if self.covered is not None:
            covered = coverage_penalty(self.covered[b, row][memory.mask[b]].cpu().numpy(), options)
        penalty = float(self.penalty[b, row]) + float(cells.adjusted[at]) - logprob
        points = score(float(self.total[b, row]) + logprob + penalty, t + 1, covered, options)
        return End(t, row, token, logprob, penalty, covered, points)

    def follow(self, cells: Cells, choice: Choice) -> tuple[np.ndarray, np.ndarray]:
        """Take over the chosen candidates (B,K). Returns parent rows and log-probabilities."""
        b = np.arange(len(self.token))[:, None]
        parent, n = np.divmod(choice.candidate, cells.token.shape[2])  # (B,K)
        logprob, adjusted = cells.logprob[b, parent, n], cells.adjusted[b, parent, n]
        self.token = cells.token[b, parent, n]
        self.total = np.where(choice.dead, np.float32(-INF), self.total[b, parent] + logprob)
        if cells.adjusted is not cells.logprob:
            with np.errstate(invalid="ignore"):  # of dead rows, which get 0
                penalty = self.penalty[b, parent] + (adjusted - logprob)
            self.penalty = np.where(choice.dead, np.float32(0), penalty)
        return parent, logprob

    def advance(
        self, parent: np.ndarray, stay: np.ndarray, step: Step, memory: Memory
    ) -> tuple[Carry, Memory]:
        """Re-order everything that has a row a hypothesis; drop sources that are done."""
        b, k = parent.shape
        if len(stay) < b:
            stay = fewest_moves(stay)
            memory = memory.keep(torch.from_numpy(stay).to(memory.mask.device))
            self.alive, self.token = self.alive[stay], self.token[stay]
            self.total, self.penalty = self.total[stay], self.penalty[stay]
        # flat: picking whole rows is several times faster than indexing by source and row
        row = (stay[:, None] * k + parent[stay]).ravel()  # (B'K)
        still = len(row) == b * k and bool((row == np.arange(b * k)).all())
        at = torch.from_numpy(row).to(memory.mask.device)

        def pick(value: Tensor) -> Tensor:  # (B,K,...) → (B',K,...)
            if still:
                return value
            return value.flatten(0, 1).index_select(0, at).unflatten(0, (len(stay), k))

        if self.covered is not None:
            self.covered = pick(self.covered)
        if self.history is not None:
            token = torch.from_numpy(self.token).to(self.history.device)
            self.history = torch.cat([pick(self.history), token[:, :, None]], 2)
        return {name: pick(value) for name, value in step.carry.items()}, memory


def fewest_moves(stay: np.ndarray) -> np.ndarray:
    """The sources that stay, ascending, in another order: the last ones go where others left."""
    n = len(stay)
    order = np.arange(n)
    gone = np.setdiff1d(order, stay, assume_unique=True)
    order[gone] = stay[stay >= n]
    return order
