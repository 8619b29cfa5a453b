"""Self-describing checkpoint folders: save, load, list. No pickles.

config.json · model.safetensors (half precision) · tokenizer.model · history.jsonl · metrics.json ·
README.md
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors import SafetensorError
from safetensors.torch import load_file, save_file
from torch import Tensor

from s2s.config import Config, from_dict, to_dict
from s2s.errors import S2SError
from s2s.models import build
from s2s.models.contract import Limits, Seq2Seq
from s2s.text.tokenizer import Tokenizer

CONFIG, WEIGHTS, TOKENIZER, METRICS = (
    "config.json",
    "model.safetensors",
    "tokenizer.model",
    "metrics.json",
)


def shipped() -> Path:
    """The repository's checkpoint folder; S2S_CHECKPOINTS names another."""
    root = os.environ.get("S2S_CHECKPOINTS")
    return Path(root) if root else Path(__file__).resolve().parent.parent / "checkpoints"


@dataclass(frozen=True)
class Checkpoint:
    """A loaded model with everything needed to use it."""

    config: Config
    model: Seq2Seq
    tokenizer: Tokenizer
    folder: Path
    digest: str
    """First 12 hex digits of the SHA-256 of the weights file."""
    metrics: dict

    @property
    def parameters(self) -> int:
        return sum(p.numel() for p in self.model.parameters())


def save(folder: Path, config: Config, weights: dict[str, Tensor], tokenizer: Tokenizer) -> None:
    """Write a checkpoint; each file appears whole or not at all."""
    folder.mkdir(parents=True, exist_ok=True)
    half = {k: v.detach().to("cpu", torch.float16).contiguous() for k, v in weights.items()}
    write_json(folder / CONFIG, to_dict(config))
    (folder / TOKENIZER).write_bytes(tokenizer.model)
    temporary = folder / (WEIGHTS + ".new")
    save_file(half, temporary)
    temporary.replace(folder / WEIGHTS)


def load(name: str | Path, device: str = "cpu") -> Checkpoint:
    """Load a checkpoint folder, or a shipped one by name. Raises S2SError if it is broken."""
    folder = find(name)
    config = read_config(folder)
    tokenizer = Tokenizer.load(folder / TOKENIZER)
    limits = Limits(config.data.max_src, config.data.max_tgt)
    model = build(config.architecture, tokenizer.vocabulary, config.model, limits)
    path = folder / WEIGHTS
    try:
        weights = load_file(path)
        digest = hashlib.sha256(path.read_bytes()).hexdigest()[:12]
    except (OSError, SafetensorError) as error:
        raise S2SError(f"The weights {path} cannot be read ({error}).") from None
    try:
        model.load_state_dict({k: v.float() for k, v in weights.items()})
    except RuntimeError:
        raise S2SError(
            f"The weights in {folder} do not fit its config.json and tokenizer.model."
        ) from None
    if not all(bool(torch.isfinite(p).all()) for p in model.parameters()):
        raise S2SError(f"The weights in {folder} hold NaN or infinity.")
    return Checkpoint(
        config, model.eval().to(device), tokenizer, folder, digest, read_metrics(folder)
    )


def find(name: str | Path) -> Path:
    """Folder of a checkpoint given by path or by name. Raises S2SError if there is none."""
    for folder in (Path(name), shipped() / Path(name).name):
        try:
            if (folder / CONFIG).is_file():
                return folder
        except (OSError, ValueError):  # a name too long, or with a NUL
            continue
    known = ", ".join(p.name for p in available()) or "none"
    raise S2SError(f"There is no checkpoint {str(name)[:200]!r}; available: {known}.")


def available(root: Path | None = None) -> list[Path]:
    """Checkpoint folders below ``root`` (default: the shipped ones), by name."""
    root = root or shipped()
    if not root.is_dir():
        return []
    return sorted(p for p in root.iterdir() if (p / CONFIG).is_file() and (p / WEIGHTS).is_file())


def read_config(folder: Path) -> Config:
    """The folder's config.json. Raises S2SError if it is broken."""
    path = folder / CONFIG
    try:
        return from_dict(Config, migrate(json.loads(path.read_text(encoding="utf-8"))))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise S2SError(f"{path} cannot be read ({error}).") from None


def migrate(values: dict) -> dict:
    """An older config.json as it would be written today."""
    search = values.get("search") if isinstance(values, dict) else None
    if isinstance(search, dict) and "mutual" in search:  # re-ranking was an option of the search
        search = dict(search)
        values = values | {"rerank": {"mutual": search.pop("mutual")}, "search": search}
    return values


def read_metrics(folder: Path) -> dict:
    """The folder's metrics.json, or nothing if it has none or a broken one."""
    try:
        return json.loads((folder / METRICS).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError):
        return {}


def write_json(path: Path, value: dict) -> None:
    """Write a JSON file whole or not at all."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    temporary.replace(path)
