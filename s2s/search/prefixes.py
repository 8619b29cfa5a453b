"""A decoder that remembers: each distinct prefix of one source goes through the model once.

K rows · V vocabulary · L layers · H heads · S source length.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from s2s.models.contract import Attentions, Carry, Decoder, Memory, Step

NOTHING = 0  # the node before the first token


class Node(NamedTuple):
    """What the model said behind one prefix, without batch and rows."""

    carry: Carry
    logp: Tensor | None = None  # (V)
    attention: Tensor | None = None  # (L,H,S)
    extras: dict[str, Tensor] = {}  # noqa: RUF012


class Prefixes:
    """A ``Decoder`` for one source, with every answer kept.

    Many searches over one source ask for the same prefixes: beams of 4 and 5 share nearly all of
    theirs. Here the carry of a row is a node of a prefix tree, and only nodes that nobody asked for
    before go through the model. What a search makes of the answers stays its own affair, so a
    search over ``Prefixes`` is the search over the model.
    """

    def __init__(self, decoder: Decoder, source: Sequence[int]) -> None:
        """``source``: ids of one source, its end of sentence included."""
        self.decoder = decoder
        self.vocabulary, self.limits, self.device = (
            decoder.vocabulary,
            decoder.limits,
            decoder.device,
        )
        self.source = torch.tensor([list(source)], device=self.device)  # (1,S)
        with torch.inference_mode():
            self.memory = decoder.encode(self.source)
            first = decoder.start(self.memory, 1)
        self.asked = self.computed = 0  # rows
        self._at: dict[tuple[int, int], int] = {}  # (node, token) → node
        self._nodes = [Node({name: value[0, 0] for name, value in first.items()})]

    def encode(self, source: Tensor) -> Memory:
        """source (1,S), the one that this was made for → its memory."""
        if not torch.equal(source, self.source):
            raise ValueError("Prefixes belong to one source")
        return self.memory

    def start(self, memory: Memory, hypotheses: int) -> Carry:
        """Every row stands before the first token: node (1,K,1)."""
        return {"node": torch.full((1, hypotheses, 1), NOTHING, device=self.device)}

    def step(self, token: Tensor, carry: Carry, memory: Memory) -> Step:
        """token (1,K) → what the model says, computed or remembered."""
        keys = list(zip(carry["node"][0, :, 0].tolist(), token[0].tolist(), strict=True))
        self.asked += len(keys)
        new = list(dict.fromkeys(key for key in keys if key not in self._at))
        if new:
            self._compute(new)
        at = [self._at[key] for key in keys]
        nodes = [self._nodes[i] for i in at]
        attention = None
        if nodes[0].attention is not None:
            attention = torch.stack([n.attention for n in nodes])[None]
        return Step(
            torch.stack([n.logp for n in nodes])[None],
            attention,
            {"node": torch.tensor(at, device=self.device)[None, :, None]},
            {k: torch.stack([n.extras[k] for n in nodes])[None] for k in nodes[0].extras},
        )

    def attentions(self, source: Tensor, target: Sequence[int]) -> Attentions:
        return self.decoder.attentions(source, target)

    @torch.inference_mode()
    def _compute(self, keys: list[tuple[int, int]]) -> None:
        """One call of the model for prefixes of one length that nobody asked for before."""
        parents = [self._nodes[parent].carry for parent, _ in keys]
        carry = {name: torch.stack([p[name] for p in parents])[None] for name in parents[0]}
        token = torch.tensor([[t for _, t in keys]], device=self.device)  # (1,K)
        step = self.decoder.step(token, carry, self.memory)
        self.computed += len(keys)
        for i, key in enumerate(keys):
            self._at[key] = len(self._nodes)
            node = Node(
                {name: value[0, i] for name, value in step.carry.items()},
                step.logp[0, i],
                None if step.attention is None else step.attention[0, i],
                {name: value[0, i] for name, value in step.extras.items()},
            )
            self._nodes.append(node)
