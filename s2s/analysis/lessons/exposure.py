"""Exposure bias: what a model says behind the right words, and what behind its own.

In training a decoder reads the target (teacher forcing); in use it reads what it wrote itself, mistakes
and all (Bengio et al. 2015; Ranzato et al. 2016). T target length.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch

from s2s.analysis.lessons.overlap import common
from s2s.config import SearchOptions
from s2s.errors import S2SError
from s2s.models.contract import Decoder
from s2s.search.beam import search_one
from s2s.search.forced import ForcedToken, force


@dataclass(frozen=True)
class Exposure:
    """One reference, forced and free."""

    forced: tuple[ForcedToken, ...]
    """Of the reference: the model's own choice at each step, behind the right words."""
    free: tuple[int, ...]
    """What it writes by itself, greedily."""

    @property
    def parting(self) -> int | None:
        """The first step at which the free text leaves the reference; None: it never does."""
        gold = [t.token for t in self.forced]
        for t, (a, b) in enumerate(zip(gold, self.free, strict=False)):
            if a != b:
                return t
        return None if len(gold) == len(self.free) else min(len(gold), len(self.free))

    @property
    def right(self) -> tuple[int, int]:
        """How many of the reference's tokens are chosen behind right words, and how many stand in the
        free text in the same order."""
        gold = [t.token for t in self.forced]
        return sum(t.rank == 1 for t in self.forced), len(common(gold, self.free))


def exposure(
    decoder: Decoder, source: Sequence[int], target: Sequence[int], options: SearchOptions
) -> Exposure:
    """source, target: ids that end with eos. Raises S2SError as ``force`` does."""
    greedy = replace(options, method="beam", beam=1, groups=1, min_length=0)
    forced = force(decoder, source, target, options).tokens
    return Exposure(forced, search_one(decoder, source, greedy).best.tokens)


@dataclass(frozen=True)
class Slip:
    """One wrong word put into the target, and what the model then thinks of the right words after it."""

    at: int
    wrong: int
    clean: np.ndarray
    """(T,) -log p of each of the target's tokens behind the right words."""
    slipped: np.ndarray
    """(T,) the same with the wrong token at ``at``; equal up to and at ``at``."""


def slip(
    decoder: Decoder,
    source: Sequence[int],
    target: Sequence[int],
    at: int,
    wrong: int | None = None,
) -> Slip:
    """The model forced through ``target`` with one token replaced.

    ``wrong``: None: the model's best token there that is not the right one. Raises S2SError if ``at`` is no
    step before the last.
    """
    if not 0 <= at < len(target) - 1:
        raise S2SError("A slip needs a word of the target that others follow.")
    clean, runner = _walk(decoder, source, target, target, at)
    wrong = runner if wrong is None else wrong
    read = [*target[:at], wrong, *target[at + 1 :]]
    slipped, _ = _walk(decoder, source, target, read, at)
    return Slip(at, wrong, clean, slipped)


@torch.inference_mode()
def _walk(
    decoder: Decoder, source: Sequence[int], gold: Sequence[int], read: Sequence[int], at: int
) -> tuple[np.ndarray, int]:
    """-log p of each gold token while ``read`` is read, (T,), and the best other token at ``at``."""
    given = torch.tensor([list(source)], device=decoder.device)  # (1,S)
    memory = decoder.encode(given)
    carry, token = decoder.start(memory, 1), decoder.vocabulary.bos
    nll, runner = [], 0
    for t, (right, next_) in enumerate(zip(gold, read, strict=True)):
        step = decoder.step(torch.tensor([[token]], device=decoder.device), carry, memory)
        nll.append(-float(step.logp[0, 0, right]))
        if t == at:
            others = step.logp[0, 0].clone()  # (V)
            others[[right, decoder.vocabulary.eos, *decoder.vocabulary.never]] = float("-inf")
            runner = int(others.argmax())
        carry, token = step.carry, next_
    return np.array(nll), runner
