"""The rows of a running search: what each hypothesis has written so far.

B sources still alive · K rows a source · t tokens so far · S source length.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from s2s.config import SearchOptions
from s2s.models.contract import Carry, Memory, Step
from s2s.search.candidates import INF, Grid
from s2s.search.groups import Choice, group_rows
from s2s.search.recording import End
from s2s.search.scoring import coverage_penalty, score


@dataclass
class Rows:
    """The rows of the sources still alive."""

    alive: list[int]
    """Which source each batch row is."""
    token: Tensor  # (B,K) the last one
    total: Tensor  # (B,K) raw sum of log-probabilities; -inf: a dead row
    penalty: Tensor  # (B,K) what the repetition penalty added
    history: Tensor | None  # (B,K,t) tokens so far, if a constraint asks for them
    covered: Tensor | None = None  # (B,K,S) attention received so far, if the score asks for it

    @classmethod
    def first(
        cls, b: int, options: SearchOptions, bos: int, device: torch.device, remember: bool = False
    ) -> Rows:
        """Before the first token. ``remember``: a prefix asks what was written."""
        k = options.beam
        total = torch.zeros(b, k, device=device)
        if options.method == "beam":  # equal rows would stay equal: begin with one a group
            total[:] = -INF
            total[:, [part.start for part in group_rows(options)]] = 0
        asked = remember or options.block_ngram > 0 or options.repetition_penalty != 1
        return cls(
            alive=list(range(b)),
            token=torch.full((b, k), bos, device=device),
            total=total,
            penalty=torch.zeros(b, k, device=device),
            history=torch.empty(b, k, 0, dtype=torch.long, device=device) if asked else None,
        )

    @property
    def running(self) -> Tensor:
        """(B,K) what the beam prunes by: the total, repetition penalty included."""
        return self.total + self.penalty

    def look(self, attention: Tensor) -> None:
        """Add up where the rows look: attention (B,K,L,H,S) of one step."""
        mean = attention.mean((2, 3))  # (B,K,S)
        self.covered = mean if self.covered is None else self.covered + mean

    def end(
        self, t: int, at: tuple[int, int, int], grid: Grid, memory: Memory, options: SearchOptions
    ) -> End:
        """The output that candidate ``at`` = (b, row, n) completes at step t."""
        b, row, _ = at
        token, logprob = int(grid.token[at]), float(grid.logprob[at])
        covered = 0.0
        if self.covered is not None:
            covered = coverage_penalty(self.covered[b, row][memory.mask[b]].cpu().numpy(), options)
        penalty = float(self.penalty[b, row]) + float(grid.adjusted[at]) - logprob
        points = score(float(self.total[b, row]) + logprob + penalty, t + 1, covered, options)
        return End(t, row, token, logprob, penalty, covered, points)

    def follow(self, grid: Grid, choice: Choice) -> tuple[Tensor, Tensor]:
        """Take over the chosen candidates (B,K). Returns parent rows and log-probabilities."""
        parent = choice.candidate // grid.token.shape[2]  # (B,K)
        logprob = grid.logprob.flatten(1).gather(1, choice.candidate)
        adjusted = grid.adjusted.flatten(1).gather(1, choice.candidate)
        self.token = grid.token.flatten(1).gather(1, choice.candidate)
        self.total = (self.total.gather(1, parent) + logprob).masked_fill(choice.dead, -INF)
        penalty = self.penalty.gather(1, parent) + (adjusted - logprob)
        self.penalty = penalty.masked_fill(choice.dead, 0)
        return parent, logprob

    def advance(
        self, parent: Tensor, stay: list[int], step: Step, memory: Memory
    ) -> tuple[Carry, Memory]:
        """Re-order everything that has a row a hypothesis; drop sources that are done."""
        keep = torch.tensor(stay, device=parent.device)
        shape = len(stay), parent.shape[1]  # B', K
        # flat: picking whole rows is several times faster than indexing by source and row
        row = (keep[:, None] * shape[1] + parent[keep]).flatten()  # (B'K)
        if len(stay) < len(self.alive):
            memory = memory.keep(keep)
            self.alive = [self.alive[b] for b in stay]
            self.token, self.total = self.token[keep], self.total[keep]
            self.penalty = self.penalty[keep]

        def pick(value: Tensor) -> Tensor:  # (B,K,...) → (B',K,...)
            return value.flatten(0, 1).index_select(0, row).unflatten(0, shape)

        if self.covered is not None:
            self.covered = pick(self.covered)
        if self.history is not None:
            self.history = torch.cat([pick(self.history), self.token[:, :, None]], 2)
        return {name: pick(value) for name, value in step.carry.items()}, memory
