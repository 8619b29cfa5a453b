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

from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from s2s.errors import S2SError
from s2s.models.attention import Attention
from s2s.models.base import (
    Carry,
    Dropout,
    Memory,
    ProjectedCrossEntropy,
    Seq2Seq,
    make_embedding,
)
from s2s.models.cells import gru_cell, lstm_cell
from s2s.models.recurrence import gru, reversal, turn
from s2s.tokenizer import PAD


@dataclass(frozen=True)
class RNNConfig:
    """Options of the ``rnn`` family."""

    cell: str = "gru"
    """``gru`` (Cho et al. 2014) or ``lstm`` (Hochreiter and Schmidhuber 1997)."""
    embedding: int = 256
    hidden: int = 512
    """Size of decoder states and of encoder states (both directions together)."""
    encoder_layers: int = 1
    decoder_layers: int = 1
    bidirectional: bool = True
    attention: str = "additive"
    """``none``, ``additive``, ``dot``, ``general`` or ``scaled``."""
    attention_size: int = 256
    query: str = "previous"
    """Which decoder state looks: ``previous`` feeds the context into the cell (Bahdanau),
    ``current`` uses it for the output (Luong)."""
    input_feeding: bool = False
    """Feed the last attentional state back into the cell (Luong et al. 2015, section 3.3)."""
    reverse_source: bool = False
    """Read the source backwards (Sutskever et al. 2014, section 3.3)."""
    bridge: str = "tanh"
    """Encoder's final states → decoder's first: ``tanh`` of a linear map, or ``copy``."""
    copy: bool = False
    """Mix the vocabulary's distribution with one that copies source tokens (See et al. 2017)."""
    coverage: bool = False
    """Additive attention sees what it has attended to, and pays for repeats (See et al. 2017)."""
    dropout: float = 0.2

    def __post_init__(self) -> None:
        for name, allowed in (
            ("cell", ("gru", "lstm")),
            ("attention", ("none", *Attention.kinds)),
            ("query", ("previous", "current")),
            ("bridge", ("tanh", "copy")),
        ):
            if getattr(self, name) not in allowed:
                raise S2SError(f"{name} must be one of {', '.join(allowed)}.")
        if min(self.embedding, self.hidden, self.encoder_layers, self.decoder_layers) < 1:
            raise S2SError("Sizes and layers must be at least 1.")
        if self.bidirectional and self.hidden % 2:
            raise S2SError("hidden must be even in a bidirectional encoder.")
        if self.input_feeding and (self.attention == "none" or self.query == "previous"):
            raise S2SError("input_feeding needs attention with query=current.")
        if self.copy and self.attention == "none":
            raise S2SError("copy needs attention: it copies from where the model looks.")
        if self.coverage and self.attention != "additive":
            raise S2SError("coverage needs attention=additive.")
        if self.bridge == "copy" and self.encoder_layers != self.decoder_layers:
            raise S2SError("bridge=copy needs as many decoder as encoder layers.")


class Decoded(NamedTuple):
    """What the decoder knows at one or more steps; None where the model does not attend."""

    top: Tensor  # (B,T,D) state of the top layer
    context: Tensor | None  # (B,T,D) attended average of the encoder states
    alpha: Tensor | None  # (B,T,S)


