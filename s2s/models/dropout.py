"""Dropout that costs little on a CPU."""

from __future__ import annotations

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Dropout(nn.Module):
    """Dropout (Srivastava et al. 2014). On the CPU the mask is a random slice of a drawn-once pool.

    Drawing fresh Bernoulli masks took 19 % of a Transformer's training step there; a slice at a
    random offset costs one small integer. The pool depends on nothing but the rate and the type, and the
    offset comes from torch's generator, so a resumed run sees the same masks.
    """

    pool_size = 1 << 24
    _pools: ClassVar[dict[tuple[float, torch.dtype], Tensor]] = {}

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return x
        if x.device.type != "cpu" or x.numel() > self.pool_size // 2:
            return F.dropout(x, self.rate, training=True)
        key = (self.rate, x.dtype)
        if key not in self._pools:
            generator = torch.Generator().manual_seed(0)
            keep = torch.empty(self.pool_size).bernoulli_(1 - self.rate, generator=generator)
            self._pools[key] = keep.div_(1 - self.rate).to(x.dtype)
        offset = int(torch.randint(self.pool_size - x.numel(), ()))
        return x * self._pools[key][offset : offset + x.numel()].view(x.shape)
