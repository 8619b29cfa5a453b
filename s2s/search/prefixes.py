"""A model that remembers: each distinct prefix of one source goes through it once.

K rows · V vocabulary · L layers · H heads · S source length.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from s2s.models.contract import Carry, Memory, Seq2Seq

NOTHING = 0  # the node before the first token


class Prefixes:
    """The contract of ``models.base`` for one source, with every answer kept.

    Many searches over one source ask for the same prefixes: beams of 4 and 5 share nearly all of
    theirs. Here the carry of a row is a node of a prefix tree, and only nodes that nobody asked for
    before go through the model. What a search makes of the answers stays its own affair, so a
    search over ``Prefixes`` is the search over the model.
    """

    def __init__(self, model: Seq2Seq, src: Sequence[int]) -> None:
        """``src``: ids of one source, its end of sentence included."""
        self.model = model
        self.device, self.never = model.embedding.weight.device, model.never
        self.src = torch.tensor([list(src)], device=self.device)  # (1,S)
        with torch.inference_mode():
            self.memory = model.encode(self.src)
            first = model.start(self.memory, 1)
        self.asked = self.computed = 0  # rows
        self._nodes: dict[tuple[int, int], int] = {}  # (node, token) → node
        self._carry: list[Carry] = [{name: value[0, 0] for name, value in first.items()}]
        self._logits: list[Tensor | None] = [None]  # (V), by node
        self._attention: list[Tensor | None] = [None]  # (L,H,S)

    def encode(self, src: Tensor) -> Memory:
        """src (1,S), the source that this was made for → its memory."""
        if not torch.equal(src, self.src):
            raise ValueError("Prefixes belong to one source")
        return self.memory

    def start(self, memory: Memory, hypotheses: int) -> Carry:
        """Every row stands before the first token: node (1,K,1)."""
        return {"node": torch.full((1, hypotheses, 1), NOTHING, device=self.device)}

    def step(
        self, token: Tensor, carry: Carry, memory: Memory
    ) -> tuple[Tensor, Tensor | None, Carry]:
        """token (1,K) → logits (1,K,V), attention (1,K,L,H,S) or None, carry."""
        keys = list(zip(carry["node"][0, :, 0].tolist(), token[0].tolist(), strict=True))
        self.asked += len(keys)
        new = list(dict.fromkeys(key for key in keys if key not in self._nodes))
        if new:
            self._compute(new)
        nodes = [self._nodes[key] for key in keys]
        logits = torch.stack([self._logits[n] for n in nodes])[None]
        attention = None
        if self._attention[nodes[0]] is not None:
            attention = torch.stack([self._attention[n] for n in nodes])[None]
        return logits, attention, {"node": torch.tensor(nodes, device=self.device)[None, :, None]}

    @torch.inference_mode()
    def _compute(self, keys: list[tuple[int, int]]) -> None:
        """One call of the model for prefixes of one length that nobody asked for before."""
        parents = [self._carry[parent] for parent, _ in keys]
        carry = {name: torch.stack([p[name] for p in parents])[None] for name in parents[0]}
        token = torch.tensor([[t for _, t in keys]], device=self.device)  # (1,K)
        logits, attention, carry = self.model.step(token, carry, self.memory)
        self.computed += len(keys)
        for i, key in enumerate(keys):
            self._nodes[key] = len(self._carry)
            self._carry.append({name: value[0, i] for name, value in carry.items()})
            self._logits.append(logits[0, i])
            self._attention.append(None if attention is None else attention[0, i])
