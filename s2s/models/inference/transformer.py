"""A trained Transformer made ready to search: packed weights, and a past that is never copied.

B sources · K hypotheses · R = BK rows · S source length · V vocabulary · D model size · H heads ·
C = D/H channels a head · N columns written so far.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2s.models.contract import Attentions, Carry, Memory, Step
from s2s.models.inference.past import Past, ancestors
from s2s.models.inference.product import Precision, Product, product
from s2s.models.transformer import DecoderLayer, EncoderLayer, MultiHead, Transformer, positions

Norm = nn.LayerNorm


def norm(layer: Norm, x: Tensor) -> Tensor:
    return F.layer_norm(x, layer.normalized_shape, layer.weight, layer.bias, layer.eps)


class Looking:
    """Multi-head attention's projections, packed: of queries, keys and values together or apart."""

    def __init__(self, a: MultiHead, precision: Precision, apart: bool) -> None:
        self.heads = a.heads
        scaled = nn.Linear(a.q.in_features, a.q.out_features, device="meta")  # of scores, once for all
        scale = (a.q.out_features // a.heads) ** -0.5
        scaled.weight = nn.Parameter(a.q.weight.detach() * scale)
        scaled.bias = nn.Parameter(a.q.bias.detach() * scale)
        if apart:
            self.q, self.kv = product(precision, scaled), product(precision, a.k, a.v)
        else:
            self.qkv = product(precision, scaled, a.k, a.v)
        self.out = product(precision, a.out)

    def split(self, x: Tensor, sources: int, parts: int) -> Tensor:
        """(R,parts·D) → (parts,B,H,K,C), a view."""
        rows = x.view(sources, -1, parts, self.heads, x.shape[-1] // parts // self.heads)
        return rows.permute(2, 0, 3, 1, 4)

    def mix(self, scores: Tensor, v: Tensor, bias: Tensor | None) -> tuple[Tensor, Tensor]:
        """scores (BH,K,N) and values (BH,N,C) → output (R,D), alpha (BH,K,N)."""
        if bias is not None:
            scores.unflatten(0, (-1, self.heads)).add_(bias)
        alpha = scores.softmax(-1)
        mixed = torch.bmm(alpha, v).unflatten(0, (-1, self.heads))  # (B,H,K,C)
        return self.out(mixed.transpose(1, 2).flatten(2).flatten(0, 1)), alpha


class Reader:
    """An encoder layer, or what every layer has: attention to itself and a feed-forward net."""

    def __init__(self, layer: EncoderLayer | DecoderLayer, precision: Precision) -> None:
        self.norm_self, self.norm_ff = layer.norm_self, layer.norm_ff
        self.own = Looking(layer.self_attention, precision, apart=False)
        self.inner = product(precision, layer.feed_forward.inner, relu=True)
        self.outer = product(precision, layer.feed_forward.outer)

    def read(self, x: Tensor, sources: int, bias: Tensor | None) -> Tensor:
        """x (BS,D), bias (B,1,1,S) → (BS,D)."""
        parts = self.own.split(self.own.qkv(norm(self.norm_self, x)), sources, 3)
        q, k, v = parts.reshape(3, sources * self.own.heads, -1, parts.shape[-1])
        x = x + self.own.mix(torch.bmm(q, k.transpose(1, 2)), v, bias)[0]
        return self.feed(x)

    def feed(self, x: Tensor) -> Tensor:
        return x + self.outer(self.inner(norm(self.norm_ff, x)))


class Writer(Reader):
    """A decoder layer."""

    def __init__(self, layer: DecoderLayer, precision: Precision) -> None:
        super().__init__(layer, precision)
        self.norm_cross = layer.norm_cross
        self.cross = Looking(layer.cross_attention, precision, apart=True)

    def write(
        self, x: Tensor, memory: Memory, layer: int, first: int, seen: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """x (R,D), its columns' first number, seen (B,1,K,N) → (R,D), cross-attention (BH,K,S)."""
        past, sources = cast(Past, memory.past), len(memory.mask)
        own = self.own.split(self.own.qkv(norm(self.norm_self, x)), sources, 3)  # (3,B,H,K,C)
        past.add(layer, first, own[1:])
        k, v = past.of(layer)  # (BH,N,C)
        scores = torch.bmm(own[0].reshape(len(k), -1, k.shape[2]), k.transpose(1, 2))
        x = x + self.own.mix(scores, v, seen)[0]
        q = self.cross.split(self.cross.q(norm(self.norm_cross, x)), sources, 1)[0]
        k, v = memory[f"k{layer}"].flatten(0, 1), memory[f"v{layer}"].flatten(0, 1)  # (BH,S,C)
        scores = torch.bmm(q.reshape(len(k), -1, k.shape[2]), k.transpose(1, 2))
        bias = memory["bias"] if "bias" in memory else None
        looked, alpha = self.cross.mix(scores, v, bias)
        return self.feed(x + looked), alpha


class FastTransformer:
    """A ``Decoder`` that says what a ``Transformer`` says, as precisely as its products are."""

    def __init__(self, model: Transformer, precision: Precision) -> None:
        self.model, self.precision = model, precision
        self.vocabulary, self.limits = model.vocabulary, model.limits
        self.encoder = [Reader(layer, precision) for layer in model.encoder]  # type: ignore[arg-type]
        self.decoder = [Writer(layer, precision) for layer in model.decoder]  # type: ignore[arg-type]
        self.project = Product(model.embedding.weight, None, precision)
        self.positions = self._positions(max(*model.limits, 2))  # (T,D)

    @property
    def device(self) -> torch.device:
        return self.model.device

    def _positions(self, count: int) -> Tensor:
        return positions(0, count, self.model.config.size, self.device)

    def _place(self, token: Tensor, first: int) -> Tensor:
        """token (...,T), at positions first, first + 1, … → (...,T,D)."""
        last = first + token.shape[-1]
        if last > len(self.positions):
            self.positions = self._positions(2 * last)
        embedded = F.embedding(token, self.model.embedding.weight)
        scale = math.sqrt(self.model.config.size)
        return torch.add(self.positions[first:last], embedded, alpha=scale)

    def encode(self, source: Tensor) -> Memory:
        """Of each decoder layer, cross-attention keys and values (B,H,S,C); an empty past."""
        c, (b, width) = self.model.config, source.shape
        mask = source != self.vocabulary.pad  # (B,S)
        bias = None
        if not bool(mask.all()):
            bias = torch.zeros(mask.shape, device=mask.device)
            bias = bias.masked_fill_(~mask, float("-inf"))[:, None, None]  # (B,1,1,S)
        x = self._place(source, 0).flatten(0, 1)  # (BS,D)
        for reader in self.encoder:
            x = reader.read(x, b, bias)
        x = norm(self.model.norm_encoder, x)
        found = {} if bias is None else {"bias": bias}
        for i, writer in enumerate(self.decoder):
            k, v = writer.cross.split(writer.cross.kv(x), b, 2)  # (B,H,S,C)
            found |= {f"k{i}": k.contiguous(), f"v{i}": v.contiguous()}
        past = Past(len(self.decoder), b, c.heads, c.size // c.heads, x)
        return Memory(mask, found, past=past)

    def start(self, memory: Memory, hypotheses: int) -> Carry:
        """``path`` (B,K,t): the columns of the past that each row's tokens stand in."""
        shape = len(memory.mask), hypotheses, 0
        return {"path": torch.empty(shape, dtype=torch.long, device=memory.mask.device)}

    def step(self, token: Tensor, carry: Carry, memory: Memory) -> Step:
        """token (B,K) → log-probabilities (B,K,V), attention (B,K,L,H,S), carry."""
        b, k = token.shape
        t, past = carry["path"].shape[2], cast(Past, memory.past)
        first = past.extend(k)
        own = torch.arange(first, first + k, device=token.device)[None, :, None].expand(b, k, 1)
        path = torch.cat([carry["path"], own], 2)  # (B,K,t+1)
        seen = ancestors(path, past.used)
        x = self._place(token.flatten()[:, None], t).squeeze(1)  # (R,D)
        alphas = []
        for i, writer in enumerate(self.decoder):
            x, alpha = writer.write(x, memory, i, first, seen)
            alphas.append(alpha)
        logp = self.project(norm(self.model.norm_decoder, x)).log_softmax(-1)  # (R,V)
        looks = torch.stack(alphas).unflatten(1, (b, -1))  # (L,B,H,K,S)
        return Step(logp.view(b, k, -1), looks.permute(1, 3, 0, 2, 4), {"path": path})

    def attentions(self, source: Tensor, target: Sequence[int]) -> Attentions:
        """In full precision."""
        return self.model.attentions(source, target)
