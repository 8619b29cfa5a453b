"""Weights as they stand in a file: half precision, or int8 with one scale a row.

Of an int8 tensor ``w`` the file holds ``round(w / scale)`` and, as ``w.scale``, a scale for each of its
rows: the largest weight of the row over 127. So no weight is further off than half a scale.
"""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

Precision = Literal["half", "int8"]
SCALE = ".scale"


def pack(weights: dict[str, Tensor], precision: Precision = "half") -> dict[str, Tensor]:
    """Weights → tensors for a file. Vectors stay in half precision, whatever ``precision``."""
    packed: dict[str, Tensor] = {}
    for name, weight in weights.items():
        weight = weight.detach().to("cpu", torch.float32)
        if precision == "int8" and weight.dim() > 1 and weight.numel():
            scale = weight.flatten(1).abs().amax(1) / 127  # (rows,)
            rows = _beside(scale, weight).clamp(min=torch.finfo(torch.float32).tiny)
            packed[name] = (weight / rows).round().to(torch.int8).contiguous()
            packed[name + SCALE] = scale
        else:
            packed[name] = weight.to(torch.float16).contiguous()
    return packed


def unpack(packed: dict[str, Tensor]) -> dict[str, Tensor]:
    """Tensors of a file → weights, float32."""
    weights: dict[str, Tensor] = {}
    for name, tensor in packed.items():
        scale = packed.get(name + SCALE)
        if tensor.dtype == torch.int8 and scale is not None:
            weights[name] = tensor.float() * _beside(scale.float(), tensor)
        elif not (name.endswith(SCALE) and _is_int8(packed.get(name.removesuffix(SCALE)))):
            weights[name] = tensor.float()
    return weights


def _beside(scale: Tensor, weight: Tensor) -> Tensor:
    """(rows,) → (rows,1,…), as many axes as the weight has."""
    return scale.view(-1, *(1,) * (weight.dim() - 1))


def _is_int8(tensor: Tensor | None) -> bool:
    return tensor is not None and tensor.dtype == torch.int8
