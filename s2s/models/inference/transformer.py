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

from s2s.models.blocks import DecoderLayer, EncoderLayer, MultiHead, positions
from s2s.models.contract import Attentions, Carry, Memory, Step
from s2s.models.inference.past import Past, ancestors
from s2s.models.inference.product import Precision, Product, normalised, product
from s2s.models.transformer import Transformer


class Norm:
    """A layer normalisation, x (...,D) → (...,D)."""

    def __init__(self, layer: nn.LayerNorm) -> None:
        self.settings = (
            layer.normalized_shape,
            layer.weight.detach(),
            layer.bias.detach(),
            layer.eps,
        )

    def __call__(self, x: Tensor) -> Tensor:
        return torch.layer_norm(x, *self.settings)


class Looking:
    """Multi-head attention's projections, packed: of queries, keys and values together or apart."""

    def __init__(self, a: MultiHead, precision: Precision, apart: bool) -> None:
        self.heads = a.heads
        scaled = nn.Linear(
            a.q.in_features, a.q.out_features, device="meta"
        )  # of scores, once for all
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

    def look(
        self, q: Tensor, keys_values: tuple[Tensor, Tensor], bias: Tensor | None
    ) -> tuple[Tensor, Tensor]:
        """q (B,H,K,C), keys (BH,C,N), values (BH,N,C), bias (B,1,·,N) → output (R,D), alpha (BH,K,N)."""
        b, h, k, c = q.shape
        scores = torch.bmm(q.reshape(b * h, k, c), keys_values[0])
        if bias is not None:
            scores.view(b, h, k, -1).add_(bias)
        alpha = scores.softmax(-1)
        mixed = torch.bmm(alpha, keys_values[1]).view(b, h, k, c).transpose(1, 2)
        return self.out(mixed.reshape(b * k, h * c)), alpha


class Reader:
    """An encoder layer, or what every layer has: attention to itself and a feed-forward net."""

    def __init__(self, layer: EncoderLayer | DecoderLayer, precision: Precision) -> None:
        self.norm_self, self.norm_ff = Norm(layer.norm_self), Norm(layer.norm_ff)
        self.own = Looking(layer.self_attention, precision, apart=False)
        self.inner = product(precision, layer.feed_forward.inner, relu=True)
        self.outer = product(precision, layer.feed_forward.outer)

    def read(self, x: Tensor, sources: int, bias: Tensor | None) -> Tensor:
        """x (BS,D), bias (B,1,1,S) → (BS,D)."""
        parts = self.own.split(self.own.qkv(self.norm_self(x)), sources, 3)  # (3,B,H,S,C)
        k, v = parts[1:].reshape(2, sources * self.own.heads, -1, parts.shape[-1])
        x = x + self.own.look(parts[0], (k.transpose(1, 2), v), bias)[0]
        return self.feed(x)

    def feed(self, x: Tensor) -> Tensor:
        return x + self.outer(self.inner(self.norm_ff(x)))


class Writer(Reader):
    """A decoder layer."""

    def __init__(self, layer: DecoderLayer, precision: Precision) -> None:
        super().__init__(layer, precision)
        self.norm_cross = Norm(layer.norm_cross)
        self.cross = Looking(layer.cross_attention, precision, apart=True)

    def write(
        self,
        x: Tensor,
        new: Tensor,
        past: tuple[Tensor, Tensor],
        seen: Tensor | None,
        source: tuple[Tensor, Tensor],
        bias: Tensor | None,
    ) -> tuple[Tensor, Tensor]:
        """x (R,D) → (R,D), cross-attention (BH,K,S).

        ``new`` (2,B,H,K,C): where the rows' own keys and values go; ``past`` and ``source``: keys and
        values; ``seen`` (B,1,K,N) and ``bias`` (B,1,1,S): what is added to their scores.
        """
        b = new.shape[1]
        own = self.own.split(self.own.qkv(self.norm_self(x)), b, 3)  # (3,B,H,K,C)
        new.copy_(own.narrow(0, 1, 2))
        x = x + self.own.look(own.select(0, 0), past, seen)[0]
        q = self.cross.split(self.cross.q(self.norm_cross(x)), b, 1).select(0, 0)  # (B,H,K,C)
        looked, alpha = self.cross.look(q, source, bias)
        return self.feed(x + looked), alpha


class FastTransformer:
    """A ``Decoder`` that says what a ``Transformer`` says, as precisely as its products are."""

    def __init__(self, model: Transformer, precision: Precision) -> None:
        self.model, self.precision = model, precision
        self.vocabulary, self.limits = model.vocabulary, model.limits
        self.encoder = [Reader(layer, precision) for layer in model.encoder]  # type: ignore[arg-type]
        self.decoder = [Writer(layer, precision) for layer in model.decoder]  # type: ignore[arg-type]
        self.norm_encoder, self.norm_decoder = Norm(model.norm_encoder), Norm(model.norm_decoder)
        self.embedding = model.embedding.weight.detach()
        self.project = Product(self.embedding, None, precision)
        self.scale = math.sqrt(model.config.size)
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
        embedded = F.embedding(token, self.embedding)
        return torch.add(self.positions[first:last], embedded, alpha=self.scale)

    def encode(self, source: Tensor) -> Memory:
        """An empty past, and beside it cross-attention keys and values (L,2,B,H,S,C)."""
        b = len(source)
        mask = source != self.vocabulary.pad  # (B,S)
        bias = None
        if not bool(mask.all()):
            bias = torch.zeros(mask.shape, device=mask.device)
            bias = bias.masked_fill_(~mask, float("-inf"))[:, None, None]  # (B,1,1,S)
        x = self._place(source, 0).flatten(0, 1)  # (BS,D)
        for reader in self.encoder:
            x = reader.read(x, b, bias)
        x = self.norm_encoder(x)
        read = torch.stack([w.cross.split(w.cross.kv(x), b, 2) for w in self.decoder])
        return Memory(mask, {} if bias is None else {"bias": bias}, past=Past(read))

    def start(self, memory: Memory, hypotheses: int) -> Carry:
        """``path`` (B,K,t): the columns of the past that each row's tokens stand in."""
        shape = len(memory.mask), hypotheses, 0
        return {"path": torch.empty(shape, dtype=torch.long, device=memory.mask.device)}

    @torch.no_grad()
    def step(self, token: Tensor, carry: Carry, memory: Memory) -> Step:
        """token (B,K) → log-probabilities (B,K,V), attention (B,K,L,H,S), carry."""
        b, k = token.shape
        t, past = carry["path"].shape[2], cast(Past, memory.past)
        first, new, written = past.extend(k)
        own = torch.arange(first, first + k, device=token.device)[None, :, None].expand(b, k, 1)
        path = torch.cat([carry["path"], own], 2)  # (B,K,t+1)
        seen, bias = ancestors(path, past.used), memory.tensors.get("bias")
        x = self._place(token.flatten()[:, None], t).squeeze(1)  # (R,D)
        alphas = []
        for i, writer in enumerate(self.decoder):
            x, alpha = writer.write(x, new[i], written[i], seen, past.source[i], bias)
            alphas.append(alpha)
        logp = normalised(self.project(self.norm_decoder(x)))  # (R,V)
        looks = torch.stack(alphas).unflatten(1, (b, -1))  # (L,B,H,K,S)
        return Step(logp.view(b, k, -1), looks.permute(1, 3, 0, 2, 4), {"path": path})

    def attentions(self, source: Tensor, target: Sequence[int]) -> Attentions:
        """In full precision."""
        return self.model.attentions(source, target)
