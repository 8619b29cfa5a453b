"""Every head of every layer, with numbers that say what it does.

L layers · H heads · T rows that look · S columns looked at.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from s2s.analysis.attention import Span, merge_words
from s2s.models.contract import Decoder

SPREAD = 0.2  # g of Tachibana et al. 2018


@dataclass(frozen=True)
class Facts:
    """What can be said of one head on one sentence."""

    layer: int
    head: int
    entropy: float
    """Bits, mean over the rows: 0 looks at one place, log2(S) everywhere alike."""
    sink: float
    """Share of all attention on the end of the source; in the decoder's self-attention on the start."""
    diagonal: float
    """0 to 1, see ``diagonality``."""


def grids(model: Decoder, source: Sequence[int], target: Sequence[int]) -> dict[str, np.ndarray]:
    """Kind of attention → (L,H,T,S), while ``target`` is written; only kinds that the model has."""
    found = model.attentions(torch.tensor([list(source)], device=model.device), target)
    parts = {"cross": found.cross, "encoder": found.encoder, "decoder": found.decoder}
    return {kind: a.float().cpu().numpy() for kind, a in parts.items() if a is not None}


def merged(grid: np.ndarray, rows: Sequence[Span], columns: Sequence[Span]) -> np.ndarray:
    """(L,H,T,S) by piece → by word."""
    return np.stack([[merge_words(a, rows, columns) for a in layer] for layer in grid])


def entropy(alpha: np.ndarray) -> np.ndarray:
    """(...,T,S) → (...,T): -sum_s a log2 a, in bits (Shannon 1948)."""
    p = np.maximum(alpha, 1e-12)
    return -(alpha * np.log2(p)).sum(-1)


def diagonality(alpha: np.ndarray) -> float:
    """(T,S) → how near the diagonal the attention lies, 0 to 1.

    mean_t sum_s a_ts exp(-(s/S - t/T)^2 / 2g^2), g = 0.2: one minus the guided attention loss of
    Tachibana et al. 2018, eq. 6 and 7. Places count from 0 to 1 here, both ends included.
    """
    t, s = (np.linspace(0, 1, n) if n > 1 else np.array([0.5]) for n in alpha.shape)
    near = np.exp(-((s[None] - t[:, None]) ** 2) / (2 * SPREAD**2))  # (T,S)
    mass = alpha.sum()
    return float((alpha * near).sum() / mass) if mass > 0 else 0.0


def facts(grid: np.ndarray, kind: str) -> list[Facts]:
    """Of every head of (L,H,T,S). The end (or start) counts in ``sink`` alone, not as a diagonal."""
    column = 0 if kind == "decoder" else -1
    found = []
    for layer, heads in enumerate(grid):
        for head, alpha in enumerate(heads):
            inner = alpha[1:, 1:] if kind == "decoder" else alpha[:-1, :-1]
            found.append(
                Facts(
                    layer,
                    head,
                    float(entropy(alpha).mean()),
                    float(alpha[:, column].mean()),
                    diagonality(inner) if inner.size else 0.0,
                )
            )
    return found


def read_before(words: Sequence[Span], start: str = "start") -> list[Span]:
    """What the decoder has read when it writes each token: the start, then all words but the last."""
    return [(start, 0, 1), *((w, a + 1, b + 1) for w, a, b in words[:-1])]
