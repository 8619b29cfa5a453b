"""A decoder written by hand: what comes next hangs on the last token alone."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from s2s.models.contract import Attentions, Carry, Limits, Memory, Step
from s2s.text.vocabulary import Vocabulary


class Table:
    """``following``: last token → {next token: probability}; rows are normalised."""

    def __init__(self, following: dict[int, dict[int, float]], size: int) -> None:
        self.vocabulary, self.limits, self.device = Vocabulary(size), Limits(), torch.device("cpu")
        p = torch.full((size, size), 1e-12)
        for last, row in following.items():
            p[last, list(row)] = torch.tensor(list(row.values()))
        self.logp = (p / p.sum(-1, keepdim=True)).log()  # (V,V)

    def encode(self, source: Tensor) -> Memory:
        return Memory(source != self.vocabulary.pad)

    def start(self, memory: Memory, hypotheses: int) -> Carry:
        return {}

    def step(self, token: Tensor, carry: Carry, memory: Memory) -> Step:
        return Step(self.logp[token], None, {})

    def attentions(self, source: Tensor, target: Sequence[int]) -> Attentions:
        return Attentions(None, None, None)


class LookingTable(Table):
    """One that also looks somewhere: by the last token, at real tokens only."""

    def step(self, token: Tensor, carry: Carry, memory: Memory) -> Step:
        place = torch.arange(memory.mask.shape[1])  # (S)
        score = torch.cos(token[..., None] * (place + 1.0)) * 3  # (B,K,S)
        alpha = score.masked_fill(~memory.mask[:, None], -torch.inf).softmax(-1)
        return Step(self.logp[token], alpha[:, :, None, None], {})


def random_table(size: int = 23, seed: int = 0, looks: bool = False) -> Table:
    """Every token may follow every other, some much more than others."""
    weights = (torch.randn(size, size, generator=torch.Generator().manual_seed(seed)) * 1.5).exp()
    rows = {last: dict(enumerate(weights[last].tolist())) for last in range(size)}
    return (LookingTable if looks else Table)(rows, size)
