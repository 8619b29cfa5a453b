"""The contract between architectures and everything else, and the parts they share.

B sources · K hypotheses a source · S source length · T target length · V vocabulary · D model size ·
L layers · H heads.

Search, training and the app know an architecture by four calls: ``encode``, ``start``, ``step`` and
``forward``. ``memory`` and ``carry`` are flat dicts of tensors: memory has one row a source
(B, ...) and is never copied per hypothesis; carry has one row a hypothesis (B, K, ...) and is the
only thing that search re-orders.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2s.models.loss import ProjectedCrossEntropy
from s2s.text.vocabulary import BOS, PAD, UNK

Memory = dict[str, Tensor]
Carry = dict[str, Tensor]


class Seq2Seq(nn.Module):
    """An encoder-decoder. Subclasses implement encode, start, step and hidden."""

    embedding: nn.Embedding
    config_class: type
    never: tuple[int, ...] = (PAD, UNK, BOS)
    """Ids that no output contains; whoever has the vocabulary adds its control tokens."""

    def encode(self, src: Tensor) -> Memory:
        """src (B,S) → memory, one row a source."""
        raise NotImplementedError

    def start(self, memory: Memory, hypotheses: int) -> Carry:
        """Decoder state before the first token: one row a hypothesis, (B,K,...)."""
        raise NotImplementedError

    def step(
        self, token: Tensor, carry: Carry, memory: Memory
    ) -> tuple[Tensor, Tensor | None, Carry]:
        """token (B,K) → logits (B,K,V), attention (B,K,L,H,S) or None, the next carry.

        Attention rows sum to 1 over S and are 0 at padding.
        """
        raise NotImplementedError

    def hidden(self, src: Tensor, tgt_in: Tensor) -> Tensor:
        """Teacher forcing: (B,S), (B,T) → what is projected to the vocabulary, (B,T,D)."""
        raise NotImplementedError

    def project(self, hidden: Tensor) -> Tensor:
        """(...,D) → logits (...,V), by the tied embedding matrix (Press and Wolf 2017)."""
        return F.linear(hidden, self.embedding.weight)

    def forward(self, src: Tensor, tgt_in: Tensor) -> Tensor:
        """Teacher forcing: src (B,S), tgt_in (B,T) starting with BOS → logits (B,T,V)."""
        return self.project(self.hidden(src, tgt_in))

    def loss(
        self,
        src: Tensor,
        tgt_in: Tensor,
        tgt_out: Tensor,
        smoothing: float,
        share: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Summed label-smoothed loss and plain negative log-likelihood (nats) of real tokens.

        ``share`` (B,T): what each token's loss is multiplied by; None: 1.
        """
        hidden = self.hidden(src, tgt_in)
        real = tgt_out != PAD  # (B,T)
        rows = None if share is None else share[real]
        return ProjectedCrossEntropy.apply(
            hidden[real], self.embedding.weight, tgt_out[real], smoothing, rows
        )


def make_embedding(vocabulary: int, size: int) -> nn.Embedding:
    """Embedding that also serves as output projection: scale 1/sqrt(D) keeps logits near 1."""
    embedding = nn.Embedding(vocabulary, size, padding_idx=PAD)
    nn.init.normal_(embedding.weight, 0, size**-0.5)
    with torch.no_grad():
        embedding.weight[PAD].zero_()
    return embedding
