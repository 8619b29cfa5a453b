"""The Transformer (Vaswani et al. 2017), pre-norm.

B sources · K hypotheses · S source length · T target length · V vocabulary · D model size ·
L layers · H heads · C = D/H channels a head.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Annotated, cast

import torch
from torch import Tensor, nn

from s2s.models.blocks import DecoderLayer, EncoderLayer, attend, gate_of, positions
from s2s.models.contract import (
    LIMITS,
    Attentions,
    Carry,
    Limits,
    Memory,
    Seq2Seq,
    Step,
    make_embedding,
)
from s2s.models.dropout import Dropout
from s2s.options import Span, option, options, rule
from s2s.text.vocabulary import Vocabulary


@options
class TransformerConfig:
    """Options of the ``transformer`` family."""

    size: Annotated[
        int, option("Size of embeddings and states.", ge=2, le=8192, tune=Span(64, 512, step=64))
    ] = 256
    heads: Annotated[int, option("Attention heads; they divide size.", ge=1, le=128)] = 4
    encoder_layers: Annotated[
        int, option("Layers of the encoder.", ge=1, le=48, tune=Span(1, 6))
    ] = 3
    decoder_layers: Annotated[
        int, option("Layers of the decoder.", ge=1, le=48, tune=Span(1, 6))
    ] = 3
    feed_forward: Annotated[
        int,
        option(
            "Inner size of the feed-forward layers.",
            ge=1,
            le=65_536,
            tune=Span(128, 2048, step=128),
        ),
    ] = 1024
    dropout: Annotated[
        float, option("Share of activations dropped.", ge=0, le=0.95, tune=Span(0, 0.5))
    ] = 0.2

    @rule
    def _divides(self) -> TransformerConfig:
        if self.size % self.heads or self.size % 2:
            raise ValueError(
                f"size must be even and a multiple of heads ({self.heads}), not {self.size}."
            )
        return self


class Transformer(Seq2Seq):
    """Encoder and decoder stacks, sinusoidal positions, tied output embedding."""

    config_class = TransformerConfig

    def __init__(
        self,
        vocabulary: Vocabulary,
        config: TransformerConfig,
        limits: Limits = LIMITS,
    ) -> None:
        super().__init__(vocabulary, config, limits)
        c = config
        self.embedding = make_embedding(vocabulary, c.size)
        self.dropout = Dropout(c.dropout)
        sizes = c.size, c.heads, c.feed_forward, self.dropout
        self.encoder = nn.ModuleList(EncoderLayer(*sizes) for _ in range(c.encoder_layers))
        self.decoder = nn.ModuleList(DecoderLayer(*sizes) for _ in range(c.decoder_layers))
        self.norm_encoder, self.norm_decoder = nn.LayerNorm(c.size), nn.LayerNorm(c.size)
        for name, weight in self.named_parameters():
            if weight.dim() > 1 and name != "embedding.weight":
                nn.init.xavier_uniform_(weight)
            elif name.endswith("bias"):
                nn.init.zeros_(weight)

    def _place(self, embedded: Tensor, first: int) -> Tensor:
        """Word embeddings (B,T,D) at positions first, first+1, … → (B,T,D)."""
        x = embedded * math.sqrt(self.config.size)
        return self.dropout(x + positions(first, x.shape[1], self.config.size, x.device))

    def read(
        self,
        embedded: Tensor,
        source: Tensor,
        seen: Tensor | None = None,
        gates: Tensor | None = None,
    ) -> Memory:
        """Of each decoder layer, cross-attention keys and values (B,H,S,C).

        Layers stay apart, here and in the carry: one stacked tensor would be copied whole each step.
        """
        return self._read(embedded, source, seen, gates)[0]

    def _read(
        self,
        embedded: Tensor,
        source: Tensor,
        seen: Tensor | None = None,
        gates: Tensor | None = None,
    ) -> tuple[Memory, list[Tensor]]:
        """The memory, and self-attention (B,H,S,S) of each layer."""
        mask = source != self.vocabulary.pad  # (B,S)
        visible = mask if seen is None else mask & seen
        x, alphas = self._stack(embedded, visible, gates)
        found = {} if seen is None else {"seen": visible}
        for i, layer in enumerate(self._layers()):
            a = layer.cross_attention
            found[f"k{i}"] = a.split(a.k(x)).contiguous()  # (B,H,S,C)
            found[f"v{i}"] = a.split(a.v(x)).contiguous()
        return Memory(mask, found), alphas

    def _stack(
        self, embedded: Tensor, visible: Tensor, gates: Tensor | None = None
    ) -> tuple[Tensor, list[Tensor]]:
        """The encoder's states (B,S,D), and self-attention (B,H,S,S) of each layer."""
        x, alphas = self._place(embedded, 0), []
        for i, layer in enumerate(self.encoder):
            x, alpha = layer(x, visible[:, None, None], gate_of(gates, i))
            alphas.append(alpha)
        return self.norm_encoder(x), alphas

    def states(self, source: Tensor) -> Tensor:
        """source (B,S) → what cross-attention reads, (B,S,D)."""
        return self._stack(self.embed_source(source), source != self.vocabulary.pad)[0]

    def follow(self, memory: Memory, target: Sequence[int]) -> Tensor:
        """As ``Seq2Seq.follow``, all steps at once."""
        tgt_in = self.forced_input(target).expand(len(memory.mask), -1)  # (B,T)
        return self.predict(self._decode(memory, tgt_in)[0])

    def _layers(self) -> Iterable[DecoderLayer]:
        return cast(Iterable[DecoderLayer], self.decoder)

    def start(self, memory: Memory, hypotheses: int) -> Carry:
        """Empty self-attention keys and values of each layer, (B,K,H,0,C)."""
        b, heads, _, channels = memory["k0"].shape
        empty = memory["k0"].new_zeros(b, hypotheses, heads, 0, channels)
        return {f"{name}{i}": empty for i in range(len(self.decoder)) for name in "kv"}

    def step(self, token: Tensor, carry: Carry, memory: Memory) -> Step:
        """token (B,K) → log-probabilities (B,K,V), attention (B,K,L,H,S), carry."""
        before = carry["k0"].shape[3]
        x = self._place(self.embedding(token.flatten()[:, None]), before).unflatten(0, token.shape)
        extended: Carry = {}
        alphas = []
        for i, layer in enumerate(self._layers()):
            a, y = layer.self_attention, layer.norm_self(x)  # y (B,K,1,D)
            k = torch.cat([carry[f"k{i}"], a.split(a.k(y))], 3)  # (B,K,H,T,C)
            v = torch.cat([carry[f"v{i}"], a.split(a.v(y))], 3)
            extended |= {f"k{i}": k, f"v{i}": v}
            mixed, _ = attend(a.split(a.q(y)), k, v, None, gate_of(memory.steering.own, i))
            x = x + self.dropout(a.merge(mixed))
            # hypotheses stand where time stood: each source's keys are read once, never copied
            x, alpha = layer.cross(x.squeeze(2), memory, i)
            x = x[:, :, None]
            alphas.append(alpha.transpose(1, 2))  # (B,K,H,S)
        logp = self.predict(self.norm_decoder(x.squeeze(2)))  # (B,K,V)
        return Step(logp, torch.stack(alphas, 2), extended)

    def hidden(self, source: Tensor, tgt_in: Tensor) -> Tensor:
        """(B,S), (B,T) → (B,T,D), all time steps at once under a causal mask."""
        return self._decode(self.encode(source), tgt_in)[0]

    def _decode(self, memory: Memory, tgt_in: Tensor) -> tuple[Tensor, list[Tensor], list[Tensor]]:
        """(B,T) → (B,T,D), and of each layer self- (B,H,T,T) and cross-attention (B,H,T,S)."""
        length = tgt_in.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool, device=tgt_in.device).tril()
        x, own, cross = self._place(self.embedding(tgt_in), 0), [], []
        for i, layer in enumerate(self._layers()):
            x, alpha = layer.past(x, causal, gate_of(memory.steering.own, i))
            own.append(alpha)
            x, alpha = layer.cross(x, memory, i)
            cross.append(alpha)
        return self.norm_decoder(x), own, cross

    def cross_queries(self, source: Tensor, tgt_in: Tensor, layer: int) -> tuple[Tensor, Memory]:
        """What ``layer`` asks the source at every step: queries (B,H,T,C), and the memory that it asks."""
        memory = self.encode(source)
        length = tgt_in.shape[1]
        causal = torch.ones(length, length, dtype=torch.bool, device=tgt_in.device).tril()
        x = self._place(self.embedding(tgt_in), 0)  # (B,T,D)
        for i, block in enumerate(self._layers()):
            x, _ = block.past(x, causal)
            if i == layer:
                break
            x, _ = block.cross(x, memory, i)
        a = block.cross_attention
        return a.split(a.q(block.norm_cross(x))), memory

    @torch.inference_mode()
    def attentions(self, source: Tensor, target: Sequence[int]) -> Attentions:
        """Of every layer and head: encoder (L,H,S,S), decoder (L,H,T,T), cross (L,H,T,S)."""
        memory, encoder = self._read(self.embed_source(source), source)
        _, own, cross = self._decode(memory, self.forced_input(target))
        return Attentions(*(torch.cat(layers) for layers in (encoder, own, cross)))
