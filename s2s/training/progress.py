"""Where a training run stands, and whether it has a future."""

from __future__ import annotations

import math
import time
from collections import deque
from dataclasses import dataclass

import torch
from torch import Tensor

from s2s.config import TrainConfig
from s2s.errors import S2SError
from s2s.training.state import RunState


@dataclass(frozen=True)
class Progress:
    """Where a run stands. Losses in nats a token."""

    step: int
    steps: int
    epoch: int
    loss: float
    nll: float
    grad_norm: float
    lr: float
    tokens: int
    """Target tokens seen so far."""
    tokens_per_second: float
    seconds_left: float
    metric: float | None = None
    """The task's metric on validation sentences, greedy, when just measured."""
    best: float | None = None
    sample: tuple[str, str] | None = None
    """A validation source and what the model makes of it now."""
    note: str = ""


class Meter:
    """Means since the last report, speed, and the memory that divergence is judged by."""

    def __init__(self, done: float, vocabulary: int) -> None:
        self.start_done, self.start = done, time.monotonic()
        self.pending: list[tuple[Tensor, Tensor, Tensor]] = []
        self.window: list[tuple[float, float, float]] = []
        self.tokens = 0
        self.window_start = self.start
        self.recent: deque[float] = deque(maxlen=20)
        self.lowest = math.log(vocabulary)  # what knowing nothing costs

    def add(self, loss: Tensor, nll: Tensor, norm: Tensor, tokens: int) -> None:
        """Note a step. Nothing is read off the device yet: that would wait for it."""
        self.pending.append((loss, nll, norm))
        self.tokens += tokens

    def settle(self) -> None:
        """Read what the device has measured since the last time."""
        if self.pending:
            rows = torch.stack([torch.stack([v.float() for v in row]) for row in self.pending])
            for loss, nll, norm in rows.tolist():
                self.window.append((loss, nll, norm))
                self.recent.append(nll)
            self.pending = []

    def progress(
        self,
        state: RunState,
        c: TrainConfig,
        lr: float,
        metric: float | None,
        sample: tuple[str, str] | None,
        note: str,
    ) -> Progress:
        n, now = max(1, len(self.window)), time.monotonic()
        loss, nll, norm = (sum(w[i] for w in self.window) / n for i in range(3))
        speed = self.tokens / max(1e-9, now - self.window_start)
        done = max(1e-9, state.done(c) - self.start_done)
        left = (now - self.start) / done * (1 - state.done(c))
        self.lowest = min(self.lowest, nll)
        self.window, self.tokens, self.window_start = [], 0, now
        best = state.best if state.best >= 0 else None
        return Progress(
            state.step,
            c.steps,
            state.epoch,
            loss,
            nll,
            norm,
            lr,
            state.tokens,
            speed,
            left,
            metric,
            best,
            sample,
            note,
        )


def check_divergence(report: Meter, state: RunState, c: TrainConfig) -> None:
    """Stop a run that has no future, with a sentence that says what to change."""
    report.settle()
    if not report.window:
        return
    loss, _, norm = report.window[-1]
    advice = f"Lower train.lr (now {c.lr:g}), lengthen train.warmup, or set train.precision=fp32"
    if not math.isfinite(loss) or not math.isfinite(norm):
        raise S2SError(
            f"Step {state.step}: loss {loss:g}, gradient norm {norm:g}. {advice}; "
            f"--resume goes on from the last saved state."
        )
    mean = sum(report.recent) / len(report.recent)
    if len(report.recent) == report.recent.maxlen and mean > report.lowest + 2.5:
        raise S2SError(
            f"Step {state.step}: the loss diverges ({mean:.2f} nats a token, where "
            f"{report.lowest:.2f} was possible). {advice}."
        )