class RNN(Seq2Seq):
    """Encoder RNN, bridge, decoder RNN with or without attention, tied output embedding."""

    config_class = RNNConfig

    def __init__(self, vocabulary: int, config: RNNConfig) -> None:
        super().__init__()
        self.config = c = config
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
        attends = c.attention != "none"
        fed = c.hidden if attends and c.query == "previous" else 0
        fed = c.embedding if c.input_feeding else fed
        self.decoder = rnn(
            c.embedding + fed,
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
        if attends:
            self.attention = Attention(c.attention, c.hidden, c.attention_size, c.coverage)
        deep = c.embedding if attends and c.query == "previous" else 0
        self.readout = nn.Linear(c.hidden * (2 if attends else 1) + deep, c.embedding)
        if c.copy:
            self.gate = nn.Linear(2 * c.hidden + c.embedding, 1)

    # ------------------------------------------------------------------------------------ encoder
    def encode(self, src: Tensor) -> Memory:
        """src (B,S) → states (B,S,D), keys (B,S,A), mask (B,S), h and, in an LSTM, c (B,L,D)."""
        c = self.config
        mask = src != PAD  # (B,S)
        order = reversal(mask) if c.reverse_source else None  # (B,S)
        x = self.dropout(self.embedding(src if order is None else src.gather(1, order)))
        states, final = self._read_source(x, mask)
        memory = {"mask": mask}
        for name, state in zip("hc", final, strict=False):
            memory[name] = self._first_state(name, state)  # (B,L,D)
        if c.attention != "none":
            if order is not None:  # back to reading order, so that attention points at words
                states = turn(states, order)
            states = self.dropout(states)  # (B,S,D)
            memory |= {"states": states, "keys": self.attention.keys(states)}
            if c.copy:
                memory["src"] = src
        return memory

    def _read_source(self, x: Tensor, mask: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """x (B,S,E) → states of the top layer (B,S,D), final states (L·directions,B,·)."""
        if self.config.cell == "gru" and x.device.type == "cpu":
            last = []
            for layer in range(self.config.encoder_layers):
                x, final = gru(self.encoder, layer, self.dropout(x) if layer else x, None, mask)
                last.append(final)
            return x, (torch.cat(last),)
        packed = pack_padded_sequence(x, mask.sum(1).cpu(), batch_first=True, enforce_sorted=False)
        packed, final = self.encoder(packed)
        states, _ = pad_packed_sequence(packed, batch_first=True, total_length=x.shape[1])
        return states, (final if self.config.cell == "lstm" else (final,))

    def _first_state(self, name: str, final: Tensor) -> Tensor:
        """Encoder's final states (L·directions,B,·) → the decoder's first, (B,L,D).

        Bahdanau et al. 2015, section A.2.2: s_0 = tanh(W h), here of both directions' ends.
        """
        c = self.config
        layers = (
            final.unflatten(0, (c.encoder_layers, -1)).permute(2, 0, 1, 3).flatten(2)
        )  # (B,L,D)
        if c.bridge == "copy":
            return layers
        top = self.bridge["hc".index(name)](layers[:, -1])  # (B,L·D)
        return (torch.tanh(top) if name == "h" else top).unflatten(1, (c.decoder_layers, c.hidden))

    # ------------------------------------------------------------------------------------ decoder
    def start(self, memory: Memory, hypotheses: int) -> Carry:
        """h and c (B,K,L,D); with input feeding the attentional state ``fed`` (B,K,E), with coverage
        the attention so far ``covered`` (B,K,S), when copying the last p_gen ``gen`` (B,K)."""
        c, mask = self.config, memory["mask"]
        carry = {n: memory[n][:, None].expand(-1, hypotheses, -1, -1) for n in "hc" if n in memory}
        new = memory["h"].new_zeros
        if c.input_feeding:
            carry["fed"] = new(len(mask), hypotheses, c.embedding)
        if c.coverage:
            carry["covered"] = new(len(mask), hypotheses, mask.shape[1], dtype=torch.float)
        if c.copy:
            carry["gen"] = new(len(mask), hypotheses)
        return carry

    def step(
        self, token: Tensor, carry: Carry, memory: Memory
    ) -> tuple[Tensor, Tensor | None, Carry]:
        """token (B,K) → logits (B,K,V), attention (B,K,1,1,S) or None, carry."""
        x = self.embedding(token)  # (B,K,E)
        w_fed = self.decoder.weight_ih_l0[:, self.config.embedding :]
        out, carry = self._step(x, self._input_gates(x), carry, memory, w_fed)
        readout = self._read(out, x)
        attention = None if out.alpha is None else out.alpha[:, :, None, None]
        if not self.config.copy:
            return self.project(readout), attention, carry
        gate = self._gate(out, x)  # (B,K)
        carry["gen"] = torch.sigmoid(gate)
        return self._mixture(readout, out.alpha, gate, memory["src"]), attention, carry

    def _input_gates(self, x: Tensor) -> Tensor:
        """The part of the first layer's gates that the token alone decides: (...,E) → (...,GD)."""
        w = self.decoder.weight_ih_l0[:, : self.config.embedding]
        return F.linear(x, w, self.decoder.bias_ih_l0)

    def _step(
        self, x: Tensor, gates: Tensor, carry: Carry, memory: Memory, w_fed: Tensor
    ) -> tuple[Decoded, Carry]:
        """x (B,K,E), gates (B,K,GD), w_fed (GD,·) weights of what is fed back → what the decoder
        knows now, carry."""
        c = self.config
        context = alpha = None
        kept = {name: carry[name] for name in ("covered", "gen") if name in carry}
        fed = carry.get("fed")
        if c.attention != "none" and c.query == "previous":
            context, alpha = self._attend(carry["h"][:, :, -1], memory, carry.get("covered"))
            fed = context
        if fed is not None:
            gates = gates + F.linear(fed, w_fed)
        top, carry = self._cells(gates, carry)
        if c.attention != "none" and c.query == "current":
            context, alpha = self._attend(top, memory, kept.get("covered"))
        out = Decoded(top, context, alpha)
        if c.input_feeding:
            carry["fed"] = self._read(out, x)
        if c.coverage:
            kept["covered"] = kept["covered"] + alpha
        return out, carry | kept

    def _attend(
        self, query: Tensor, memory: Memory, covered: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        return self.attention(query, memory["keys"], memory["states"], memory["mask"], covered)

    def _cells(self, gates: Tensor, carry: Carry) -> tuple[Tensor, Carry]:
        """All decoder layers, one step. gates (B,K,GD) → top state (B,K,D), carry."""
        hs, cs = [], []
        for layer in range(self.config.decoder_layers):
            w = getattr(self.decoder, f"weight_hh_l{layer}")
            b = getattr(self.decoder, f"bias_hh_l{layer}")
            if layer:
                gates = F.linear(
                    self.dropout(hs[-1]),
                    getattr(self.decoder, f"weight_ih_l{layer}"),
                    getattr(self.decoder, f"bias_ih_l{layer}"),
                )
            h = carry["h"][:, :, layer]  # (B,K,D)
            if self.config.cell == "gru":
                hs.append(gru_cell(gates, h, w, b))
            else:
                h, cell = lstm_cell(gates, h, carry["c"][:, :, layer], w, b)
                hs.append(h)
                cs.append(cell)
        out = {"h": torch.stack(hs, 2)}  # (B,K,L,D)
        if cs:
            out["c"] = torch.stack(cs, 2)
        return hs[-1], out

    def _read(self, out: Decoded, x: Tensor) -> Tensor:
        """What is projected to the vocabulary, (...,E).

        With attention tanh(W [c; s]) (Luong et al. 2015, eq. 5); Bahdanau's deep output adds the
        last token's embedding (2015, section A.2.2; a tanh layer in place of maxout).
        """
        parts = [out.top]
        if out.context is not None:
            parts.append(out.context)
            if self.config.query == "previous":
                parts.append(x)
        return self.dropout(torch.tanh(self.readout(torch.cat(parts, -1))))

    # -------------------------------------------------------------------------------------- copying
    def _gate(self, out: Decoded, x: Tensor) -> Tensor:
        """Logit of p_gen (...): generate, or copy? (See et al. 2017, eq. 8)"""
        return self.gate(torch.cat([out.context, out.top, x], -1)).squeeze(-1).float()

    def _mixture(self, readout: Tensor, alpha: Tensor, gate: Tensor, src: Tensor) -> Tensor:
        """Log-probabilities (B,T,V) of p_gen P_vocab + (1 - p_gen) sum_{i: src_i = w} alpha_i.

        See et al. 2017, eq. 9. The vocabulary spells any text, so copying needs no extension of it.
        """
        logp = self.project(readout).float().log_softmax(-1)  # (B,T,V)
        copied = torch.zeros_like(logp)
        copied.scatter_add_(2, src[:, None].expand_as(alpha), alpha.float())
        copied = copied.clamp_min(1e-30).log() + F.logsigmoid(-gate)[..., None]
        return torch.logaddexp(logp + F.logsigmoid(gate)[..., None], copied)

    # ----------------------------------------------------------------------------- teacher forcing
    def hidden(self, src: Tensor, tgt_in: Tensor) -> Tensor:
        """(B,S), (B,T) → (B,T,E). One call over all T, unless the context feeds the cell."""
        out, x = self._decode(src, tgt_in)
        return self._read(out, x)

    def forward(self, src: Tensor, tgt_in: Tensor) -> Tensor:
        """Teacher forcing: logits (B,T,V), of a copying model log-probabilities."""
        if not self.config.copy:
            return super().forward(src, tgt_in)
        out, x = self._decode(src, tgt_in)
        return self._mixture(self._read(out, x), out.alpha, self._gate(out, x), src)

    def loss(
        self,
        src: Tensor,
        tgt_in: Tensor,
        tgt_out: Tensor,
        smoothing: float,
        share: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """As ``Seq2Seq.loss``; of the mixture, and with coverage sum_t sum_i min(alpha_ti, c_ti)
        (See et al. 2017, eq. 12 and 13, lambda = 1), to which ``share`` applies as well."""
        if not self.config.copy and not self.config.coverage:
            return super().loss(src, tgt_in, tgt_out, smoothing, share)
        out, x = self._decode(src, tgt_in)
        real = tgt_out != PAD  # (B,T)
        parts = self._read(out, x)[real], self.embedding.weight, tgt_out[real], smoothing
        parts += (None if share is None else share[real],)
        if self.config.copy:
            gate = self._gate(out, x)[real]  # (N)
            same = src[:, None] == tgt_out[:, :, None]  # (B,T,S)
            mass = (out.alpha * same).sum(-1)[real]  # (N) copy probability of the gold token
            parts += F.logsigmoid(gate), mass.clamp_min(1e-30).log() + F.logsigmoid(-gate)
        loss, nll = ProjectedCrossEntropy.apply(*parts)
        if self.config.coverage:
            before = out.alpha.cumsum(1) - out.alpha  # (B,T,S) c_t of eq. 10
            missed = torch.minimum(out.alpha, before).sum(-1)  # (B,T)
            loss = loss + (missed if share is None else missed * share)[real].sum()
        return loss, nll

    def _decode(self, src: Tensor, tgt_in: Tensor) -> tuple[Decoded, Tensor]:
        """Everything about all T steps, and the decoder's inputs x (B,T,E)."""
        c = self.config
        memory = self.encode(src)
        x = self.dropout(self.embedding(tgt_in))  # (B,T,E)
        feeds = c.attention != "none" and c.query == "previous"
        if c.input_feeding or c.coverage or feeds:
            return self._decode_stepwise(x, memory), x
        top = self._write(x, memory)
        context = alpha = None
        if c.attention != "none":
            top = self.dropout(top)
            context, alpha = self._attend(top, memory)  # (B,T,D), (B,T,S)
        return Decoded(top, context, alpha), x

    def _write(self, x: Tensor, memory: Memory) -> Tensor:
        """All decoder states in one call, where nothing is fed back: (B,T,E) → (B,T,D)."""
        if self.config.cell == "gru" and x.device.type == "cpu":
            for layer in range(self.config.decoder_layers):
                first = memory["h"][:, layer]
                x, _ = gru(self.decoder, layer, self.dropout(x) if layer else x, first, None)
            return x
        first = [memory[n].transpose(0, 1).contiguous() for n in "hc" if n in memory]  # (L,B,D)
        top, _ = self.decoder(x, first[0] if self.config.cell == "gru" else tuple(first))
        return top

    def _decode_stepwise(self, x: Tensor, memory: Memory) -> Decoded:
        """The recurrence step by step; everything that does not recur stays outside the loop."""
        carry = self.start(memory, 1)
        gates = self._input_gates(x)  # (B,T,GD)
        w_fed = self.decoder.weight_ih_l0[:, self.config.embedding :].to(gates.dtype)
        found = []
        # split, not slices: one backward for all steps
        for now, gate in zip(x.split(1, 1), gates.split(1, 1), strict=True):
            out, carry = self._step(now, gate, carry, memory, w_fed)
            found.append(out)
        top, context, alpha = (
            None if parts[0] is None else torch.cat(parts, 1) for parts in zip(*found, strict=True)
        )
        return Decoded(top, context, alpha)
