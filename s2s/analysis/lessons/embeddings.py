"""Rows of an embedding matrix: who is near whom, and a plane to look at them in.

V vocabulary · E embedding size · N vectors.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from s2s.models.contract import Seq2Seq
from s2s.text.tokenizer import Tokenizer


def matrix_of(model: Seq2Seq) -> np.ndarray:
    """The embedding matrix (V,E)."""
    return model.embedding.weight.detach().float().cpu().numpy()


def cosines(matrix: np.ndarray, row: int) -> np.ndarray:
    """Cosine of the angle between one row and every row of (V,E): (V); 0 for a row of zeros."""
    lengths = np.linalg.norm(matrix, axis=1)  # (V)
    with np.errstate(invalid="ignore", divide="ignore"):
        found = matrix @ matrix[row] / (lengths * lengths[row])
    return np.nan_to_num(found)


def neighbours(
    matrix: np.ndarray, row: int, tokenizer: Tokenizer, most: int
) -> list[tuple[int, float]]:
    """The ``most`` pieces nearest to one by cosine, nearest first: (id, cosine). Special tokens and
    single bytes are left out, and so is the piece itself."""
    found = cosines(matrix, row)
    shown = tokenizer.spellings()
    near = [int(i) for i in np.argsort(-found) if i in shown and i != row]
    return [(i, float(found[i])) for i in near[:most]]


@dataclass(frozen=True)
class Plane:
    """Vectors seen from where they differ most."""

    points: np.ndarray
    """(N,2)"""
    share: float
    """Of their variance that the plane holds, 0 to 1."""


def plane(vectors: np.ndarray) -> Plane:
    """The two principal components of (N,E) (Pearson 1901), by singular values of the centred rows."""
    centred = vectors - vectors.mean(0)
    u, s, _vt = np.linalg.svd(centred, full_matrices=False)
    points = np.zeros((len(vectors), 2))
    points[:, : min(2, len(s))] = (u * s)[:, :2]
    whole = float((s**2).sum())
    return Plane(points, float((s[:2] ** 2).sum()) / whole if whole else 1.0)
