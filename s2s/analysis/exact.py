"""The model's true best output, by depth-first branch and bound (Stahlberg and Byrne 2019).

m prefixes expanded together · t tokens so far · V vocabulary · S source length.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from s2s.config import SearchOptions
from s2s.models.contract import Carry, Decoder, Memory
from s2s.search.candidates import INF, candidates
from s2s.search.scoring import coverage_penalty, normalise, score
from s2s.text.opening import Opening, as_opening
from s2s.trace import Hypothesis

CLOSE = (
    1e-5  # scores nearer than this are equal: what is left of float32 after some forty additions
)
BATCH = 32
ROOM = 64 * 2**20  # bytes of open prefixes; beyond it they are expanded one by one


@dataclass(frozen=True)
class Found:
    """A finished output."""

    tokens: tuple[int, ...]
    total: float
    """Raw total, repetition penalty included."""
    score: float


@dataclass(frozen=True)
class Progress:
    """Where an exact search stands."""

    nodes: int
    """Prefixes that went through the model."""
    seconds: float
    """Time spent searching, pauses between the progress reports left out."""
    best: Found | None
    """The best finished output so far, the seed included."""
    bound: float
    """No output can score more than this."""
    depth: int
    """Tokens of the prefixes expanded last."""
    done: bool
    """Nothing is left to look at: ``best`` is the best there is."""


def upper_bound(total: Any, max_length: int, options: SearchOptions) -> Any:
    """The most that any completion of a prefix with this running total can score.

    A token's log-probability is at most 0 (a repetition penalty ≥ 1 only lowers it), so every
    completion has a total s' ≤ s ≤ 0. The score divides by a norm that grows with the length, α ≥ 0:
    n^α or ((5 + n) / 6)^α. Dividing something ≤ 0 by a larger norm makes it larger, so

        s' / norm(n) ≤ s / norm(n) ≤ s / norm(N)    for every length n up to the longest, N;

    without normalisation, s' ≤ s. A coverage penalty is ≤ 0 and is left out. So the bound is sound: a
    prefix whose bound is no better than a known output leads to nothing better. It is tight for raw
    totals and loose for normalised ones, which is why those seldom come to a proof.
    """
    return normalise(total, max_length, options)


def seed_of(h: Hypothesis) -> Found | None:
    """A search's output as a start; None if it was cut at the limit."""
    return Found(h.tokens, h.total + h.penalty, h.score) if h.finished else None


@torch.inference_mode()
def exact(
    model: Decoder,
    source: Sequence[int],
    options: SearchOptions,
    *,
    max_length: int,
    seed: Found | None = None,
    prefix: Opening | Sequence[int] = (),
    batch: int = BATCH,
    room: int = ROOM,
) -> Iterator[Progress]:
    """Search all outputs of up to ``max_length`` tokens, the end included; report as it goes.

    ``seed``: a known output, usually the beam's: the better it is, the more can be cut off unseen.
    ``options`` count with their score and their constraints; ``beam`` and ``groups``
    do not. Stop whenever the budget is spent: what was reported last stays true.

    Prefixes are expanded ``batch`` at a time, always the deepest open ones, best first. Only when a
    level is used up does the search go back to the one above, so each level holds the state of one
    batch of parents. While all levels together hold more than ``room`` bytes, prefixes are expanded
    one by one: what is found stays the same, and memory stays near that.
    """
    memory = model.encode(torch.tensor([list(source)], device=model.device))
    levels = [_Level.root(model.start(memory, 1), len(source), model)]
    best, nodes, seconds = seed, 0, 0.0
    begin = time.perf_counter()

    def worth(total: Tensor) -> Tensor:
        """Which prefixes with these totals may still lead to something better."""
        known = -INF if best is None else best.score + CLOSE
        return upper_bound(total, max_length, options) > known

    while True:
        while levels and not levels[-1].take(worth, 1):
            levels.pop()
        if not levels:
            top = -INF if best is None else best.score
            yield Progress(nodes, seconds + time.perf_counter() - begin, best, top, 0, True)
            return
        level = levels[-1]
        m = level.take(worth, batch if sum(x.held for x in levels) < room else 1)
        ends, following = _expand(level, m, model, memory, options, as_opening(prefix))
        nodes += m
        for found in ends:
            if best is None or found.score > best.score + CLOSE:
                best = found
        if following.length + 1 <= max_length:  # room for an end behind its tokens
            following.keep(worth(following.total))
            levels.append(following)
        tops = [float(x.total[x.next]) for x in levels if x.next < len(x.total)]
        bound = max((float(upper_bound(s, max_length, options)) for s in tops), default=-INF)
        bound = bound if best is None else max(bound, best.score)
        seconds += time.perf_counter() - begin
        yield Progress(nodes, seconds, best, bound, level.length, False)
        begin = time.perf_counter()


