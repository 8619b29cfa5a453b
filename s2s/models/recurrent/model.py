"""Recurrent encoder-decoders: one family, many papers.

B sources · K hypotheses · S source length · T target length · V vocabulary · E embedding size ·
D hidden size · L layers · G gates (3 in a GRU, 4 in an LSTM).

Configurations, not copies:

- the fixed-vector LSTM of Sutskever et al. 2014: ``cell="lstm", bidirectional=False,
  reverse_source=True, attention="none", bridge="copy"``
- the bidirectional GRU of Bahdanau et al. 2015: ``cell="gru", attention="additive",
  query="previous"``
- the global attention of Luong et al. 2015: ``cell="lstm", attention="general",
  query="current", input_feeding=True``
- the pointer-generator of See et al. 2017: any attention with ``copy=True``, and ``coverage=True``
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2s.models.attention import Attention
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
from s2s.models.loss import projected_cross_entropy
from s2s.models.recurrent.config import RNNConfig
from s2s.models.recurrent.copying import copied_gold, mixture, repeated_looks
from s2s.models.recurrent.decoder import Decoded, joined, run_freely, step_cells
from s2s.models.recurrent.encoder import both_directions, read_source
from s2s.models.recurrent.gru import reversal, turn
from s2s.text.vocabulary import Vocabulary


class RNN(Seq2Seq):
    """Encoder RNN, bridge, decoder RNN with or without attention, tied output embedding."""

    config_class = RNNConfig

    def __init__(self, vocabulary: Vocabulary, config: RNNConfig, limits: Limits = LIMITS) -> None:
        super().__init__(vocabulary, config, limits)
        c = config
        self.embedding = make_embedding(vocabulary, c.embedding)
        self.dropout = Dropout(c.dropout)
        rnn = nn.GRU if c.cell == "gru" else nn.LSTM
        directions = 2 if c.bidirectional else 1
        self.encoder = rnn(
            c.embedding,
            c.hidden // directions,
            c.encoder_layers,
            batch_first=True,
            bidirectional=c.bidirectional,
            dropout=c.dropout if c.encoder_layers > 1 else 0.0,
        )
        self.decoder = rnn(
            c.embedding + c.fed,
            c.hidden,
            c.decoder_layers,
            batch_first=True,
            dropout=c.dropout if c.decoder_layers > 1 else 0.0,
        )
        states = 1 if c.cell == "gru" else 2
        if c.bridge == "tanh":
            self.bridge = nn.ModuleList(
                nn.Linear(c.hidden, c.hidden * c.decoder_layers) for _ in range(states)
            )
        if c.attends:
            self.attention = Attention(c.attention, c.hidden, c.attention_size, c.coverage)
        deep = c.embedding if c.looks_first else 0
        self.readout = nn.Linear(c.hidden * (2 if c.attends else 1) + deep, c.embedding)
        if c.copy:
            self.gate = nn.Linear(2 * c.hidden + c.embedding, 1)

    # ------------------------------------------------------------------------------------ encoder
    def read(
        self,
        embedded: Tensor,
        source: Tensor,
        seen: Tensor | None = None,
        gates: Tensor | None = None,
    ) -> Memory:
        """States (B,S,D), keys (B,S,A), h and, in an LSTM, c (B,L,D).

        A hidden token is read as zeros and gets no attention; there are no heads for ``gates``.
        """
        c = self.config
        mask = source != self.vocabulary.pad  # (B,S)
        order = reversal(mask) if c.reverse_source else None  # (B,S)
        x = embedded if seen is None else embedded * seen[..., None]  # (B,S,E)
        x = self.dropout(x if order is None else turn(x, order))
        states, final = self._run(x, mask)
        found = {
            name: self._first_state(name, state)  # (B,L,D)
            for name, state in zip("hc", final, strict=False)
        }
        if order is not None:  # back to reading order, so that attention points at words
            states = turn(states, order)
        if c.attends:
            states = self.dropout(states)  # (B,S,D)
            found["keys"] = self.attention.keys(states)
            if c.copy:
                found["source"] = source
        found["states"] = states
        if seen is not None:
            found["seen"] = mask & seen
        return Memory(mask, found)

    def _run(self, x: Tensor, mask: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """``read_source`` with the encoder's weights."""
        return read_source(self.encoder, x, mask, self.dropout)

    def _first_state(self, name: str, final: Tensor) -> Tensor:
        """Encoder's final states (L·directions,B,·) → the decoder's first, (B,L,D).

        Bahdanau et al. 2015, section A.2.2: s_0 = tanh(W h), here of both directions' ends.
        """
        c = self.config
        layers = both_directions(final, c.encoder_layers)  # (B,L,D)
        if c.bridge == "copy":
            return layers
        top = self.bridge["hc".index(name)](layers[:, -1])  # (B,L·D)
        return (torch.tanh(top) if name == "h" else top).unflatten(1, (c.decoder_layers, c.hidden))

    # ------------------------------------------------------------------------------------ decoder
    def start(self, memory: Memory, hypotheses: int) -> Carry:
        """h and c (B,K,L,D); with input feeding the attentional state ``fed`` (B,K,E), with coverage
        the attention so far ``covered`` (B,K,S)."""
        c, mask = self.config, memory.mask
        carry = {n: memory[n][:, None].expand(-1, hypotheses, -1, -1) for n in "hc" if n in memory}
        new = memory["h"].new_zeros
        if c.input_feeding:
            carry["fed"] = new(mask.shape[0], hypotheses, c.embedding)
        if c.coverage:
            carry["covered"] = new(mask.shape[0], hypotheses, mask.shape[1], dtype=torch.float)
        return carry

    def step(self, token: Tensor, carry: Carry, memory: Memory) -> Step:
        """token (B,K) → log-probabilities (B,K,V), attention (B,K,1,1,S) or None, carry."""
        x = self.embedding(token)  # (B,K,E)
        w_fed = self._input_weight()[:, self.config.embedding :]
        out, carry = self._step(x, self._input_gates(x), carry, memory, w_fed)
        readout = self._read(out, x)
        attention = None if out.alpha is None else out.alpha[:, :, None, None]
        if not self.config.copy:
            return Step(self.predict(readout), attention, carry)
        gate = self._gate(out, x)  # (B,K)
        logp = mixture(self.predict(readout), out.attended()[1], gate, memory["source"])
        return Step(logp, attention, carry, {"generate": torch.sigmoid(gate)})

    def _input_weight(self) -> Tensor:
        """Of the decoder's first layer, (GD,·): for the token, then for what is fed back."""
        return cast(Tensor, self.decoder.weight_ih_l0)

    def _input_gates(self, x: Tensor) -> Tensor:
        """The part of the first layer's gates that the token alone decides: (...,E) → (...,GD)."""
        w = self._input_weight()[:, : self.config.embedding]
        return F.linear(x, w, cast(Tensor, self.decoder.bias_ih_l0))

    def _step(
        self, x: Tensor, gates: Tensor, carry: Carry, memory: Memory, w_fed: Tensor
    ) -> tuple[Decoded, Carry]:
        """x (B,K,E), gates (B,K,GD), w_fed (GD,·) weights of what is fed back → what the decoder
        knows now, carry."""
        c = self.config
        context = alpha = None
        fed, covered = carry.get("fed"), carry.get("covered")
        if c.looks_first:
            context, alpha = self._attend(carry["h"][:, :, -1], memory, covered)
            fed = context
        if fed is not None:
            gates = gates + F.linear(fed, w_fed)
        top, carry = step_cells(self.decoder, gates, carry, self.dropout)
        if c.attends and not c.looks_first:
            context, alpha = self._attend(top, memory, covered)
        out = Decoded(top, context, alpha)
        if c.input_feeding:
            carry["fed"] = self._read(out, x)
        if covered is not None:
            carry["covered"] = covered + out.attended()[1]
        return out, carry

    def _attend(
        self, query: Tensor, memory: Memory, covered: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        return self.attention(
            query, memory["keys"], memory["states"], memory.visible, covered, memory.steering
        )

    def _read(self, out: Decoded, x: Tensor) -> Tensor:
        """What is projected to the vocabulary, (...,E).

        With attention tanh(W [c; s]) (Luong et al. 2015, eq. 5); Bahdanau's deep output adds the
        last token's embedding (2015, section A.2.2; a tanh layer in place of maxout).
        """
        parts = [out.top]
        if out.context is not None:
            parts.append(out.context)
            if self.config.looks_first:
                parts.append(x)
        return self.dropout(torch.tanh(self.readout(torch.cat(parts, -1))))

    # -------------------------------------------------------------------------------------- copying
    def _gate(self, out: Decoded, x: Tensor) -> Tensor:
        """Logit of p_gen (...): generate, or copy? (See et al. 2017, eq. 8)"""
        return self.gate(torch.cat([out.attended()[0], out.top, x], -1)).squeeze(-1).float()

    # ----------------------------------------------------------------------------- teacher forcing
    def hidden(self, source: Tensor, tgt_in: Tensor) -> Tensor:
        """(B,S), (B,T) → (B,T,E). One call over all T, unless the context feeds the cell."""
        out, x = self._decode(self.encode(source), tgt_in)
        return self._read(out, x)

    def forward(self, source: Tensor, tgt_in: Tensor) -> Tensor:
        """As ``Seq2Seq.forward``; of a copying model, of the mixture."""
        return self._mixed(source, *self._decode(self.encode(source), tgt_in))

    def follow(self, memory: Memory, target: Sequence[int]) -> Tensor:
        """As ``Seq2Seq.follow``; one call over all T where nothing is fed back."""
        tgt_in = self.forced_input(target).expand(len(memory.mask), -1)  # (B,T)
        return self._mixed(memory.tensors.get("source", memory.mask), *self._decode(memory, tgt_in))

    def _mixed(self, source: Tensor, out: Decoded, x: Tensor) -> Tensor:
        """Log-probabilities (B,T,V); only a copying model looks at the source (B,S)."""
        logp, copies = self.predict(self._read(out, x)), self.config.copy
        return mixture(logp, out.attended()[1], self._gate(out, x), source) if copies else logp

    @torch.inference_mode()
    def attentions(self, source: Tensor, target: Sequence[int]) -> Attentions:
        """Cross-attention (1,1,T,S) alone: a recurrent network has no other."""
        alpha = self._decode(self.encode(source), self.forced_input(target))[0].alpha  # (1,T,S)
        return Attentions(None, None, None if alpha is None else alpha[None])

    def loss(
        self,
        source: Tensor,
        tgt_in: Tensor,
        tgt_out: Tensor,
        smoothing: float,
        weights: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """As ``Seq2Seq.loss``; of the mixture, and with coverage sum_t sum_i min(alpha_ti, c_ti)
        (See et al. 2017, eq. 12 and 13, lambda = 1), to which ``weights`` apply as well."""
        c = self.config
        if not c.copy and not c.coverage:
            return super().loss(source, tgt_in, tgt_out, smoothing, weights)
        out, x = self._decode(self.encode(source), tgt_in)
        real = tgt_out != self.vocabulary.pad  # (B,T)
        copying = None
        if c.copy:
            generated, copied = copied_gold(out.attended()[1], self._gate(out, x), source, tgt_out)
            copying = generated[real], copied[real]
        rows = None if weights is None else weights[real]
        loss, nll = projected_cross_entropy(
            self._read(out, x)[real], self.embedding.weight, tgt_out[real], smoothing, rows, copying
        )
        if c.coverage:
            repeated = repeated_looks(out.attended()[1])[real]  # (N)
            loss = loss + (repeated if rows is None else repeated * rows).sum()
        return loss, nll

    def _decode(self, memory: Memory, tgt_in: Tensor) -> tuple[Decoded, Tensor]:
        """Everything about all T steps, and the decoder's inputs x (B,T,E)."""
        c = self.config
        x = self.dropout(self.embedding(tgt_in))  # (B,T,E)
        if c.recurs:
            return self._decode_stepwise(x, memory), x
        top = run_freely(self.decoder, x, memory, self.dropout)
        context = alpha = None
        if c.attends:
            top = self.dropout(top)
            context, alpha = self._attend(top, memory)  # (B,T,D), (B,T,S)
        return Decoded(top, context, alpha), x

    def _decode_stepwise(self, x: Tensor, memory: Memory) -> Decoded:
        """The recurrence step by step; everything that does not recur stays outside the loop."""
        carry = self.start(memory, 1)
        gates = self._input_gates(x)  # (B,T,GD)
        w_fed = self._input_weight()[:, self.config.embedding :].to(gates.dtype)
        found = []
        # split, not slices: one backward for all steps
        for now, gate in zip(x.split(1, 1), gates.split(1, 1), strict=True):
            out, carry = self._step(now, gate, carry, memory, w_fed)
            found.append(out)
        return joined(found)
