"""The decoder's recurrence: one step at a time, or all steps in one call where nothing is fed back.

B sources · K hypotheses · T target length · S source length · E embedding size · D hidden size · L layers ·
G gates (3 in a GRU, 4 in an LSTM).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2s.models.contract import Carry, Memory
from s2s.models.dropout import Dropout
from s2s.models.recurrent.cells import gru_cell, lstm_cell
from s2s.models.recurrent.gru import gru


class Decoded(NamedTuple):
    """What the decoder knows at one or more steps; None where the model does not attend."""

    top: Tensor  # (B,T,D) state of the top layer
    context: Tensor | None  # (B,T,D) attended average of the encoder states
    alpha: Tensor | None  # (B,T,S)

    def attended(self) -> tuple[Tensor, Tensor]:
        """Context and weights of a model that attends."""
        assert self.context is not None
        assert self.alpha is not None
        return self.context, self.alpha


def joined(steps: Sequence[Decoded]) -> Decoded:
    """One step after another, as one."""
    return Decoded._make(
        None if parts[0] is None else torch.cat(parts, 1) for parts in zip(*steps, strict=True)
    )


def step_cells(
    rnn: nn.GRU | nn.LSTM, gates: Tensor, carry: Carry, dropout: Dropout
) -> tuple[Tensor, Carry]:
    """All decoder layers, one step. gates (B,K,GD) → top state (B,K,D), carry."""
    hs: list[Tensor] = []
    cs: list[Tensor] = []
    for layer in range(rnn.num_layers):
        w, b = getattr(rnn, f"weight_hh_l{layer}"), getattr(rnn, f"bias_hh_l{layer}")
        if layer:
            gates = F.linear(
                dropout(hs[-1]),
                getattr(rnn, f"weight_ih_l{layer}"),
                getattr(rnn, f"bias_ih_l{layer}"),
            )
        h = carry["h"][:, :, layer]  # (B,K,D)
        if isinstance(rnn, nn.GRU):
            hs.append(gru_cell(gates, h, w, b))
        else:
            h, cell = lstm_cell(gates, h, carry["c"][:, :, layer], w, b)
            hs.append(h)
            cs.append(cell)
    out = {"h": torch.stack(hs, 2)}  # (B,K,L,D)
    if cs:
        out["c"] = torch.stack(cs, 2)
    return hs[-1], out


def run_freely(rnn: nn.GRU | nn.LSTM, x: Tensor, memory: Memory, dropout: Dropout) -> Tensor:
    """All decoder states in one call, where nothing is fed back: (B,T,E) → (B,T,D)."""
    if isinstance(rnn, nn.GRU) and x.device.type == "cpu":
        for layer in range(rnn.num_layers):
            first = memory["h"][:, layer]
            x, _ = gru(rnn, layer, dropout(x) if layer else x, first, None)
        return x
    begin = [memory[n].transpose(0, 1).contiguous() for n in "hc" if n in memory]  # (L,B,D)
    top, _ = rnn(x, begin[0] if isinstance(rnn, nn.GRU) else tuple(begin))
    return top
