"""States of encoder and decoder: projected to a few dimensions, and where training had the like.

N states · D their size · d dimensions kept · T output words · S source words · k neighbours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from s2s.analysis.attention import Span
from s2s.models.contract import Seq2Seq


@dataclass(frozen=True)
class Plane:
    """Directions in which states differ most (Pearson 1901), the first one most of all."""

    mean: np.ndarray
    """(D,)"""
    axes: np.ndarray
    """(d,D) orthonormal rows."""
    shares: np.ndarray
    """(d,) of the variance that lies along each, 0 to 1."""

    def project(self, states: np.ndarray) -> np.ndarray:
        """(N,D) → (N,d)."""
        return (states - self.mean) @ self.axes.T


def principal(states: np.ndarray, dimensions: int) -> Plane:
    """The plane of states (N,D): d principal components, or as many as there can be.

    Signs are fixed: the largest entry of each axis is positive.
    """
    d = min(dimensions, *states.shape)
    mean = states.mean(0, dtype=np.float64)
    centred = states - mean
    variances, vectors = np.linalg.eigh(centred.T @ centred)  # ascending
    variances = np.maximum(variances[::-1], 0)
    axes = vectors[:, ::-1].T[:d]  # (d,D)
    axes = axes * np.sign(axes[np.arange(d), np.abs(axes).argmax(1)])[:, None]
    total = variances.sum()
    shares = variances[:d] / total if total > 0 else np.zeros(d)
    return Plane(mean.astype(np.float32), axes.astype(np.float32), shares.astype(np.float32))


@dataclass(frozen=True)
class Cloud:
    """Many projected states, one byte a dimension."""

    plane: Plane
    scale: np.ndarray
    """(d,) what one unit of a code is worth."""
    codes: np.ndarray
    """(N,d) int8"""

    @classmethod
    def of(cls, plane: Plane, states: np.ndarray) -> Cloud:
        """States (N,D), each dimension rounded to 255 levels of its own range."""
        points = plane.project(states)
        largest = np.abs(points).max(0, initial=0)
        scale = np.where(largest > 0, largest / 127, 1).astype(np.float32)
        return cls(plane, scale, np.rint(points / scale).astype(np.int8))

    @property
    def points(self) -> np.ndarray:
        """(N,d)"""
        return self.codes * self.scale

    @property
    def usual(self) -> float:
        """Distance of two states drawn by chance: the root of its mean square, sqrt(2 sum of variances)."""
        return float(np.sqrt(2 * self.points.var(0).sum()))

    def nearest(self, state: np.ndarray, k: int) -> list[tuple[int, float]]:
        """(number, distance) of the k states nearest to one (D,), nearest first.

        Euclidean, in the d dimensions; 1 is as far as two states drawn by chance.
        """
        at = self.plane.project(state[None])[0]
        squares = ((self.points - at) ** 2).sum(1)  # (N,)
        order = np.argsort(squares, kind="stable")[:k]
        usual = self.usual or 1.0
        return [(int(n), float(np.sqrt(squares[n])) / usual) for n in order]


@torch.inference_mode()
def decoder_states(model: Seq2Seq, source: Sequence[int], target: Sequence[int]) -> np.ndarray:
    """(T,D) of each piece of an output: the state from which it was chosen."""
    given = torch.tensor([list(source)], device=model.device)
    return model.hidden(given, model.forced_input(target))[0].float().cpu().numpy()


@torch.inference_mode()
def encoder_states(model: Seq2Seq, source: Sequence[int]) -> np.ndarray | None:
    """(S,D) of each piece of a source; None: this model keeps none."""
    found = model.states(torch.tensor([list(source)], device=model.device))
    return None if found is None else found[0].float().cpu().numpy()


def of_words(states: np.ndarray, words: Sequence[Span]) -> np.ndarray:
    """States by piece → by word: the mean of its pieces."""
    return np.stack([states[a:b].mean(0) for _, a, b in words])


def at_words(states: np.ndarray, words: Sequence[Span]) -> np.ndarray:
    """States by piece → by word: that of its first piece, where the word was chosen."""
    return states[[a for _, a, _ in words]]
