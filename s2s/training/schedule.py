"""The learning rate by step."""

from __future__ import annotations

import math

from s2s.config import TrainConfig


def learning_rate(step: int, done: float, c: TrainConfig) -> float:
    """Linear warm-up, then a cosine down to ``final_lr`` of the peak (Loshchilov and Hutter 2017).

    done: share of the run that lies behind it, by steps or by the clock.
    """
    if step < c.warmup:
        return c.lr * (step + 1) / c.warmup
    warm = 0.0 if c.minutes else min(0.999, c.warmup / c.steps)
    way = (done - warm) / (1 - warm)
    return c.lr * (c.final_lr + (1 - c.final_lr) * 0.5 * (1 + math.cos(math.pi * min(1.0, way))))
