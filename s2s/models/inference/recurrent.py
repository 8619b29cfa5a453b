"""A trained recurrent network made ready to search: packed weights, and no more done a step than it needs.

B sources · K hypotheses · S source length · V vocabulary · E embedding size · D hidden size · L layers ·
G gates (3 in a GRU, 4 in an LSTM).
"""

from __future__ import annotations

import copy
from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2s.models.attention import Attention
from s2s.models.contract import Attentions, Carry, Memory, Step
from s2s.models.inference.product import Precision, Product, normalised, product
from s2s.models.recurrent.copying import mixture
from s2s.models.recurrent.decoder import Decoded
from s2s.models.recurrent.model import RNN


class Cell:
    """One layer of the decoder, one step (the equations stand in ``recurrent.cells``).

    A GRU's gates need W x and U h apart; an LSTM's only their sum, so it is one product.
    """

    def __init__(self, rnn: nn.GRU | nn.LSTM, layer: int, precision: Precision) -> None:
        w, u, b, c = (
            getattr(rnn, f"{name}_l{layer}")
            for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        )
        self.gru = isinstance(rnn, nn.GRU)
        if self.gru:
            self.inner, self.recurrent = Product(w, b, precision), Product(u, c, precision)
        else:
            self.inner = Product(torch.cat([w, u], 1), b + c, precision)

    def __call__(self, x: Tensor, h: Tensor, c: Tensor | None) -> tuple[Tensor, Tensor | None]:
        """x (...,·), h and, of an LSTM, c (...,D) → h', c'."""
        if c is None:
            gates, own, d = self.inner(x), self.recurrent(h), h.shape[-1]
            rz = torch.add(gates[..., : 2 * d], own[..., : 2 * d]).sigmoid_()
            n = torch.addcmul(gates[..., 2 * d :], rz[..., :d], own[..., 2 * d :]).tanh_()
            return torch.lerp(n, h, rz[..., d:]), None
        i, f, g, o = self.inner(torch.cat([x, h], -1)).chunk(4, -1)
        c = torch.addcmul(torch.sigmoid(f) * c, torch.sigmoid(i), torch.tanh(g))
        return torch.sigmoid(o) * torch.tanh(c), c


class FastRNN(RNN):
    """A ``Decoder`` that says what an ``RNN`` says, as precisely as its products are.

    It shares the weights that it does not pack, and reads the source in full precision.
    """

    def __init__(self, model: RNN, precision: Precision) -> None:
        nn.Module.__init__(self)
        self.__dict__["model"] = model  # no part of this one
        self.vocabulary, self.limits, self.config = model.vocabulary, model.limits, model.config
        self.precision = precision
        self.embedding, self.dropout, self.encoder = model.embedding, model.dropout, model.encoder
        self.cells = [
            Cell(model.decoder, layer, precision) for layer in range(model.config.decoder_layers)
        ]
        self.readout = product(precision, model.readout)  # type: ignore[assignment]
        self.output = Product(model.embedding.weight, None, precision)
        if self.config.bridge == "tanh":
            self.bridge = model.bridge
        if self.config.attends:
            self.attention = packed(model.attention, precision)
        if self.config.copy:
            self.gate = model.gate

    @torch.no_grad()
    def step(self, token: Tensor, carry: Carry, memory: Memory) -> Step:
        """token (B,K) → log-probabilities (B,K,V), attention (B,K,1,1,S) or None, carry."""
        c = self.config
        x = F.embedding(token, self.embedding.weight)  # (B,K,E)
        fed, covered = carry.get("fed"), carry.get("covered")
        context = alpha = None
        if c.looks_first:
            context, alpha = self._attend(carry["h"][:, :, -1], memory, covered)
            fed = context
        top, carry = self._cells(x if fed is None else torch.cat([x, fed], -1), carry)
        if c.attends and not c.looks_first:
            context, alpha = self._attend(top, memory, covered)
        out = Decoded(top, context, alpha)
        readout = self._read(out, x)
        if c.input_feeding:
            carry["fed"] = readout
        if covered is not None:
            carry["covered"] = covered + out.attended()[1]
        logp = normalised(self.output(readout))
        attention = None if alpha is None else alpha[:, :, None, None]
        if not c.copy:
            return Step(logp, attention, carry)
        gate = self._gate(out, x)  # (B,K)
        logp = mixture(logp, out.attended()[1], gate, memory["source"])
        return Step(logp, attention, carry, {"generate": torch.sigmoid(gate)})

    def _cells(self, x: Tensor, carry: Carry) -> tuple[Tensor, Carry]:
        """All layers, one step. x (B,K,·) → top state (B,K,D), carry."""
        hs, cs = [], []
        for layer, cell in enumerate(self.cells):
            before = carry["c"][:, :, layer] if "c" in carry else None
            x, state = cell(x, carry["h"][:, :, layer], before)
            hs.append(x)
            if state is not None:
                cs.append(state)
        states = {"h": torch.stack(hs, 2)}  # (B,K,L,D)
        if cs:
            states["c"] = torch.stack(cs, 2)
        return x, states

    def attentions(self, source: Tensor, target: Sequence[int]) -> Attentions:
        """In full precision."""
        return self.__dict__["model"].attentions(source, target)


def packed(attention: Attention, precision: Precision) -> Attention:
    """Attention with the same weights, the large ones packed."""
    found = copy.copy(attention)
    found._modules = dict(attention._modules)
    for name in ("query", "key"):
        layer = found._modules.get(name)
        if isinstance(layer, nn.Linear):
            found._modules[name] = product(precision, layer)  # type: ignore[assignment]
    return found
