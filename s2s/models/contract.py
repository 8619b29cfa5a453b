"""The contract between models and everything else.

B sources · K hypotheses a source · S source length · T target length · V vocabulary · D model size ·
L layers · H heads.

A ``Decoder`` is all that search, analysis and the app know: a network trained here, another library's, a
table of ten lines. ``Memory`` has one row a source and is never copied or re-ordered per hypothesis;
``Carry`` has one row a hypothesis and is the only thing that search re-orders. What is shown is returned
by ``step``, never stored on a module.

A ``Seq2Seq`` is a decoder that can be trained.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2s.models.loss import projected_cross_entropy
from s2s.text.vocabulary import Vocabulary

Carry = dict[str, Tensor]


class Steering(NamedTuple):
    """What is changed from outside in the attention of whoever reads a memory; None: nothing."""

    cross: Tensor | None = None
    """(L,H) what each head's output is multiplied by: 0 switches it off (Michel et al. 2019, section 2.3)."""
    own: Tensor | None = None
    """(L,H) the same for the decoder's self-attention."""
    pin: Tensor | None = None
    """(S) the distribution towards which every head's cross-attention is drawn."""
    strength: float = 0.0
    """How far, 0 to 1: alpha + strength (pin - alpha)."""


UNSTEERED = Steering()


class Past(Protocol):
    """Something that grows while rows are written, one row a source."""

    def keep(self, sources: Tensor) -> Any:
        """The rows of some sources only. sources (B')."""


@dataclass(frozen=True)
class Memory:
    """What a decoder knows of its sources, one row each: (B,...)."""

    mask: Tensor
    """(B,S) true at real tokens."""
    tensors: dict[str, Tensor] = field(default_factory=dict)
    steering: Steering = UNSTEERED
    past: Past | None = None
    """What rows have written so far, one row a source: a decoder that keeps it here needs in its carry
    only which of it each row may read, and nothing large is re-ordered."""

    @property
    def visible(self) -> Tensor:
        """(B,S) true at tokens that may be looked at: real ones, unless ``seen`` says otherwise."""
        return self.tensors.get("seen", self.mask)

    def __getitem__(self, name: str) -> Tensor:
        return self.tensors[name]

    def __contains__(self, name: str) -> bool:
        return name in self.tensors

    def keep(self, sources: Tensor) -> Memory:
        """The rows of some sources only. sources (B'). A past moves along: this memory is left behind."""
        kept = {k: v[sources] for k, v in self.tensors.items()}
        past = None if self.past is None else self.past.keep(sources)
        return Memory(self.mask[sources], kept, self.steering, past)


class Step(NamedTuple):
    """What a decoder says of every row after one more token."""

    logp: Tensor
    """(B,K,V) log-probabilities of the next token, normalised. Made anew: search writes into it."""
    attention: Tensor | None
    """(B,K,L,H,S) over the source, rows sum to 1 and are 0 at padding; None: it has none."""
    carry: Carry
    extras: dict[str, Tensor] = {}  # noqa: RUF012
    """What can be shown besides, by name, (B,K): ``generate`` is a copying model's gate."""


class Limits(NamedTuple):
    """The longest sequences that a decoder was made for, in tokens, ends included."""

    source: int = 100
    target: int = 100


LIMITS = Limits()


class Attentions(NamedTuple):
    """Every attention weight of one forced pass; None: the model has no such attention."""

    encoder: Tensor | None  # (L,H,S,S)
    decoder: Tensor | None  # (L,H,T,T), row t: what was read before token t, the start token first
    cross: Tensor | None  # (L,H,T,S)


class Decoder(Protocol):
    """All that search and analysis know of a model."""

    vocabulary: Vocabulary
    limits: Limits

    @property
    def device(self) -> torch.device:
        """Where its tensors live."""

    def encode(self, source: Tensor) -> Memory:
        """source (B,S), padded → memory, one row a source."""

    def start(self, memory: Memory, hypotheses: int) -> Carry:
        """State before the first token, one row a hypothesis: (B,K,...)."""

    def step(self, token: Tensor, carry: Carry, memory: Memory) -> Step:
        """token (B,K), the last one of each row → what comes next."""

    def attentions(self, source: Tensor, target: Sequence[int]) -> Attentions:
        """source (1,S), ids of an output → all attention while that output is written."""


