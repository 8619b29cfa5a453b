"""Reading the source: all states of the top layer, and the last of every layer.

B sources · S source length · E embedding size · D hidden size · L layers.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from s2s.models.dropout import Dropout
from s2s.models.recurrent.gru import gru


def read_source(
    rnn: nn.GRU | nn.LSTM, x: Tensor, mask: Tensor, dropout: Dropout
) -> tuple[Tensor, tuple[Tensor, ...]]:
    """x (B,S,E) → states of the top layer (B,S,D), final states (L·directions,B,·)."""
    if isinstance(rnn, nn.GRU) and x.device.type == "cpu":
        last = []
        for layer in range(rnn.num_layers):
            x, final = gru(rnn, layer, dropout(x) if layer else x, None, mask)
            last.append(final)
        return x, (torch.cat(last),)
    packed = pack_padded_sequence(x, mask.sum(1).cpu(), batch_first=True, enforce_sorted=False)
    packed, final = rnn(packed)
    states, _ = pad_packed_sequence(packed, batch_first=True, total_length=x.shape[1])
    return states, ((final,) if isinstance(rnn, nn.GRU) else final)


def both_directions(final: Tensor, layers: int) -> Tensor:
    """Final states (L·directions,B,·) → (B,L,D)."""
    return final.unflatten(0, (layers, -1)).permute(2, 0, 1, 3).flatten(2)
