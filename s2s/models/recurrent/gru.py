"""A GRU over whole sequences, forward and backward through time, as one function.

nn.GRU on a CPU spends most of a long sequence on bookkeeping: hundreds of small graph nodes, and a
product for the weights' gradient at every step. Written out, both directions of an encoder run side by
side, what does not depend on the step is done for all steps at once, and the weights' gradient is
one product at the end. The weights stay those of an nn.GRU, which GPUs use as it is.

S steps · N directions · B rows · D hidden size.
"""

from __future__ import annotations

from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class GRUSequence(torch.autograd.Function):
    """h_t = GRU(x_t, h_{t-1}) (Cho et al. 2014; equations in ``cells.gru_cell``) for t = 1 … S.

    Where ``still`` is true a row keeps its state: padding changes nothing.
    """

    @staticmethod
    def forward(
        ctx: Any, gates: Tensor, h: Tensor, weight: Tensor, bias: Tensor, still: Tensor | None
    ) -> Tensor:
        """gates (N,S,B,3D) = W x + b, h (N,B,D), weight (N,3D,D), bias (N,3D), still (N,S,B) or
        None → states (N,S,B,D)."""
        directions, steps, rows, _ = gates.shape
        d = h.shape[-1]
        w = weight.transpose(1, 2).to(gates.dtype)  # (N,D,3D)
        b = bias.float()[:, None]  # (N,1,3D)
        moving = [True] * steps if still is None else (~still).all(2).all(0).tolist()
        rz = h.new_empty(directions, steps, rows, 2 * d)
        n, hn = (h.new_empty(directions, steps, rows, d) for _ in range(2))
        states = h.new_empty(directions, steps + 1, rows, d)
        states[:, 0] = h
        for t in range(steps):
            before, x = states[:, t], gates[:, t].float()
            recurrent = torch.bmm(before.to(w.dtype), w).float().add_(b)  # (N,B,3D)
            torch.add(x[..., : 2 * d], recurrent[..., : 2 * d], out=rz[:, t]).sigmoid_()
            r, z = rz[:, t, :, :d], rz[:, t, :, d:]
            if still is not None and not moving[t]:
                z.masked_fill_(still[:, t, :, None], 1.0)  # lerp with weight 1 is exact
            hn[:, t] = recurrent[..., 2 * d :]
            torch.addcmul(x[..., 2 * d :], r, hn[:, t], out=n[:, t]).tanh_()
            torch.lerp(n[:, t], before, z, out=states[:, t + 1])
        ctx.save_for_backward(rz, n, hn, states, weight)
        ctx.dtype = gates.dtype
        return states[:, 1:]

    @staticmethod
    def backward(ctx: Any, grad: Tensor) -> tuple[Tensor | None, ...]:
        rz, n, hn, states, weight = ctx.saved_tensors
        d, steps = n.shape[-1], n.shape[1]
        w = weight.to(ctx.dtype)  # (N,3D,D)
        size = (*n.shape[:-1], 3 * d)
        # what flows into W x and into U h
        grad_x, grad_h = (torch.empty(size, dtype=w.dtype, device=w.device) for _ in range(2))
        g = torch.zeros_like(n[:, 0])  # dL/dh_t
        for t in range(steps - 1, -1, -1):
            r, z = rz[:, t, :, :d], rz[:, t, :, d:]
            g = g + grad[:, t]
            # dn = g (1-z) (1-n²) · dz = g (h-n) z (1-z) · dr = dn hn r (1-r)
            keep = g * z
            dn = (g - keep).mul_(1 - n[:, t] * n[:, t])
            dz = (states[:, t] - n[:, t]).mul_(keep).mul_(1 - z)
            dr = (dn * hn[:, t]).mul_(r).mul_(1 - r)
            grad_x[:, t] = torch.cat([dr, dz, dn], -1)
            grad_h[:, t] = torch.cat([dr, dz, dn.mul_(r)], -1)
            g = torch.bmm(grad_h[:, t], w).float().add_(keep)
        flat = grad_h.flatten(1, 2)  # (N,SB,3D)
        past = states[:, :-1].to(w.dtype).flatten(1, 2)  # (N,SB,D)
        grad_w = torch.bmm(flat.transpose(1, 2), past).float()
        grad_b = torch.bmm(flat.new_ones(len(flat), 1, flat.shape[1]), flat)[:, 0].float()
        return grad_x, g, grad_w, grad_b, None


def gru(
    layer: nn.GRU, index: int, x: Tensor, h: Tensor | None, mask: Tensor | None
) -> tuple[Tensor, Tensor]:
    """Layer ``index`` of an nn.GRU. x (B,S,·), h (B,D) or None, mask (B,S) true at real tokens.

    Returns states (B,S,N·D), at padding the last real one, and the last state of each direction,
    (N,B,D).
    """
    names = [f"l{index}", f"l{index}_reverse"][: 2 if layer.bidirectional else 1]
    back = None if mask is None else reversal(mask)  # (B,S)
    inputs = [x]
    if layer.bidirectional:
        inputs.append(turn(x, back))
    gates = torch.stack(
        [
            F.linear(part, getattr(layer, f"weight_ih_{name}"), getattr(layer, f"bias_ih_{name}"))
            for part, name in zip(inputs, names, strict=True)
        ]
    )  # (N,B,S,3D)
    weight = torch.stack([getattr(layer, f"weight_hh_{name}") for name in names])
    bias = torch.stack([getattr(layer, f"bias_hh_{name}") for name in names])
    first = x.new_zeros(len(x), layer.hidden_size, dtype=torch.float) if h is None else h
    still = None
    if mask is not None and not bool(mask.all()):
        still = (~mask).t().expand(len(names), -1, -1)  # (N,S,B)
    with torch.autocast(x.device.type, enabled=False):
        states = GRUSequence.apply(
            gates.transpose(1, 2), first.expand(len(names), -1, -1), weight, bias, still
        )  # (N,S,B,D)
    parts = [states[0].transpose(0, 1)]  # (B,S,D)
    if layer.bidirectional:
        parts.append(turn(states[1].transpose(0, 1), back))
    return torch.cat(parts, -1).to(gates.dtype), states[:, -1]


def reversal(mask: Tensor) -> Tensor:
    """Index (B,S) that reverses each row's real tokens and leaves its padding: its own inverse."""
    position = torch.arange(mask.shape[1], device=mask.device)[None]  # (1,S)
    back = mask.sum(1, keepdim=True) - 1 - position  # (B,S)
    return torch.where(back >= 0, back, position)


def turn(x: Tensor, back: Tensor | None) -> Tensor:
    """(B,S,D) with the rows' real tokens reversed."""
    return x.flip(1) if back is None else x.gather(1, back[:, :, None].expand_as(x))
