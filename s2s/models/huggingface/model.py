"""An encoder-decoder of transformers as a ``Seq2Seq``: the same questions, answered by its own layers.

B sources · K hypotheses · S source length · T target length · V vocabulary · D model size ·
L layers · H heads · C channels a head.
"""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor

from s2s.models.contract import LIMITS, Attentions, Carry, Limits, Memory, Seq2Seq, Step
from s2s.models.huggingface.attention import Look, keys_and_values, places_of
from s2s.models.huggingface.options import HuggingFaceConfig
from s2s.text.vocabulary import Vocabulary

INF = float("inf")
FEW = 10  # rows


@dataclass(frozen=True)
class Rules:
    """What stands fixed in an output, whatever the network says."""

    first: int | None = None
    """The token that every output begins with: a language, for many."""
    not_first: tuple[int, ...] = ()
    """Tokens that none begins with."""
    end_at: int = 0
    """The number of tokens at which every output ends; 0: none."""


class HuggingFace(Seq2Seq):
    """The encoder reads a source once, and cross-attention's keys are made of it once.

    Attention is computed by ``attention.attend``, which tells all weights; a network whose layers do
    not let that happen raises ValueError.
    """

    config_class = HuggingFaceConfig

    def __init__(
        self,
        network: Any,
        vocabulary: Vocabulary,
        config: HuggingFaceConfig,
        limits: Limits = LIMITS,
        rules: Rules = Rules(),
    ) -> None:
        super().__init__(vocabulary, config, limits)
        self.network, self.rules = network, rules
        encoder, decoder = network.get_encoder(), network.get_decoder()
        self.embedding = encoder.get_input_embeddings()
        self.places = places_of(encoder, decoder)
        self.cross = [module for module, place in self.places.items() if place.kind == "cross"]
        self.heads = {
            "cross": (len(self.cross), _heads(self.cross[0])),
            "encoder": _size(self.places, "encoder"),
            "decoder": (len(self.cross), _heads(self.cross[0])),
        }
        """Kind of attention → layers and heads."""
        # some encoders scale what they look up by themselves, but not what they are given
        self.scale = float(getattr(encoder, "embed_scale", 1.0))
        c = network.config
        self.shrink = c.d_model**-0.5 if getattr(c, "scale_decoder_outputs", False) else 1.0
        named = inspect.signature(decoder.forward).parameters
        self.cache_name = "cache" if "cache" in named else "past_key_values"

    def embed_source(self, source: Tensor) -> Tensor:
        return self.embedding(source) * self.scale

    def read(
        self,
        embedded: Tensor,
        source: Tensor,
        seen: Tensor | None = None,
        gates: Tensor | None = None,
    ) -> Memory:
        """The encoder's states (B,S,D); of each decoder layer, keys and values (B,H,S,C)."""
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
        look = Look(self.places, visible, gates)
        encoder = self.network.get_encoder()
        states = encoder(inputs_embeds=embedded, look=look).last_hidden_state  # (B,S,D)
        found = {"states": states} | ({} if seen is None else {"seen": visible})
        for i, module in enumerate(self.cross):
            found[f"k{i}"], found[f"v{i}"] = keys_and_values(module, states, self.heads["cross"][1])
        return Memory(mask, found), look.seen["encoder"]

    def start(self, memory: Memory, hypotheses: int) -> Carry:
        """Empty self-attention keys and values of each layer, (B,K,H,0,C)."""
        b, heads, _, channels = memory["k0"].shape
        empty = memory["k0"].new_zeros(b, hypotheses, heads, 0, channels)
        return {f"{name}{i}": empty for i in range(len(self.cross)) for name in "kv"}

    def step(self, token: Tensor, carry: Carry, memory: Memory) -> Step:
        """token (B,K) → log-probabilities (B,K,V), attention (B,K,L,H,S), carry."""
        before = carry["k0"].shape[3]
        hidden, look, cache = self._decode(token.reshape(-1, 1), memory, carry)
        logp = self._ruled(self.predict(hidden[:, -1]), before)  # (B·K,V)
        own, shape = cache.self_attention_cache.layers, token.shape
        extended = {f"k{i}": layer.keys.unflatten(0, shape) for i, layer in enumerate(own)}
        extended |= {f"v{i}": layer.values.unflatten(0, shape) for i, layer in enumerate(own)}
        alphas = [alpha.transpose(1, 2) for alpha in look.seen["cross"]]  # (B,K,H,S) each
        return Step(logp.unflatten(0, shape), torch.stack(alphas, 2), extended)

    def _decode(self, tokens: Tensor, memory: Memory, carry: Carry) -> tuple[Tensor, Look, Any]:
        """tokens (N,T) behind what the carry holds → states (N,T,D), attention, the cache after."""
        look = Look(self.places, memory.visible, steering=memory.steering)
        cache = cache_of(carry, memory, len(self.cross))
        found = self.network.get_decoder()(
            input_ids=tokens,
            encoder_hidden_states=memory["states"],
            use_cache=True,
            look=look,
            **{self.cache_name: cache},
        )
        return found.last_hidden_state, look, cache

    def project(self, hidden: Tensor) -> Tensor:
        """(...,D) → logits (...,V)."""
        weight = self.network.lm_head.weight  # (V,D)
        rows = hidden.flatten(0, -2) * self.shrink  # (N,D)
        # a tall matrix times a few columns is the faster product by far
        logits = (weight @ rows.T).T if len(rows) <= FEW else F.linear(rows, weight)
        bias = getattr(self.network, "final_logits_bias", None)  # (1,V)
        logits = logits if bias is None else logits + bias
        return logits.unflatten(0, hidden.shape[:-1])

    def _ruled(self, logp: Tensor, step: int) -> Tensor:
        """logp (...,V) with what the rules say of the ``step``-th token, from 0."""
        if step == 0 and self.rules.first is not None:
            return only(logp, self.rules.first)
        if step + 1 == self.rules.end_at:
            return only(logp, self.vocabulary.eos)
        if step == 0 and self.rules.not_first:
            never = torch.tensor(self.rules.not_first, device=logp.device)
            return logp.index_fill(-1, never, -INF)
        return logp

    def hidden(self, source: Tensor, tgt_in: Tensor) -> Tensor:
        """(B,S), (B,T) → (B,T,D), all time steps at once."""
        memory = self.encode(source)
        return self._decode(tgt_in, memory, self.start(memory, 1))[0]

    def forward(self, source: Tensor, tgt_in: Tensor) -> Tensor:
        """Teacher forcing in one pass: (B,S), (B,T) → log-probabilities (B,T,V), the rules obeyed."""
        logp = self.predict(self.hidden(source, tgt_in))
        return torch.stack([self._ruled(logp[:, t], t) for t in range(tgt_in.shape[1])], 1)

    @torch.inference_mode()
    def attentions(self, source: Tensor, target: Sequence[int]) -> Attentions:
        """Of every layer and head: encoder (L,H,S,S), decoder (L,H,T,T), cross (L,H,T,S)."""
        memory, encoder = self._read(self.embed_source(source), source)
        _, look, _ = self._decode(self.forced_input(target), memory, self.start(memory, 1))
        parts = (encoder, look.seen["decoder"], look.seen["cross"])
        return Attentions(*(torch.cat(layers) for layers in parts))


