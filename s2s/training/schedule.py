"""The learning rate by step."""

from __future__ import annotations

import math

from s2s.config import TrainConfig


def learning_rate(step: int, c: TrainConfig) -> float:
    """Linear warm-up, then a cosine down to ``final_lr`` of the peak (Loshchilov and Hutter 2017)."""
    if step < c.warmup:
        return c.lr * (step + 1) / c.warmup
    done = (step - c.warmup) / max(1, c.steps - c.warmup)
    return c.lr * (c.final_lr + (1 - c.final_lr) * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))
