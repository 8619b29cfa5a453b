"""Products with fixed weights, in the form that is fastest on a device.

- ``fp32``: full precision; on a CPU with oneDNN, weights laid out for it once
- ``bf16``: weights and inputs rounded to bfloat16
- ``int8``: weights rounded to 8 bits with one scale a row of the matrix (they cost no BLEU), inputs to 8
  bits with one scale a call, found anew each time; on CPUs alone
- ``auto``: int8 where a CPU multiplies it right, else fp32; on a GPU, where models of these sizes wait for their
  kernels and not for their products, bf16 was the slower one in each measurement
"""

from __future__ import annotations

import warnings
from functools import cache
from typing import Any, Literal, get_args

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2s.errors import S2SError

Precision = Literal["fp32", "bf16", "int8"]
PRECISIONS = (*get_args(Precision), "auto")


def choose(precision: str, device: str) -> Precision:
    """What ``precision`` is on ``device``. Raises S2SError if it is none, or the device can't."""
    kind = torch.device(device).type
    if precision not in PRECISIONS:
        raise S2SError(f"precision must be {', '.join(PRECISIONS)}, not {precision!r}.")
    if precision == "auto":
        return "int8" if kind == "cpu" and eight_bits() else "fp32"
    if precision == "int8" and (kind != "cpu" or not eight_bits()):
        place = "This CPU" if kind == "cpu" else f"A {kind} device"
        raise S2SError(f"{place} has no int8 products here; choose fp32, bf16 or auto.")
    return precision  # type: ignore[return-value]


class Product:
    """x (...,I) → x W' + b (...,O), with ``relu`` cut off below 0."""

    def __init__(self, w: Tensor, b: Tensor | None, precision: Precision, relu: bool = False):
        """w (O,I), b (O) or None."""
        w = w.detach().float()
        b = None if b is None else b.detach().float()
        self.eight = precision == "int8"
        if self.eight:
            ops = torch.ops.quantized
            found = (ops.linear_relu_dynamic if relu else ops.linear_dynamic).default
            # what it calls: its own look at the arguments takes longer than a small product
            self.multiply = getattr(found, "_op", found)
            self.w: Any = pack_int8(w, b)
            self.reduced = not vnni()
            return
        self.dtype = torch.bfloat16 if precision == "bf16" else torch.float32
        self.relu, self.packed = relu, w.device.type == "cpu" and one_dnn(self.dtype)
        self.b = None if b is None else b.to(self.dtype)
        self.w = w.to(self.dtype).contiguous()
        if self.packed:
            self.w = torch.ops.mkldnn._reorder_linear_weight(self.w, None)

    def __call__(self, x: Tensor) -> Tensor:
        if self.eight:
            return self.multiply(x, self.w, self.reduced)
        x = x.to(self.dtype)
        if self.packed:
            after = "relu" if self.relu else "none"
            y = torch.ops.mkldnn._linear_pointwise(x, self.w, self.b, after, [], "")
        else:
            y = F.linear(x, self.w, self.b)
            y = y.relu_() if self.relu else y
        return y.float()


def normalised(logits: Tensor) -> Tensor:
    """Logits (...,V) → log-probabilities, in their own place: the one pass over a vocabulary that a step makes."""
    return torch.log_softmax(logits, -1, out=logits)


def product(precision: Precision, *layers: nn.Linear, relu: bool = False) -> Product:
    """One product that gives what several linear layers give, side by side."""
    first = layers[0]
    bias = None if first.bias is None else torch.cat([layer.bias for layer in layers])
    return Product(torch.cat([layer.weight for layer in layers]), bias, precision, relu)


def pack_int8(w: Tensor, b: Tensor | None) -> object:
    """w (O,I) as 8-bit numbers with a scale a row, laid out for the CPU's products."""
    scale = w.abs().amax(1).clamp_min(1e-8).double() / 127  # (O)
    zero = torch.zeros_like(scale, dtype=torch.long)
    with warnings.catch_warnings():  # torch.ao moves house; the operators stay
        warnings.simplefilter("ignore")
        eight = torch.quantize_per_channel(w, scale, zero, 0, torch.qint8)
        return torch.ops.quantized.linear_prepack(eight, b)


@cache
def eight_bits() -> bool:
    """Whether this CPU's 8-bit products are there and right: tried on a small matrix."""
    if torch.backends.quantized.engine not in ("x86", "fbgemm"):
        return False
    noise = torch.Generator().manual_seed(0)
    w, x = (torch.randn(64, 64, generator=noise) for _ in range(2))
    try:
        y = torch.ops.quantized.linear_dynamic(x, pack_int8(w, None), not vnni())
    except (RuntimeError, NotImplementedError):
        return False
    return float((y - x @ w.t()).abs().max()) < 1.0  # values are about 8


@cache
def vnni() -> bool:
    """Whether the CPU adds 8-bit products up in 32 bits; others need inputs of 7 bits."""
    known = getattr(torch.cpu, "_is_vnni_supported", None)
    return bool(known and known())


@cache
def one_dnn(dtype: torch.dtype) -> bool:
    """Whether products with weights laid out for oneDNN are there: tried, since not every CPU has bf16's."""
    if not (
        torch.backends.mkldnn.is_available() and hasattr(torch.ops.mkldnn, "_reorder_linear_weight")
    ):
        return False
    try:
        torch.ops.mkldnn._reorder_linear_weight(torch.ones(16, 16, dtype=dtype), None)
    except RuntimeError:
        return False
    return True
