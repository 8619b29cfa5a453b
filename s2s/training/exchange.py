"""What several processes tell each other in a step: one flat vector of gradients and a few numbers."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, distributed, nn


def exchange(model: nn.Module, numbers: Sequence[Tensor | float]) -> list[Tensor]:
    """Sum gradients and ``numbers`` over all processes, in place and in one message.

    Since stopping, clock and losses travel with the gradients, all processes take the same decisions.
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    tail = torch.stack([torch.as_tensor(n, dtype=torch.float32) for n in numbers])  # (numbers)
    if not (distributed.is_initialized() and distributed.get_world_size() > 1):
        return list(tail)
    for p in parameters:
        if p.grad is None:
            p.grad = torch.zeros_like(p)
    gradients = [p.grad for p in parameters if p.grad is not None]
    flat = torch.cat([*(g.reshape(-1) for g in gradients), tail.to(gradients[0])])
    distributed.all_reduce(flat)
    *parts, tail = flat.split([*(g.numel() for g in gradients), len(numbers)])
    views = [part.view_as(g) for part, g in zip(parts, gradients, strict=True)]
    torch._foreach_copy_(gradients, views)
    return list(tail)
