"""What an encoder that reads from both ends knows, and from where.

S source length · D size of a state, both directions together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from s2s.errors import S2SError
from s2s.models.contract import Seq2Seq


@dataclass(frozen=True)
class Directions:
    """The states of an encoder over one source."""

    forward: np.ndarray
    """(S,D/2) after reading from the left as far as each position."""
    backward: np.ndarray
    """(S,D/2) after reading from the right as far as each position."""
    start: np.ndarray
    """(D') the decoder's first state, of its first layer."""


def directions(model: Seq2Seq, source: Sequence[int], blank: int = -1) -> Directions:
    """Schuster and Paliwal 1997, in the form of Bahdanau et al. 2015, section A.2.1.

    ``blank``: the position whose embedding is read as zeros; -1: none. Raises S2SError if the encoder does
    not read from both ends.
    """
    if not getattr(model.config, "bidirectional", False) or not getattr(model.config, "attends", 0):
        raise S2SError("This model's encoder does not keep the states of two directions.")
    with torch.inference_mode():
        ids = torch.tensor([list(source)], device=model.device)  # (1,S)
        x = model.embed_source(ids).clone()  # (1,S,E)
        if blank >= 0:
            x[:, blank] = 0
        memory = model.read(x, ids)
    states = memory["states"][0].float().cpu().numpy()  # (S,D)
    half = states.shape[1] // 2
    return Directions(states[:, :half], states[:, half:], memory["h"][0, 0].float().cpu().numpy())


def influence(model: Seq2Seq, source: Sequence[int], at: int) -> tuple[np.ndarray, np.ndarray]:
    """How far each state moves if the word at one position is blanked: the distance between the states
    with and without it, forward (S) and backward (S)."""
    whole, without = directions(model, source), directions(model, source, at)
    return (
        np.linalg.norm(whole.forward - without.forward, axis=1),
        np.linalg.norm(whole.backward - without.backward, axis=1),
    )


def liveliest(states: np.ndarray, most: int) -> np.ndarray:
    """The units of (S,D) that differ most from position to position, most first."""
    return np.argsort(-states.std(0), kind="stable")[:most]
