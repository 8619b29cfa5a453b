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
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from s2s.errors import S2SError
from s2s.models.attention import Attention
from s2s.models.base import Carry, Dropout, Memory, Seq2Seq, make_embedding
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
        if self.bridge == "copy" and self.encoder_layers != self.decoder_layers:
            raise S2SError("bridge=copy needs as many decoder as encoder layers.")


def gru_cell(gates_x: Tensor, h: Tensor, w: Tensor, b: Tensor) -> Tensor:
    """One GRU step (Cho et al. 2014, eq. 5 to 8, in the form cuDNN and PyTorch use).

    gates_x (...,3D) = W x + b_x · h (...,D) · w (3D,D), b (3D): recurrent weights. Returns h'.

    r = σ(W_r x + U_r h)   z = σ(W_z x + U_z h)   n = tanh(W_n x + r * U_n h)
    h' = (1-z) * n + z * h
    """
    xr, xz, xn = gates_x.chunk(3, -1)
    hr, hz, hn = F.linear(h, w, b).chunk(3, -1)
    r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
    n = torch.tanh(xn + r * hn)
    return n + z * (h - n)


def lstm_cell(gates_x: Tensor, h: Tensor, c: Tensor, w: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """One LSTM step (Hochreiter and Schmidhuber 1997; forget gate of Gers et al. 2000).

    gates_x (...,4D) = W x + b_x · h, c (...,D) · w (4D,D), b (4D): recurrent weights.

    i, f, o = σ(W x + U h)   g = tanh(W_g x + U_g h)   c' = f * c + i * g   h' = o * tanh(c')
    """
    i, f, g, o = (gates_x + F.linear(h, w, b)).chunk(4, -1)
    c = torch.sigmoid(f) * c + torch.sigmoid(i) * torch.tanh(g)
    return torch.sigmoid(o) * torch.tanh(c), c


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
            self.attention = Attention(c.attention, c.hidden, c.attention_size)
        deep = c.embedding if attends and c.query == "previous" else 0
        self.readout = nn.Linear(c.hidden * (2 if attends else 1) + deep, c.embedding)

    # ------------------------------------------------------------------------------------ encoder
    def encode(self, src: Tensor) -> Memory:
        """src (B,S) → states (B,S,D), keys (B,S,A), mask (B,S), h and, in an LSTM, c (B,L,D)."""
        c = self.config
        mask = src != PAD  # (B,S)
        lengths = mask.sum(1)
        order = _reversal(lengths, src.shape[1]) if c.reverse_source else None  # (B,S)
        x = self.dropout(self.embedding(src if order is None else src.gather(1, order)))
        packed = pack_padded_sequence(x, lengths.cpu(), batch_first=True, enforce_sorted=False)
        packed, final = self.encoder(packed)
        memory = {"mask": mask}
        for name, state in zip("hc", final if c.cell == "lstm" else (final,), strict=False):
            memory[name] = self._first_state(name, state)  # (B,L,D)
        if c.attention != "none":
            states, _ = pad_packed_sequence(packed, batch_first=True, total_length=src.shape[1])
            if order is not None:  # back to reading order, so that attention points at words
                states = states.gather(1, order[:, :, None].expand_as(states))
            states = self.dropout(states)  # (B,S,D)
            memory |= {"states": states, "keys": self.attention.keys(states)}
        return memory

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
        """h and c (B,K,L,D); the attentional state ``fed`` (B,K,E) with input feeding."""
        carry = {n: memory[n][:, None].expand(-1, hypotheses, -1, -1) for n in "hc" if n in memory}
        if self.config.input_feeding:
            b = memory["mask"].shape[0]
            carry["fed"] = memory["h"].new_zeros(b, hypotheses, self.config.embedding)
        return carry

    def step(
        self, token: Tensor, carry: Carry, memory: Memory
    ) -> tuple[Tensor, Tensor | None, Carry]:
        """token (B,K) → logits (B,K,V), attention (B,K,1,1,S) or None, carry."""
        x = self.embedding(token)  # (B,K,E)
        readout, alpha, carry = self._step(x, self._input_gates(x), carry, memory)
        attention = None if alpha is None else alpha[:, :, None, None]
        return self.project(readout), attention, carry

    def _input_gates(self, x: Tensor) -> Tensor:
        """The part of the first layer's gates that the token alone decides: (...,E) → (...,GD)."""
        w = self.decoder.weight_ih_l0[:, : self.config.embedding]
        return F.linear(x, w, self.decoder.bias_ih_l0)

    def _step(
        self, x: Tensor, gates: Tensor, carry: Carry, memory: Memory
    ) -> tuple[Tensor, Tensor | None, Carry]:
        """x (B,K,E), gates (B,K,GD) → readout (B,K,E), alpha (B,K,S) or None, carry."""
        c = self.config
        alpha = context = None
        fed = carry.get("fed")
        if c.attention != "none" and c.query == "previous":
            context, alpha = self._attend(carry["h"][:, :, -1], memory)
            fed = context
        if fed is not None:
            gates = gates + F.linear(fed, self.decoder.weight_ih_l0[:, c.embedding :])
        top, carry = self._cells(gates, carry)
        if c.attention != "none" and c.query == "current":
            context, alpha = self._attend(top, memory)
        readout = self._read(top, context, x)
        if c.input_feeding:
            carry["fed"] = readout
        return readout, alpha, carry

    def _attend(self, query: Tensor, memory: Memory) -> tuple[Tensor, Tensor]:
        return self.attention(query, memory["keys"], memory["states"], memory["mask"])

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

    def _read(self, top: Tensor, context: Tensor | None, x: Tensor) -> Tensor:
        """What is projected to the vocabulary, (...,E).

        With attention tanh(W [c; s]) (Luong et al. 2015, eq. 5); Bahdanau's deep output adds the
        last token's embedding (2015, section A.2.2; a tanh layer in place of maxout).
        """
        parts = [top]
        if context is not None:
            parts.append(context)
            if self.config.query == "previous":
                parts.append(x)
        return self.dropout(torch.tanh(self.readout(torch.cat(parts, -1))))

    # ----------------------------------------------------------------------------- teacher forcing
    def hidden(self, src: Tensor, tgt_in: Tensor) -> Tensor:
        """(B,S), (B,T) → (B,T,E). One call over all T, unless the context feeds the cell."""
        c = self.config
        memory = self.encode(src)
        x = self.dropout(self.embedding(tgt_in))  # (B,T,E)
        if c.input_feeding or (c.attention != "none" and c.query == "previous"):
            return self._hidden_stepwise(x, memory)
        first = [memory[n].transpose(0, 1).contiguous() for n in "hc" if n in memory]  # (L,B,D)
        top, _ = self.decoder(x, first[0] if c.cell == "gru" else tuple(first))  # (B,T,D)
        context = None
        if c.attention != "none":
            top = self.dropout(top)
            context, _ = self._attend(top, memory)  # (B,T,D)
        return self._read(top, context, x)

    def _hidden_stepwise(self, x: Tensor, memory: Memory) -> Tensor:
        """The recurrence step by step; everything that does not recur stays outside the loop."""
        carry = self.start(memory, 1)
        gates = self._input_gates(x)  # (B,T,GD)
        steps = gates.split(1, 1)  # split, not slices: one backward for all steps
        if self.config.input_feeding:
            out = []
            for now, gates in zip(x.split(1, 1), steps, strict=True):
                readout, _, carry = self._step(now, gates, carry, memory)
                out.append(readout)
            return torch.cat(out, 1)  # (B,T,E)
        w_context = self.decoder.weight_ih_l0[:, self.config.embedding :].to(gates.dtype)
        tops, contexts = [], []
        for gates in steps:
            context, _ = self._attend(carry["h"][:, :, -1], memory)  # (B,1,D)
            top, carry = self._cells(gates + F.linear(context, w_context), carry)
            tops.append(top)
            contexts.append(context)
        return self._read(torch.cat(tops, 1), torch.cat(contexts, 1), x)  # (B,T,E)


def _reversal(lengths: Tensor, width: int) -> Tensor:
    """Index (B,S) that reverses each row's real tokens and leaves its padding: its own inverse."""
    position = torch.arange(width, device=lengths.device)[None]  # (1,S)
    back = lengths[:, None] - 1 - position  # (B,S)
    return torch.where(back >= 0, back, position)
