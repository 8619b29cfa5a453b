"""Greedy, beam, sampling and forced decoding: one engine over the contract of ``models.base``.

B sources still alive · K rows a source (hypotheses, or samples) · N candidates a row · V vocabulary ·
S source length.

Beam search as in Sutskever et al. 2014, section 3.2: every row is extended by every token; of the
best K extensions those that end a sentence are finished, and the best K others go on. A source is
done when K hypotheses are finished or its length limit is reached. Greedy search is K = 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from s2s.config import SearchOptions
from s2s.models.contract import Carry, Memory, Seq2Seq
from s2s.search.candidates import INF, Grid, candidates, draw
from s2s.search.groups import group_rows, keep, keep_diverse
from s2s.search.recording import End, Log
from s2s.search.scoring import coverage_penalty
from s2s.text.vocabulary import BOS, EOS, PAD
from s2s.trace import Trace


def length_limit(src_length: int, options: SearchOptions, model_limit: int) -> int:
    """Most target tokens for a source of ``src_length`` tokens, both ends included."""
    return min(options.max_length or 2 * src_length + 10, model_limit)


@torch.inference_mode()
def search(
    model: Seq2Seq,
    src: Tensor,
    options: SearchOptions,
    *,
    model_limit: int = 100,
    prefix: Sequence[Sequence[int]] | None = None,
    record: bool = True,
) -> list[Trace]:
    """Decode src (B,S) and return one trace a source.

    ``prefix``: ids that each output must begin with.
    ``record=False`` leaves out ``Trace.steps`` and attention; outputs and scores stay the same.
    """
    k, device, sampling = options.beam, src.device, options.method == "sample"
    memory = model.encode(src)
    carry = model.start(memory, k)
    forced = [tuple(p) for p in prefix] if prefix else [()] * len(src)
    lengths = (src != PAD).sum(1).tolist()
    limits = [
        max(length_limit(n, options, model_limit), len(p))
        for n, p in zip(lengths, forced, strict=True)
    ]
    rows = _Rows.first(len(src), k, options, device)
    noise = [torch.Generator(device).manual_seed(options.seed) for _ in lengths if sampling]
    banned = torch.tensor(model.never, device=device)
    groups = group_rows(options)
    log = Log(len(src), record)

    for t in range(max(limits)):
        # (1) what the model says
        logits, attention, carry = model.step(rows.token, carry, memory)
        logp = logits.float().log_softmax(-1).index_fill_(2, banned, -INF)  # (B,K,V)
        if options.coverage and attention is not None:
            rows.covered = rows.covered + attention.mean((2, 3))  # (B,K,S)

        # (2) the candidates of each row, and their running totals
        grid = candidates(logp, rows.history, t, options, [forced[i] for i in rows.alive])
        drawn = draw(grid, logp, options, [noise[i] for i in rows.alive]) if sampling else None
        running = (rows.total + rows.penalty)[:, :, None] + grid.adjusted  # (B,K,N)

        # (3) which go on (index into K·N) and which end
        handicap = None
        if drawn is not None:
            index, dead, ended = _drawn(grid, drawn, rows)
        elif len(groups) == 1:
            index, dead, ended = keep(grid.token, running, k)
        else:
            index, dead, ended, handicap = keep_diverse(
                grid.token, running, groups, options.diversity
            )
        if record:
            before = rows.total + rows.penalty
            gen = carry.get("gen")
            log.add_grid(grid, running, before, index, dead, ended, attention, gen, handicap)

        # (4) book what ends, and what the length limit cuts
        for b, row, n in ended.nonzero().tolist():
            log.ends[rows.alive[b]].append(_end(t, b, row, n, grid, rows, memory, options))
        if not sampling and bool(ended.any()):
            for b, source in enumerate(rows.alive):
                for part in groups:  # a group with as many ends as rows is done
                    own = sum(part.start <= end.row < part.stop for end in log.ends[source])
                    if own >= part.stop - part.start:
                        dead[b, part] = True
        live, stay = (~dead).any(1).tolist(), []
        for b, source in enumerate(rows.alive):
            if not live[b]:
                continue
            if t + 1 < limits[source]:
                stay.append(b)
                continue
            for at in index[b][~dead[b]].tolist():
                row, n = divmod(at, grid.token.shape[2])
                end = _end(t, b, row, n, grid, rows, memory, options)
                log.ends[source].append(end)

        # (5) rows follow their parents; sources that are done leave the batch
        parent, logprob = rows.follow(grid, index, dead)
        log.add(rows.alive, parent, rows.token, logprob)
        if not stay:
            break
        carry, memory = rows.advance(parent, stay, carry, memory)

    return [log.trace(i, src[i, :n].tolist(), options, forced[i]) for i, n in enumerate(lengths)]


@dataclass
class _Rows:
    """The rows of the sources still alive."""

    alive: list[int]
    """Which source each batch row is."""
    token: Tensor  # (B,K) the last one
    total: Tensor  # (B,K) raw sum of log-probabilities; -inf: a dead row
    penalty: Tensor  # (B,K) what the repetition penalty added
    history: Tensor | None  # (B,K,t) tokens so far, if a constraint asks for them
    covered: Tensor  # (B,K,S) attention received so far, if the coverage penalty asks; else 0

    @classmethod
    def first(cls, b: int, k: int, options: SearchOptions, device: torch.device) -> _Rows:
        total = torch.zeros(b, k, device=device)
        if options.method == "beam":  # equal rows would stay equal: begin with one a group
            total[:] = -INF
            total[:, [part.start for part in group_rows(options)]] = 0
        asked = options.block_ngram > 0 or options.repetition_penalty != 1
        return cls(
            alive=list(range(b)),
            token=torch.full((b, k), BOS, device=device),
            total=total,
            penalty=torch.zeros(b, k, device=device),
            history=torch.empty(b, k, 0, dtype=torch.long, device=device) if asked else None,
            covered=torch.zeros(b, k, 1, device=device),
        )

    def follow(self, grid: Grid, index: Tensor, dead: Tensor) -> tuple[Tensor, Tensor]:
        """Take over the chosen candidates (B,K). Returns parent rows and log-probabilities."""
        parent = index // grid.token.shape[2]  # (B,K)
        logprob = grid.logprob.flatten(1).gather(1, index)
        adjusted = grid.adjusted.flatten(1).gather(1, index)
        self.token = grid.token.flatten(1).gather(1, index)
        self.total = (self.total.gather(1, parent) + logprob).masked_fill(dead, -INF)
        penalty = self.penalty.gather(1, parent) + (adjusted - logprob)
        self.penalty = penalty.masked_fill(dead, 0)
        return parent, logprob

    def advance(
        self, parent: Tensor, stay: list[int], carry: Carry, memory: Memory
    ) -> tuple[Carry, Memory]:
        """Re-order everything that has a row a hypothesis; drop sources that are done."""
        keep = torch.tensor(stay, device=parent.device)
        shape = len(stay), parent.shape[1]  # B', K
        # flat: picking whole rows is several times faster than indexing by source and row
        row = (keep[:, None] * shape[1] + parent[keep]).flatten()  # (B'K)
        if len(stay) < len(self.alive):
            memory = {name: value[keep] for name, value in memory.items()}
            self.alive = [self.alive[b] for b in stay]
            self.token, self.total = self.token[keep], self.total[keep]
            self.penalty = self.penalty[keep]

        def pick(value: Tensor) -> Tensor:  # (B,K,...) → (B',K,...)
            return value.flatten(0, 1).index_select(0, row).unflatten(0, shape)

        self.covered = pick(self.covered)
        if self.history is not None:
            self.history = torch.cat([pick(self.history), self.token[:, :, None]], 2)
        return {name: pick(value) for name, value in carry.items()}, memory


def _drawn(grid: Grid, drawn: Tensor, rows: _Rows) -> tuple[Tensor, Tensor, Tensor]:
    """Every row goes on with the token it drew, or ends with it. drawn (B,K): places in the grid."""
    n = grid.token.shape[2]
    index = torch.arange(drawn.shape[1], device=drawn.device) * n + drawn  # (B,K)
    gone = rows.total == -INF
    ends = (grid.token.gather(2, drawn[:, :, None]).squeeze(2) == EOS) & ~gone
    ended = torch.zeros_like(grid.token, dtype=torch.bool)
    ended.scatter_(2, drawn[:, :, None], ends[:, :, None])
    return index, gone | ends, ended


def _end(
    t: int,
    b: int,
    row: int,
    n: int,
    grid: Grid,
    rows: _Rows,
    memory: Memory,
    options: SearchOptions,
) -> End:
    """The hypothesis that candidate (b, row, n) completes at step t."""
    token, logprob = int(grid.token[b, row, n]), float(grid.logprob[b, row, n])
    covered = 0.0
    if options.coverage and rows.covered.shape[2] > 1:
        mass = rows.covered[b, row][memory["mask"][b]]
        covered = float(coverage_penalty(mass, options.coverage))
    penalty = float(rows.penalty[b, row]) + float(grid.adjusted[b, row, n]) - logprob
    return End(t, row, token, logprob, penalty, covered, finished=token == EOS)
