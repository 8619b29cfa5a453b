"""Where a run computes, and how precisely."""

from __future__ import annotations

import torch
from accelerate import Accelerator  # type: ignore[import-untyped]

from s2s.config import TrainConfig
from s2s.errors import S2SError


def accelerator_of(c: TrainConfig) -> Accelerator:
    """Device and processes of a run. Raises S2SError if this machine lacks what the config names."""
    if c.device not in ("auto", "cpu", "cuda", "mps"):
        raise S2SError(f"train.device must be auto, cpu, cuda or mps, not {c.device!r}.")
    if c.precision not in ("auto", "bf16", "fp32"):
        raise S2SError(f"train.precision must be auto, bf16 or fp32, not {c.precision!r}.")
    if c.device == "cuda" and not torch.cuda.is_available():
        raise S2SError("train.device=cuda, but this machine has no CUDA device.")
    if c.device == "mps" and not torch.backends.mps.is_available():
        raise S2SError("train.device=mps, but this machine has no MPS device.")
    # without a word for the CPU, several processes would each train alone where nothing else is
    found = torch.cuda.is_available() or torch.backends.mps.is_available()
    on_cpu = c.device == "cpu" or (c.device == "auto" and not found)
    return Accelerator(mixed_precision="no", cpu=on_cpu)


def uses_bf16(c: TrainConfig, device: torch.device) -> bool:
    """Whether to run products in bfloat16."""
    if c.precision == "auto":
        fast = {"cpu": _cpu_has_bf16, "cuda": torch.cuda.is_bf16_supported}
        return fast.get(device.type, bool)()
    return c.precision == "bf16"


def _cpu_has_bf16() -> bool:
    """Whether bf16 products are fast here (AVX-512 BF16); elsewhere they are emulated, and slow."""
    known: dict[str, bool] = getattr(
        torch.cpu, "get_capabilities", dict
    )()  # torch before 2.12 has no such function
    return bool(known.get("avx512_bf16", False))
