"""Everything that a training run needs to go on after a kill, in one file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from s2s.config import Config, TrainConfig, to_dict
from s2s.errors import S2SError
from s2s.models.contract import Seq2Seq
from s2s.text.tokenizer import Tokenizer

COUNTERS = ("step", "epoch", "in_epoch", "finishing", "tokens", "best", "stale", "seconds")


@dataclass(frozen=True)
class Saved:
    """A state as it lies in a file."""

    counters: dict[str, float]
    config: dict[str, Any]
    data: str
    """Digest of the corpus that the run learns from."""
    tensors: dict[str, Tensor]
    tokenizer: Tokenizer | None

    def ended(self, c: TrainConfig) -> str:
        """Why a run under ``c`` has nothing left to do; empty: it has."""
        step, stale = int(self.counters["step"]), self.counters["stale"]
        if share_done(c, step, self.counters["seconds"]) >= 1:
            return f"{step} of {c.steps} steps" + (f", {c.minutes:g} minutes" if c.minutes else "")
        return f"no better validation in {stale}" if c.patience and stale >= c.patience else ""

    def check(self, config: Config, anyway: bool = False) -> None:
        """Another schedule may go on from here (more steps, say), another model may not; other data
        only ``anyway``. Raises S2SError.
        """
        now = to_dict(config)
        fixed = ("task", "architecture", "model", *(() if anyway else ("data",)))
        if any(self.config.get(k) != now[k] for k in fixed):
            raise S2SError("The run was started with other model or data options.")


def read_state(path: Path) -> Saved:
    """Raises S2SError if the state is missing or broken."""
    try:
        with safe_open(path, "pt") as file:
            meta = file.metadata() or {}
            tensors = {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118
        counters, config = json.loads(meta["counters"]), json.loads(meta["config"])
        known = {name: counters.get(name, 0) for name in COUNTERS}
        if not all(type(value) in (int, float) for value in known.values()):
            raise ValueError("a counter is no number")
        model = tensors.pop("tokenizer", None)
        tokenizer = None if model is None else Tokenizer(model.numpy().tobytes())
        return Saved(known, dict(config), meta.get("data", ""), tensors, tokenizer)
    except FileNotFoundError:
        raise S2SError(f"There is no run to resume in {path.parent}.") from None
    except KeyError as error:
        raise S2SError(f"The state {path} is broken: it lacks {error}.") from None
    except (OSError, SafetensorError, ValueError, TypeError, AttributeError) as error:
        raise S2SError(f"The state {path} is broken ({error}).") from None


def share_done(c: TrainConfig, step: int, seconds: float) -> float:
    """How much of a run lies behind it, 0 to 1: by steps, or by the clock where that is further."""
    by_clock = seconds / (60 * c.minutes) if c.minutes else 0.0
    return min(1.0, max(step / c.steps, by_clock))


class RunState:
    """Everything that a run needs to go on: weights, their average, Adam's moments, counters."""

    def __init__(
        self, model: Seq2Seq, optimizer: torch.optim.Optimizer, data: str, tokenizer: Tokenizer
    ) -> None:
        """data: the digest of the corpus that the run learns from."""
        self.model, self.optimizer, self.data, self.tokenizer = model, optimizer, data, tokenizer
        self.step = self.epoch = self.in_epoch = self.tokens = self.stale = 0
        self.finishing = 0
        """Whether this epoch belongs to the last part of the training."""
        self.best, self.seconds = -1.0, 0.0
        self.average = {k: v.detach().clone() for k, v in model.state_dict().items()}

    def done(self, c: TrainConfig, step: int | None = None) -> float:
        """How much of the run lies behind it at ``step`` (None: now), 0 to 1."""
        return share_done(c, self.step if step is None else step, self.seconds)

    def advance(self, decay: float, tokens: int) -> None:
        """Count a step and move the running average (a shorter memory at the beginning)."""
        self.step += 1
        self.in_epoch += 1
        self.tokens += tokens
        decay = min(decay, (1 + self.step) / (10 + self.step))
        now = self.model.state_dict()
        torch._foreach_lerp_(list(self.average.values()), [now[k] for k in self.average], 1 - decay)

    @contextmanager
    def averaged(self) -> Iterator[None]:
        """The model with averaged weights, for as long as the block lasts."""
        current = {k: v.detach().clone() for k, v in self.model.state_dict().items()}
        self.model.load_state_dict(self.average)
        self.model.eval()
        try:
            yield
        finally:
            self.model.load_state_dict(current)
            self.model.train()

    def record(self, metric: float) -> bool:
        """Note a validation; true if none was better: of equals the one that has learned longer stays.

        At 0 a model has not begun to know anything, so patience does not count yet.
        """
        good = metric >= self.best
        self.stale = 0 if metric > self.best or metric == self.best == 0 else self.stale + 1
        self.best = max(metric, self.best)
        return good

    def save(self, path: Path, config: Config) -> None:
        """Write everything; the file appears whole or not at all."""
        tensors = {f"model.{k}": v for k, v in self.model.state_dict().items()}
        tensors |= {f"average.{k}": v for k, v in self.average.items()}
        for name, p in self.model.named_parameters():
            for key, value in self.optimizer.state[p].items():
                tensors[f"optimizer.{key}.{name}"] = value
        tensors["tokenizer"] = torch.frombuffer(bytearray(self.tokenizer.model), dtype=torch.uint8)
        counters = {name: getattr(self, name) for name in COUNTERS}
        temporary = path.with_name(path.name + ".new")
        meta = {
            "counters": json.dumps(counters),
            "config": json.dumps(to_dict(config)),
            "data": self.data,
        }
        try:
            save_file({k: v.detach().cpu().clone() for k, v in tensors.items()}, temporary, meta)
        except BaseException:
            if temporary.is_file():
                temporary.unlink()
            raise
        temporary.replace(path)

    def load(self, saved: Saved) -> None:
        """Go on from ``saved``, with a new epoch if the data are others. Raises S2SError if it is broken."""
        for name, value in saved.counters.items():
            setattr(self, name, value)
        if self.data != saved.data:
            self.epoch, self.in_epoch = self.epoch + 1, 0
        try:
            self.model.load_state_dict(_part(saved.tensors, "model."))
            for k, v in _part(saved.tensors, "average.").items():
                self.average[k].copy_(v)
            moments = _part(saved.tensors, "optimizer.")
            for name, p in self.model.named_parameters():
                for key in ("step", "exp_avg", "exp_avg_sq"):
                    if f"{key}.{name}" in moments:
                        self.optimizer.state[p][key] = moments[f"{key}.{name}"].to(p.device)
        except (RuntimeError, KeyError):
            raise S2SError("The state of the run does not fit its config and its data.") from None


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
