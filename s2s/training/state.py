"""Everything that a training run needs to go on after a kill, in one file."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save_file
from torch import Tensor

from s2s.config import Config, TrainConfig, to_dict
from s2s.errors import S2SError
from s2s.models.contract import Seq2Seq


class RunState:
    """Everything that a run needs to go on: weights, their average, Adam's moments, counters."""

    counters = ("step", "epoch", "in_epoch", "tokens", "best", "stale", "seconds")

    def __init__(self, model: Seq2Seq, optimizer: torch.optim.Optimizer, data: str) -> None:
        """data: the digest of the corpus that the run learns from."""
        self.model, self.optimizer, self.data = model, optimizer, data
        self.step = self.epoch = self.in_epoch = self.tokens = self.stale = 0
        self.best, self.seconds = -1.0, 0.0
        self.average = {k: v.detach().clone() for k, v in model.state_dict().items()}

    def done(self, c: TrainConfig, step: int | None = None) -> float:
        """How much of the run lies behind it at ``step`` (None: now), 0 to 1."""
        by_clock = self.seconds / (60 * c.minutes) if c.minutes else 0.0
        return min(1.0, max((self.step if step is None else step) / c.steps, by_clock))

    def advance(self, decay: float, tokens: int) -> None:
        """Count a step and move the running average (a shorter memory at the beginning)."""
        self.step, self.in_epoch, self.tokens = (
            self.step + 1,
            self.in_epoch + 1,
            self.tokens + tokens,
        )
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
        """Note a validation; true if it is the best so far."""
        better = metric >= self.best  # of equals the one that has learned longer
        self.best, self.stale = (metric, 0) if better else (self.best, self.stale + 1)
        return better

    def save(self, path: Path, config: Config) -> None:
        tensors = {f"model.{k}": v for k, v in self.model.state_dict().items()}
        tensors |= {f"average.{k}": v for k, v in self.average.items()}
        for name, p in self.model.named_parameters():
            for key, value in self.optimizer.state[p].items():
                tensors[f"optimizer.{key}.{name}"] = value
        counters = {name: getattr(self, name) for name in self.counters}
        temporary = path.with_name(path.name + ".new")
        meta = {
            "counters": json.dumps(counters),
            "config": json.dumps(to_dict(config)),
            "data": self.data,
        }
        save_file({k: v.detach().cpu().clone() for k, v in tensors.items()}, temporary, meta)
        temporary.replace(path)

    def load(self, path: Path, config: Config) -> None:
        """Raises S2SError if the state is missing, broken or of another run."""
        try:
            with safe_open(path, "pt") as file:
                meta = file.metadata()
                tensors = {k: file.get_tensor(k) for k in file.keys()}  # noqa: SIM118
        except (OSError, SafetensorError) as error:
            raise S2SError(f"There is no run to resume in {path.parent} ({error}).") from None
        # another schedule may go on from here (more steps, say); other data or another model may not
        before, now = json.loads(meta["config"]), to_dict(config)
        if any(before.get(k) != now[k] for k in ("task", "architecture", "model", "data")):
            raise S2SError(
                f"The run in {path.parent} was started with other model or data options."
            )
        if meta.get("data", self.data) != self.data:
            raise S2SError(
                f"The data of the run in {path.parent} have changed since; it cannot go on where it was."
            )
        for name, value in json.loads(meta["counters"]).items():
            setattr(self, name, value)
        self.model.load_state_dict(_part(tensors, "model."))
        for k, v in _part(tensors, "average.").items():
            self.average[k].copy_(v)
        moments = _part(tensors, "optimizer.")
        for name, p in self.model.named_parameters():
            for key in ("step", "exp_avg", "exp_avg_sq"):
                if f"{key}.{name}" in moments:
                    self.optimizer.state[p][key] = moments[f"{key}.{name}"].to(p.device)


def _part(tensors: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
