"""What a search leaves behind, as NumPy arrays and tuples: picklable, no torch.

T steps · K rows (hypotheses alive, or samples) · N candidates a row · L layers · H heads · S source length.
Log-probabilities are natural logarithms.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import IntEnum

import numpy as np

from s2s.config import SearchOptions
from s2s.text.opening import NOTHING, Opening
from s2s.text.source import Source


class Fate(IntEnum):
    """What became of a candidate."""

    NONE = 0  # not a candidate: filling, or an extension of a dead row
    KEPT = 1
    FINISHED = 2
    PRUNED = 3
    BLOCKED = 4


class Block(IntEnum):
    """What blocked a candidate."""

    NONE = 0
    NGRAM = 1
    MIN_LENGTH = 2
    PREFIX = 3


@dataclass(frozen=True)
class Hypothesis:
    """One output, finished or cut at the length limit."""

    tokens: tuple[int, ...]
    """Ids, with the end of sentence if finished."""
    logprobs: np.ndarray
    """(T,) the model's log-probability of each token."""
    total: float
    """Raw score: the sum of ``logprobs``."""
    penalty: float
    """What the repetition penalty added to the total; 0 without one."""
    coverage: float
    """Coverage penalty, ≤ 0; 0 if the options ask for none."""
    score: float
    """(total + penalty) / length norm + coverage: what outputs are ranked by."""
    finished: bool
    rows: tuple[int, ...]
    """The row in which each step's distribution stands in the trace's arrays."""
    attention: np.ndarray | None
    """(T,L,H,S) or None: no attention in this model, or recording was off."""
    extras: dict[str, np.ndarray] = field(default_factory=dict)
    """What the model showed besides, by name, (T,): ``generate`` is the probability of generating a
    token, not copying it."""

    @property
    def empty(self) -> bool:
        """Whether it ended before it wrote anything."""
        return self.finished and len(self.tokens) == 1

    def alpha(self, layer: int | None = None, head: int | None = None) -> np.ndarray | None:
        """(T,S) attention of one layer and head; None averages over all of them."""
        if self.attention is None:
            return None
        a = self.attention if layer is None else self.attention[:, layer : layer + 1]
        a = a if head is None else a[:, :, head : head + 1]
        return a.mean((1, 2))


@dataclass(frozen=True)
class Steps:
    """Every candidate considered at every step, and its fate; arrays are (T,K,N) unless they say otherwise."""

    token: np.ndarray
    logprob: np.ndarray
    """The model's log-probability, before any constraint."""
    total: np.ndarray
    """Running total, repetition penalty included: what the beam prunes by."""
    score: np.ndarray
    """Total normalised for length."""
    fate: np.ndarray
    gap: np.ndarray
    """Pruned candidates: by how much the total missed the cut, ≥ 0; else 0."""
    block: np.ndarray
    """``Block`` of a blocked candidate."""
    slot: np.ndarray
    """Kept candidates: their row at the next step; else -1."""
    before: np.ndarray
    """(T,K) running total of each row before the step; -inf: the row is dead."""
    attention: np.ndarray | None
    """(T,K,L,H,S)"""
    extras: dict[str, np.ndarray] = field(default_factory=dict)
    """(T,K) each; see ``Hypothesis.extras``."""
    handicap: np.ndarray | None = None
    """Diverse beam search: what was taken off a total before the beam was cut; not added up."""


@dataclass(frozen=True)
class Alternative:
    """One token the model could have produced at a step."""

    token: int
    logprob: float
    fate: Fate
    block: Block


@dataclass(frozen=True)
class Trace:
    """One source and everything its search did."""

    source: tuple[int, ...]
    """What the model read: ids."""
    options: SearchOptions
    hypotheses: tuple[Hypothesis, ...]
    """Best first; hypotheses cut at the length limit stand behind finished ones."""
    prefix: Opening = NOTHING
    """What every output had to begin with."""
    steps: Steps | None = None
    """None if recording was off."""

    @property
    def best(self) -> Hypothesis:
        return self.hypotheses[0]

    @property
    def recorded(self) -> Steps:
        """The steps. Raises ValueError if recording was off."""
        if self.steps is None:
            raise ValueError("the trace holds no steps: search with record=True")
        return self.steps

    def alternatives(self, hypothesis: Hypothesis, t: int, n: int = 10) -> list[Alternative]:
        """The model's ``n`` most probable tokens where ``hypothesis`` chose its token ``t``.

        The chosen token is always among them. Needs recording.
        """
        if self.steps is None:
            return []
        s, row = self.steps, hypothesis.rows[t]
        order = [i for i in np.argsort(-s.logprob[t, row], kind="stable") if s.fate[t, row, i]]
        picked = order[:n]
        if all(s.token[t, row, i] != hypothesis.tokens[t] for i in picked):
            picked += [i for i in order[n:] if s.token[t, row, i] == hypothesis.tokens[t]]
        return [
            Alternative(
                int(s.token[t, row, i]),
                float(s.logprob[t, row, i]),
                Fate(int(s.fate[t, row, i])),
                Block(int(s.block[t, row, i])),
            )
            for i in picked
        ]


@dataclass(frozen=True)
class Sentence:
    """One unit that was decoded: its source, its trace and the words to label pictures with."""

    source: Source
    trace: Trace
    hypotheses: tuple[Hypothesis, ...]
    """Best first: as the search ranked them, or ranked anew, with the scores that they are ranked by."""
    outputs: tuple[str, ...]
    """Text of each of ``hypotheses``."""
    src_pieces: tuple[str, ...]
    src_words: tuple[tuple[str, int, int], ...]
    """(word, first piece, last piece + 1)"""
    tgt_pieces: tuple[tuple[str, ...], ...]
    """Pieces of each hypothesis."""
    tgt_words: tuple[tuple[tuple[str, int, int], ...], ...]
    cut: int = 0
    """Source tokens beyond the model's limit that were not read."""
    alone: tuple[float, ...] | None = None
    """log p(out) of each hypothesis without the source, if they are ranked by mutual information."""

    @property
    def same_as(self) -> tuple[int | None, ...]:
        """For each output the first one before it that is the same text, in other pieces."""
        first = {text: n for n, text in reversed([*enumerate(self.outputs)])}
        return tuple(
            None if first[text] == n else first[text] for n, text in enumerate(self.outputs)
        )

    @property
    def best(self) -> Hypothesis:
        return self.hypotheses[0]


@dataclass(frozen=True)
class Result:
    """The answer to one input."""

    text: str
    sentences: tuple[Sentence, ...]
    warnings: tuple[str, ...] = ()
    seconds: float = 0.0
    tokens: int = 0
    """Target tokens produced, best hypotheses only."""
    precision: str = "fp32"
    """Of the products that the network was computed with: fp32, bf16 or int8."""