@dataclass
class _Level:
    """Open prefixes of one length, best first, and the state of their parents."""

    length: int
    """Tokens of these prefixes."""
    carry: Carry
    """(1,M,...) of the parents."""
    history: Tensor
    """(M,length-1) tokens of the parents."""
    covered: Tensor
    """(M,S) attention the parents gave."""
    vocabulary: int
    flat: Tensor  # (N) parent x vocabulary + token, int32
    total: Tensor  # (N) running totals, falling
    next: int = 0

    @classmethod
    def root(cls, carry: Carry, width: int, model: Decoder) -> _Level:
        size = model.vocabulary.size
        first = torch.tensor([model.vocabulary.bos], dtype=torch.int32, device=model.device)
        total = torch.zeros(1, dtype=torch.float64, device=model.device)
        covered = torch.zeros(1, width, device=model.device)
        history = torch.zeros(1, 0, dtype=torch.long, device=model.device)
        return cls(0, carry, history, covered, size, first, total)

    def take(self, worth: Callable[[Tensor], Tensor], most: int) -> int:
        """How many of the next prefixes are worth a look; totals fall, so the first bad one ends it."""
        ahead = self.total[self.next : self.next + most]
        return int(worth(ahead).sum())

    def keep(self, mask: Tensor) -> None:
        """Leave out prefixes that are not worth a look, and sort the others."""
        at = mask.nonzero().squeeze(1)
        at = at[self.total[at].argsort(descending=True)]
        self.flat, self.total = self.flat[at], self.total[at]

    @property
    def held(self) -> int:
        """Bytes."""
        tensors = (*self.carry.values(), self.history, self.covered, self.flat, self.total)
        return sum(t.nbytes for t in tensors)


def _expand(
    level: _Level,
    m: int,
    model: Decoder,
    memory: Memory,
    options: SearchOptions,
    opening: Opening,
) -> tuple[list[Found], _Level]:
    """Extend the next m prefixes of a level by every token: the outputs that end, the prefixes that
    go on (unsorted)."""
    part = slice(level.next, level.next + m)
    level.next += m
    flat, total = level.flat[part].long(), level.total[part]  # (m)
    parent, token = flat // level.vocabulary, flat % level.vocabulary
    carry = {name: value[:, parent] for name, value in level.carry.items()}
    step = model.step(token[None], carry, memory)
    never = torch.tensor(model.vocabulary.never, device=model.device)
    logp = step.logp.index_fill(2, never, -INF)  # (1,m,V)
    history = level.history[parent]
    if level.length:
        history = torch.cat([history, token[:, None]], 1)  # (m,t)
    grid = candidates(logp, history[None], level.length, options, model.vocabulary, [opening])
    totals = total[:, None] + grid.allowed[0].double()  # (m,V)
    covered = level.covered[parent]
    if step.attention is not None:
        covered = covered + step.attention[0].mean((1, 2))  # (m,S)

    length, eos, ends = level.length + 1, model.vocabulary.eos, []
    for i, value in enumerate(totals[:, eos].tolist()):
        if value > -INF:
            penalty = 0.0
            if options.coverage and step.attention is not None:
                penalty = coverage_penalty(covered[i].cpu().numpy(), options)
            found = score(value, length, penalty, options)
            ends.append(Found((*history[i].tolist(), eos), value, found))
    totals[:, eos] = -INF
    kept = totals.flatten()  # (m V)
    index = torch.arange(len(kept), dtype=torch.int32, device=kept.device)
    return ends, _Level(length, step.carry, history, covered, totals.shape[1], index, kept)