def only(logp: Tensor, token: int) -> Tensor:
    """All probability on one token: logp (...,V) restricted to it, and normalised anew."""
    others = torch.ones(logp.shape[-1], dtype=torch.bool, device=logp.device)
    others[token] = False
    kept = logp.masked_fill(others, -INF)
    return kept - logp[..., token, None]


def cache_of(carry: Carry, memory: Memory, layers: int) -> Any:
    """The library's own cache over our rows: self-attention from the carry, cross from the memory.

    Nothing is copied, and the part of the source has a row a source.
    """
    from transformers.cache_utils import DynamicCache, DynamicLayer, EncoderDecoderCache

    def cache(pairs: list[tuple[Tensor, Tensor]]) -> Any:
        made = DynamicCache()
        for k, v in pairs:
            layer = DynamicLayer()
            layer.lazy_initialization(k, v)
            layer.keys, layer.values = k, v
            made.layers.append(layer)
        return made

    own = [(carry[f"k{i}"].flatten(0, 1), carry[f"v{i}"].flatten(0, 1)) for i in range(layers)]
    cross = [(memory[f"k{i}"], memory[f"v{i}"]) for i in range(layers)]
    return EncoderDecoderCache(cache(own), cache(cross))


def _heads(module: Any) -> int:
    return int(getattr(module, "num_heads", 0) or module.n_heads)


def _size(places: dict[Any, Any], kind: str) -> tuple[int, int]:
    """Layers and heads of a kind."""
    found = [module for module, place in places.items() if place.kind == kind]
    return len(found), _heads(found[0])