class Seq2Seq(nn.Module):
    """A trainable encoder-decoder. Subclasses implement read, start, step, hidden and attentions."""

    embedding: nn.Embedding
    config_class: type

    def __init__(self, vocabulary: Vocabulary, config: Any, limits: Limits = LIMITS) -> None:
        super().__init__()
        self.vocabulary, self.config, self.limits = vocabulary, config, limits

    @property
    def device(self) -> torch.device:
        return self.embedding.weight.device

    def encode(self, source: Tensor) -> Memory:
        return self.read(self.embed_source(source), source)

    def embed_source(self, source: Tensor) -> Tensor:
        """source (B,S) → word embeddings (B,S,E): what ``read`` reads, and what gradients go back to."""
        return self.embedding(source)

    def read(
        self,
        embedded: Tensor,
        source: Tensor,
        seen: Tensor | None = None,
        gates: Tensor | None = None,
    ) -> Memory:
        """Encode from embeddings (B,S,E) of source (B,S).

        ``seen`` (B,S): false at tokens that are hidden: nothing reads them. ``gates`` (L,H): what the
        heads of the encoder's self-attention are multiplied by.
        """
        raise NotImplementedError

    def start(self, memory: Memory, hypotheses: int) -> Carry:
        raise NotImplementedError

    def step(self, token: Tensor, carry: Carry, memory: Memory) -> Step:
        raise NotImplementedError

    def attentions(self, source: Tensor, target: Sequence[int]) -> Attentions:
        raise NotImplementedError

    def hidden(self, source: Tensor, tgt_in: Tensor) -> Tensor:
        """Teacher forcing: (B,S), (B,T) → what is projected to the vocabulary, (B,T,D)."""
        raise NotImplementedError

    def follow(self, memory: Memory, target: Sequence[int]) -> Tensor:
        """Log-probabilities (B,T,V) while every source's output is forced to be ``target``."""
        carry, found = self.start(memory, 1), []
        for token in (self.vocabulary.bos, *target[:-1]):
            rows = torch.full((len(memory.mask), 1), token, device=self.device)
            step = self.step(rows, carry, memory)
            carry = step.carry
            found.append(step.logp[:, 0])
        return torch.stack(found, 1)

    def states(self, source: Tensor) -> Tensor | None:
        """source (B,S) → the encoder's states (B,S,D), in reading order; None: it keeps none."""
        return self.encode(source).tensors.get("states")

    def project(self, hidden: Tensor) -> Tensor:
        """(...,D) → logits (...,V), by the tied embedding matrix (Press and Wolf 2017)."""
        return F.linear(hidden, self.embedding.weight)

    def predict(self, hidden: Tensor) -> Tensor:
        """(...,D) → log-probabilities (...,V), in float32."""
        return self.project(hidden).float().log_softmax(-1)

    def forward(self, source: Tensor, tgt_in: Tensor) -> Tensor:
        """Teacher forcing: source (B,S), tgt_in (B,T) starting with bos → log-probabilities (B,T,V)."""
        return self.predict(self.hidden(source, tgt_in))

    def loss(
        self,
        source: Tensor,
        tgt_in: Tensor,
        tgt_out: Tensor,
        smoothing: float,
        weights: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Summed label-smoothed loss and plain negative log-likelihood (nats) of real tokens.

        ``weights`` (B,T): what each token's loss is multiplied by; None: 1.
        """
        hidden = self.hidden(source, tgt_in)
        real = tgt_out != self.vocabulary.pad  # (B,T)
        return projected_cross_entropy(
            hidden[real],
            self.embedding.weight,
            tgt_out[real],
            smoothing,
            None if weights is None else weights[real],
        )

    def forced_input(self, target: Sequence[int]) -> Tensor:
        """What the decoder reads while it writes ``target``: (1,T), the start token first."""
        return torch.tensor([[self.vocabulary.bos, *target[:-1]]], device=self.device)


def make_embedding(vocabulary: Vocabulary, size: int) -> nn.Embedding:
    """Embedding that also serves as output projection: scale 1/sqrt(D) keeps logits near 1."""
    embedding = nn.Embedding(vocabulary.size, size, padding_idx=vocabulary.pad)
    nn.init.normal_(embedding.weight, 0, size**-0.5)
    with torch.no_grad():
        embedding.weight[vocabulary.pad].zero_()
    return embedding
