"""What a Transformer is built of: positions, attention with several heads, layers (Vaswani et al. 2017).

B sources · S source length · T target length · D model size · H heads · C size of a head.
"""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2s.models.attention import drawn
from s2s.models.contract import UNSTEERED, Memory, Steering
from s2s.models.dropout import Dropout


def positions(first: int, count: int, size: int, device: torch.device) -> Tensor:
    """Sinusoidal positions (Vaswani et al. 2017, section 3.5), (count, D): sines, then cosines."""
    rate = torch.exp(torch.arange(size // 2, device=device) * (-2 * math.log(10_000.0) / size))
    angle = torch.arange(first, first + count, device=device)[:, None] * rate  # (count,D/2)
    return torch.cat([angle.sin(), angle.cos()], 1)


def attend(
    q: Tensor,
    k: Tensor,
    v: Tensor,
    mask: Tensor | None,
    gate: Tensor | None = None,
    steering: Steering = UNSTEERED,
) -> tuple[Tensor, Tensor]:
    """softmax(q k' / sqrt(C)) v (Vaswani et al. 2017, eq. 1).

    q (...,T,C), k and v (...,S,C), mask true where allowed → (...,T,C), alpha (...,T,S). ``gate`` (H):
    what the heads' outputs are multiplied by; ``steering``: what alpha is pinned to.
    Plain products: on the CPU they train twice as fast as the fused kernel, and alpha is shown.
    """
    scores = ((q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)).float()
    if mask is not None:
        scores = scores.masked_fill(~mask, float("-inf"))
    alpha = drawn(scores.softmax(-1), steering)
    mixed = alpha.to(v.dtype) @ v  # (...,H,T,C)
    return mixed if gate is None else mixed * gate[:, None, None], alpha


def gate_of(gates: Tensor | None, layer: int) -> Tensor | None:
    """A layer's own row of (L,H)."""
    return None if gates is None else gates[layer]


class MultiHead(nn.Module):
    """Projections of multi-head attention (Vaswani et al. 2017, section 3.2.2)."""

    def __init__(self, size: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.q, self.k, self.v, self.out = (nn.Linear(size, size) for _ in range(4))

    def split(self, x: Tensor) -> Tensor:
        """(...,T,D) → (...,H,T,C)."""
        return x.unflatten(-1, (self.heads, -1)).transpose(-2, -3)

    def merge(self, x: Tensor) -> Tensor:
        """(...,H,T,C) → output projection of (...,T,D)."""
        return self.out(x.transpose(-2, -3).flatten(-2))


class FeedForward(nn.Module):
    """max(0, x W1 + b1) W2 + b2 (Vaswani et al. 2017, eq. 2)."""

    def __init__(self, size: int, inner: int, dropout: Dropout) -> None:
        super().__init__()
        self.inner, self.outer, self.dropout = (
            nn.Linear(size, inner),
            nn.Linear(inner, size),
            dropout,
        )

    def forward(self, x: Tensor) -> Tensor:
        return self.dropout(self.outer(self.dropout(F.relu(self.inner(x)))))


class EncoderLayer(nn.Module):
    """x + SelfAttention(norm(x)), then x + FeedForward(norm(x)): pre-norm (Xiong et al. 2020)."""

    def __init__(self, size: int, heads: int, inner: int, dropout: Dropout) -> None:
        super().__init__()
        self.norm_self, self.norm_ff = nn.LayerNorm(size), nn.LayerNorm(size)
        self.self_attention = MultiHead(size, heads)
        self.feed_forward = FeedForward(size, inner, dropout)
        self.dropout = dropout

    def forward(self, x: Tensor, mask: Tensor, gate: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """x (B,S,D), mask (B,1,1,S), gate (H) → (B,S,D), alpha (B,H,S,S)."""
        a, y = self.self_attention, self.norm_self(x)
        mixed, alpha = attend(a.split(a.q(y)), a.split(a.k(y)), a.split(a.v(y)), mask, gate)
        x = x + self.dropout(a.merge(mixed))
        return x + self.feed_forward(self.norm_ff(x)), alpha


class DecoderLayer(nn.Module):
    """Self-attention over the past, cross-attention over the source, feed-forward."""

    def __init__(self, size: int, heads: int, inner: int, dropout: Dropout) -> None:
        super().__init__()
        self.norm_self, self.norm_cross, self.norm_ff = (nn.LayerNorm(size) for _ in range(3))
        self.self_attention = MultiHead(size, heads)
        self.cross_attention = MultiHead(size, heads)
        self.feed_forward = FeedForward(size, inner, dropout)
        self.dropout = dropout

    def past(self, x: Tensor, mask: Tensor, gate: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Self-attention over all steps at once. x (B,T,D), mask (T,T) → (B,T,D), alpha (B,H,T,T)."""
        a, y = self.self_attention, self.norm_self(x)
        mixed, alpha = attend(a.split(a.q(y)), a.split(a.k(y)), a.split(a.v(y)), mask, gate)
        return x + self.dropout(a.merge(mixed)), alpha

    def cross(self, x: Tensor, memory: Memory, layer: int) -> tuple[Tensor, Tensor]:
        """x (B,T,D), memory's keys and values of ``layer`` (B,H,S,C) → (B,T,D), alpha (B,H,T,S)."""
        a, steering = self.cross_attention, memory.steering
        k, v, mask = memory[f"k{layer}"], memory[f"v{layer}"], memory.visible[:, None, None]
        query, gate = a.split(a.q(self.norm_cross(x))), gate_of(steering.cross, layer)
        mixed, alpha = attend(query, k, v, mask, gate, steering)
        x = x + self.dropout(a.merge(mixed))
        return x + self.feed_forward(self.norm_ff(x)), alpha
