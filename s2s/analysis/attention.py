"""Attention weights as people read them: by word, by source position.

T target pieces · S source pieces · W words.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

Span = tuple[str, int, int]


def merge_words(alpha: np.ndarray, tgt: Sequence[Span], src: Sequence[Span]) -> np.ndarray:
    """(T,S) by piece → (W_tgt, W_src) by word; rows still sum to 1.

    A word receives what its pieces receive together, and looks where its pieces look on average.
    """
    columns = np.stack([alpha[:, a:b].sum(1) for _, a, b in src], 1)  # (T,W_src)
    return np.stack([columns[a:b].mean(0) for _, a, b in tgt])  # (W_tgt,W_src)


def word_of(position: int, words: Sequence[Span]) -> int:
    """Index of the word that a piece belongs to."""
    return next(n for n, (_, a, b) in enumerate(words) if a <= position < b)


def received(alpha: np.ndarray, src: Sequence[Span]) -> np.ndarray:
    """(W_src,) attention that each source word received over all steps, from (T,S); sums to T."""
    total = alpha.sum(0)
    return np.array([total[a:b].sum() for _, a, b in src])


def coverage(alpha: np.ndarray, src: Sequence[Span], enough: float = 0.1) -> float:
    """Share of source words that received at least ``enough`` attention, 0 to 1."""
    return float((received(alpha, src) >= enough).mean())


def by_part(alpha: np.ndarray, starts: Sequence[int]) -> np.ndarray:
    """(T,S) → (T,P): attention that parts of a source receive; ``starts``: first pieces of parts.

    The last part ends with the source.
    """
    bounds = [*starts, alpha.shape[1]]
    return np.stack([alpha[:, a:b].sum(1) for a, b in itertools.pairwise(bounds)], 1)
