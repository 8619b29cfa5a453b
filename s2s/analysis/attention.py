"""Attention weights as people read them: by word, by source position.

T target pieces · S source pieces · W words.
"""

from __future__ import annotations

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
