"""Attention over encoder states: additive, dot, general, scaled dot.

B sources · K queries a source (hypotheses or time steps) · S source length · D model size ·
A attention size.
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn

from s2s.models.contract import UNSTEERED, Steering


class Attention(nn.Module):
    """Score every source position against every query, then average the states.

    alpha_ij = softmax_j(score(q_i, h_j)) and c_i = sum_j alpha_ij h_j
    (Bahdanau et al. 2015, eq. 5 and 6), with score one of

    - ``additive``: v . tanh(W q + U h)      Bahdanau et al. 2015, section A.1.2
    - ``dot``: q . h                         Luong et al. 2015, section 3.1
    - ``general``: q . W h                   Luong et al. 2015, section 3.1
    - ``scaled``: q . h / sqrt(D)            Vaswani et al. 2017, eq. 1

    With coverage, additive attention also sees what each position has received so far:
    v . tanh(W q + U h + w c)                See et al. 2017, eq. 11
    """

    kinds = ("additive", "dot", "general", "scaled")

    def __init__(self, kind: str, hidden: int, size: int, coverage: bool = False) -> None:
        super().__init__()
        self.kind = kind
        if kind == "additive":
            self.query = nn.Linear(hidden, size, bias=False)  # W
            self.key = nn.Linear(hidden, size)  # U, its bias shared with W
            self.score = nn.Linear(size, 1, bias=False)  # v
            if coverage:
                self.covered = nn.Linear(1, size, bias=False)  # w
        elif kind == "general":
            self.key = nn.Linear(hidden, hidden, bias=False)

    def keys(self, states: Tensor) -> Tensor:
        """The part of the score that needs no query, once a source. (B,S,D) → (B,S,A)."""
        return self.key(states) if self.kind in ("additive", "general") else states

    def scores(self, query: Tensor, keys: Tensor, covered: Tensor | None = None) -> Tensor:
        """score(q_i, h_j) of every query and position: query (B,K,D), keys (B,S,A), covered (B,K,S)
        attention received so far → (B,K,S)."""
        if self.kind == "additive":
            q = self.query(query)  # (B,K,A)
            inner = keys[:, None] + q[:, :, None]  # (B,K,S,A)
            if covered is not None:
                inner = inner + self.covered(covered[..., None])
            return self.score(torch.tanh(inner)).squeeze(-1)  # (B,K,S)
        scores = query.to(keys.dtype) @ keys.transpose(1, 2)  # (B,K,S)
        return scores / math.sqrt(keys.shape[-1]) if self.kind == "scaled" else scores

    def forward(
        self,
        query: Tensor,
        keys: Tensor,
        states: Tensor,
        mask: Tensor,
        covered: Tensor | None = None,
        steering: Steering = UNSTEERED,
    ) -> tuple[Tensor, Tensor]:
        """query (B,K,D), keys (B,S,A), states (B,S,D), mask (B,S) true at tokens that may be looked
        at, covered (B,K,S) attention received so far, or None.

        Returns the context (B,K,D) and alpha (B,K,S); padding gets exactly 0.
        """
        scores = self.scores(query, keys, covered)  # (B,K,S)
        scores = scores.float().masked_fill(~mask[:, None], float("-inf"))
        alpha = drawn(scores.softmax(-1), steering)  # (B,K,S)
        context = alpha.to(states.dtype) @ states  # (B,K,D)
        return context if steering.cross is None else context * steering.cross[0, 0], alpha


def drawn(alpha: Tensor, steering: Steering) -> Tensor:
    """Attention (...,S) drawn towards the distribution that it is pinned to."""
    if steering.pin is None:
        return alpha
    return alpha + steering.strength * (steering.pin - alpha)
