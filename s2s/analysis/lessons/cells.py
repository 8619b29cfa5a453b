"""A recurrent cell gate by gate, while a network reads a sentence.

S source length · E embedding size · D hidden size of one direction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2s.errors import S2SError
from s2s.models.contract import Seq2Seq


@dataclass(frozen=True)
class Gated:
    """Every gate of one cell at every step."""

    cell: str
    """``gru`` or ``lstm``."""
    order: tuple[int, ...]
    """Position in the source that each step read."""
    values: dict[str, np.ndarray]
    """Name → (S,D). A GRU: r, z, n, h. An LSTM: i, f, g, o, c, h. Besides ``before``: the state (in an
    LSTM the cell) that each step began with, and ``plain``: what a cell without gates would hold."""


def gated(model: Seq2Seq, source: Sequence[int]) -> Gated:
    """The first layer of a recurrent encoder, forwards, over one source.

    Cho et al. 2014, eq. 5 to 8; Hochreiter and Schmidhuber 1997 with the forget gate of Gers et al. 2000.
    Raises S2SError if the encoder is not recurrent.
    """
    rnn = getattr(model, "encoder", None)
    if not isinstance(rnn, nn.GRU | nn.LSTM):
        raise S2SError("This model's encoder has no recurrent cells.")
    order = list(range(len(source)))
    if getattr(model.config, "reverse_source", False):
        order.reverse()
    with torch.inference_mode():
        ids = torch.tensor([[source[i] for i in order]], device=model.device)  # (1,S)
        x = model.embed_source(ids)[0].float()  # (S,E)
        run = _gru if isinstance(rnn, nn.GRU) else _lstm
        found = run(x, *(w.float() for w in _weights(rnn)))
    values = {name: value.cpu().numpy() for name, value in found.items()}
    return Gated("gru" if isinstance(rnn, nn.GRU) else "lstm", tuple(order), values)


def _weights(rnn: nn.GRU | nn.LSTM) -> tuple[Tensor, ...]:
    """W (GD,E), U (GD,D), and their biases."""
    names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
    return tuple(getattr(rnn, name) for name in names)


def _gru(x: Tensor, w: Tensor, u: Tensor, b: Tensor, c: Tensor) -> dict[str, Tensor]:
    """x (S,E) → r, z, n, h, before, plain, each (S,D)."""
    h = plain = x.new_zeros(u.shape[1])  # (D)
    rows = []
    for gates in F.linear(x, w, b):  # (3D)
        before = h
        xr, xz, xn = gates.chunk(3)
        hr, hz, hn = F.linear(h, u, c).chunk(3)
        r, z = torch.sigmoid(xr + hr), torch.sigmoid(xz + hz)
        n = torch.tanh(xn + r * hn)
        h = (1 - z) * n + z * h
        plain = torch.tanh(xn + F.linear(plain, u, c).chunk(3)[2])
        rows.append((r, z, n, h, before, plain))
    return _by_name(("r", "z", "n", "h", "before", "plain"), rows)


def _lstm(x: Tensor, w: Tensor, u: Tensor, b: Tensor, d: Tensor) -> dict[str, Tensor]:
    """x (S,E) → i, f, g, o, c, h, before, plain, each (S,D)."""
    h = c = plain = x.new_zeros(u.shape[1])  # (D)
    rows = []
    for gates in F.linear(x, w, b):  # (4D)
        before = c
        i, f, g, o = (gates + F.linear(h, u, d)).chunk(4)
        i, f, g, o = torch.sigmoid(i), torch.sigmoid(f), torch.tanh(g), torch.sigmoid(o)
        c = f * c + i * g
        h = o * torch.tanh(c)
        plain = torch.tanh((gates + F.linear(plain, u, d)).chunk(4)[2])
        rows.append((i, f, g, o, c, h, before, plain))
    return _by_name(("i", "f", "g", "o", "c", "h", "before", "plain"), rows)


def _by_name(names: tuple[str, ...], rows: Sequence[tuple[Tensor, ...]]) -> dict[str, Tensor]:
    columns = zip(*rows, strict=True)
    return {n: torch.stack(column) for n, column in zip(names, columns, strict=True)}


def busiest(found: Gated) -> int:
    """The unit whose state moved most over the sentence: one that is worth watching."""
    moved = np.abs(np.diff(found.values["h"], axis=0, prepend=0)).sum(0)  # (D)
    return int(moved.argmax())
