"""One look of one head, written out: query, scores, distribution, context.

S source length · T target length · D size of what is averaged · A size of what is compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from s2s.models.contract import Seq2Seq
from s2s.models.recurrent.model import RNN
from s2s.models.transformer import Transformer


@dataclass(frozen=True)
class Look:
    """Where one head of one layer looked while one token was written."""

    kind: str
    """``additive``, ``dot``, ``general`` or ``scaled``: how a query is scored against a key."""
    query: np.ndarray
    """What asks: the decoder's state, or in a Transformer its projection, (·,)."""
    keys: np.ndarray
    """(S,A)"""
    scores: np.ndarray
    """(S,) e_ij."""
    alpha: np.ndarray
    """(S,) softmax of the scores."""
    states: np.ndarray
    """(S,D) what is averaged: the encoder's states, or in a Transformer the values."""
    context: np.ndarray
    """(D,) sum_j alpha_ij h_j."""

    @property
    def size(self) -> int:
        """Channels that a dot product sums over."""
        return self.keys.shape[1]


def softmax(scores: np.ndarray, temperature: float = 1.0) -> np.ndarray:
    """exp(e_j / τ) / sum_k exp(e_k / τ) over the last axis; small τ: the largest takes all."""
    z = scores / temperature
    e = np.exp(z - z.max(-1, keepdims=True))
    return e / e.sum(-1, keepdims=True)


def entropy(alpha: np.ndarray) -> float:
    """-sum_j α_j log2 α_j, in bits: 0, one place; log2 S, all places alike."""
    seen = alpha[alpha > 0]
    return float(-(seen * np.log2(seen)).sum())


@torch.inference_mode()
def look(
    model: Seq2Seq,
    source: Sequence[int],
    target: Sequence[int],
    t: int,
    layer: int = 0,
    head: int = 0,
) -> Look | None:
    """Cross-attention of ``layer`` and ``head`` while token ``t`` of ``target`` is written.

    source, target: ids. None: this model has no attention, or is of a family that is not known here.
    """
    given = torch.tensor([list(source)], device=model.device)  # (1,S)
    tgt_in = model.forced_input(target)[:, : t + 1]  # (1,t+1)
    if isinstance(model, Transformer):
        return _of_heads(model, given, tgt_in, layer, head)
    if isinstance(model, RNN) and model.config.attends:
        return _of_states(model, given, tgt_in)
    return None


def _of_states(model: RNN, source: Tensor, tgt_in: Tensor) -> Look:
    """The query is a decoder state: that before the step (Bahdanau) or after it (Luong)."""
    memory = model.encode(source)
    carry = model.start(memory, 1)
    before = carry
    for token in tgt_in[0]:
        before, carry = carry, model.step(token[None, None], carry, memory).carry
    asking = before if model.config.looks_first else carry
    query = asking["h"][:, :, -1]  # (1,1,D)
    scores = model.attention.scores(query, memory["keys"], before.get("covered"))  # (1,1,S)
    return _written(model.config.attention, query, memory["keys"], scores, memory["states"])


def _of_heads(model: Transformer, source: Tensor, tgt_in: Tensor, layer: int, head: int) -> Look:
    """q . k / sqrt(C) of one head (Vaswani et al. 2017, eq. 1)."""
    query, memory = model.cross_queries(source, tgt_in, layer)  # (1,H,T,C)
    q, k, v = query[:, head, -1:], memory[f"k{layer}"][:, head], memory[f"v{layer}"][:, head]
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(1, 2)  # (1,1,S)
    return _written("scaled", q, k, scores, v)


def _written(kind: str, query: Tensor, keys: Tensor, scores: Tensor, states: Tensor) -> Look:
    """query (1,1,·), keys (1,S,A), scores (1,1,S), states (1,S,D)."""
    e = scores[0, 0].double().cpu().numpy()
    h = states[0].double().cpu().numpy()
    alpha = softmax(e)
    q, k = query[0, 0].double().cpu().numpy(), keys[0].double().cpu().numpy()
    return Look(kind, q, k, e, alpha, h, alpha @ h)


def unscaled(size: int, places: int, draws: int = 64, seed: int = 0) -> tuple[float, float]:
    """Mean largest weight among ``places`` of attention between random unit-variance vectors of
    ``size`` channels: (q . k as it is, q . k / sqrt(size)).

    A dot product of ``size`` such channels has variance ``size`` (Vaswani et al. 2017, note 4): without
    the root the softmax of a long vector saturates, and its gradient vanishes.
    """
    rng = np.random.default_rng(seed)
    q, k = rng.standard_normal((draws, size)), rng.standard_normal((draws, places, size))
    scores = np.einsum("nd,npd->np", q, k)  # (draws,places)
    raw, scaled = softmax(scores), softmax(scores / np.sqrt(size))
    return float(raw.max(-1).mean()), float(scaled.max(-1).mean())
