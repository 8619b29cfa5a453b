"""One step of the recurrent cells, written out.

The encoder's and the vectorised decoder's steps are PyTorch's own (nn.GRU, nn.LSTM) with the same
weights; a test holds both to the same result. D hidden size.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


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
