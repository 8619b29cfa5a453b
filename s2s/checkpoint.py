"""Self-describing checkpoint folders: save, load, list. No pickles.

config.json · model.safetensors (half precision or int8) · tokenizer.model · history.jsonl · metrics.json ·
README.md
"""

from __future__ import annotations

import hashlib
import json
import math
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load as load_tensors
from safetensors.torch import save_file
from torch import Tensor

from s2s.config import Config, from_dict, to_dict
from s2s.errors import S2SError
from s2s.migration import FORMAT, upgrade
from s2s.models import OPENED, build, make_options
from s2s.models.contract import Limits, Seq2Seq
from s2s.models.huggingface.defaults import config_of
from s2s.models.huggingface.folder import Folder, files, is_folder, open_folder
from s2s.models.huggingface.options import HuggingFaceConfig
from s2s.options import parse, shown
from s2s.tasks import TASKS
from s2s.tasks.base import Task, opened
from s2s.text.tokenizer import Tokenizer
from s2s.weights import Precision, pack, unpack

CONFIG, WEIGHTS, TOKENIZER, METRICS = (
    "config.json",
    "model.safetensors",
    "tokenizer.model",
    "metrics.json",
)


def shipped() -> Path:
    """Where checkpoints are looked for by name.

    The folder that ``S2S_CHECKPOINTS`` names; else the repository's, if the code runs from one; else
    (installed from a wheel) ``checkpoints`` in the working directory.
    """
    if root := os.environ.get("S2S_CHECKPOINTS"):
        return Path(root)
    repository = Path(__file__).resolve().parent.parent
    if (repository / "pyproject.toml").is_file():
        return repository / "checkpoints"
    return Path("checkpoints")


def where() -> str:
    """Where that is, for people who find nothing there."""
    return f"{shipped().resolve()} (S2S_CHECKPOINTS names another folder)"


@dataclass(frozen=True)
class Checkpoint:
    """A loaded model with everything needed to use it."""

    config: Config
    model: Seq2Seq
    tokenizer: Tokenizer
    folder: Path
    digest: str
    """First 12 hex digits of the SHA-256 of the weights file."""
    metrics: dict[str, Any]

    @property
    def parameters(self) -> int:
        return sum(p.numel() for p in self.model.parameters())

    @property
    def foreign(self) -> bool:
        """Whether it was trained elsewhere and is only opened here."""
        return self.config.architecture in OPENED

    @property
    def task(self) -> Task:
        """What it does, in its own way."""
        task = TASKS[self.config.task]
        return opened(task, self.config.model.get("prefix", "")) if self.foreign else task


def save(
    folder: Path,
    config: Config,
    weights: dict[str, Tensor],
    tokenizer: Tokenizer,
    precision: Precision = "half",
) -> None:
    """Write a checkpoint; each file appears whole or not at all. ``precision`` of its matrices."""
    folder.mkdir(parents=True, exist_ok=True)
    write_json(folder / CONFIG, {"format": FORMAT} | to_dict(config))
    temporary = folder / (TOKENIZER + ".new")
    temporary.write_bytes(tokenizer.model)
    temporary.replace(folder / TOKENIZER)
    temporary = folder / (WEIGHTS + ".new")
    save_file(pack(weights, precision), temporary, {"format": "pt", "precision": precision})
    temporary.replace(folder / WEIGHTS)


def load(name: str | Path, device: str = "cpu") -> Checkpoint:
    """Load a checkpoint folder, or a shipped one by name. Raises S2SError if it is broken."""
    folder = find(name)
    config = read_config(folder)
    if config.architecture in OPENED:
        return _open(folder, config, device)
    tokenizer = Tokenizer.load(folder / TOKENIZER)
    limits = Limits(config.data.max_src, config.data.max_tgt)
    model = build(config.architecture, tokenizer.vocabulary, config.model, limits)
    weights, digest = _read_weights(folder / WEIGHTS)
    try:
        model.load_state_dict(weights)
    except RuntimeError:
        raise S2SError(
            f"The weights in {folder} do not fit its config.json and tokenizer.model."
        ) from None
    if not all(bool(torch.isfinite(p).all()) for p in model.parameters()):
        raise S2SError(f"The weights in {folder} hold NaN or infinity.")
    metrics = read_metrics(folder)
    return Checkpoint(config, model.eval().to(device), tokenizer, folder, digest, metrics)


def _open(folder: Path, config: Config, device: str) -> Checkpoint:
    """A checkpoint that refers to another library's folder."""
    own: HuggingFaceConfig = make_options(config.architecture, config.model)
    there = Folder(folder / own.path)
    model, tokenizer = open_folder(there, own, device)
    return Checkpoint(config, model, tokenizer, folder, there.digest(own), read_metrics(folder))


def parts(folder: Path) -> list[Path]:
    """The files that decide what a checkpoint answers. Raises S2SError if a folder cannot be read."""
    if (folder / WEIGHTS).is_file() and (folder / TOKENIZER).is_file():
        return [folder / name for name in (CONFIG, WEIGHTS, TOKENIZER)]
    config = read_config(folder)
    if config.architecture not in OPENED:
        return [folder / CONFIG, folder / WEIGHTS]
    return [folder / CONFIG, *files(folder / config.model["path"])]


def _read_weights(path: Path) -> tuple[dict[str, Tensor], str]:
    """Weights of a file, and the beginning of its SHA-256.

    The file is read whole, not mapped: a map would end the process if somebody wrote over the file.
    """
    try:
        content = path.read_bytes()
        return unpack(load_tensors(content)), hashlib.sha256(content).hexdigest()[:12]
    except (OSError, SafetensorError, RuntimeError) as error:
        raise S2SError(f"The weights {path} cannot be read ({error}).") from None


def find(name: str | Path) -> Path:
    """Folder of a checkpoint given by path or by name. Raises S2SError if there is none."""
    for folder in (Path(name), shipped() / Path(name).name):
        try:
            if (folder / CONFIG).is_file():
                return folder
        except (
            OSError,
            ValueError,
        ):  # a name too long, with a NUL, or a folder that is closed to us
            continue
    known = ", ".join(p.name for p in available()) or f"none in {where()}"
    raise S2SError(f"There is no checkpoint {str(name)[:200]!r}; available: {known}.")


def available(root: Path | None = None) -> list[Path]:
    """Checkpoint folders below ``root`` (default: the shipped ones), by name; also closed ones."""
    root = root or shipped()
    try:
        return sorted(p for p in root.iterdir() if _looks_like_one(p))
    except OSError:
        return []


def _looks_like_one(folder: Path) -> bool:
    try:
        if not (folder / CONFIG).is_file():
            return False
        return (folder / WEIGHTS).is_file() or _refers(folder) or is_folder(folder)
    except OSError:  # closed to us: named, so that its reader can say so
        return True


def _refers(folder: Path) -> bool:
    """Whether a folder without weights says where they are."""
    try:
        found = _read_json(folder / CONFIG)
    except S2SError:
        return False
    return isinstance(found, dict) and found.get("architecture") in OPENED


def read_config(folder: Path) -> Config:
    """The folder's config.json, of any format; what a folder of the hub says, in our words. Raises
    S2SError if it is broken."""
    path = folder / CONFIG
    if is_folder(folder):
        return config_of(Folder(folder), ".")
    config = from_dict(Config, upgrade(_read_json(path), str(path)))
    check(config)
    return config


def check(config: Config) -> None:
    """Whether there is such a task and such a model with such options. Raises S2SError."""
    if config.task not in TASKS:
        raise S2SError(f"task must be {' or '.join(TASKS)}, not {shown(config.task)}.")
    make_options(config.architecture, config.model)


def read_metrics(folder: Path) -> dict[str, Any]:
    """The folder's metrics.json: named tests with numbers. Nothing if it has none or a broken one."""
    try:
        return _read_metrics(folder)
    except S2SError:
        return {}


def _read_metrics(folder: Path) -> dict[str, Any]:
    path = folder / METRICS
    if not path.exists():
        return {}
    found = _read_json(path)
    tests = found.get("tests", {}) if isinstance(found, dict) else None
    if not isinstance(tests, dict) or not all(isinstance(t, dict) for t in tests.values()):
        raise S2SError(f'{path} holds no scores: it must be {{"tests": {{name: scores}}}}.')
    return {**found, "tests": tests}


def score_of(metrics: dict[str, Any], name: str) -> float | None:
    """A score of the first test; None if there is none, or no number."""
    tests: dict[str, dict[str, Any]] = metrics.get("tests", {})
    score = next(iter(tests.values()), {}).get(name)
    if not isinstance(score, int | float) or isinstance(score, bool):
        return None
    try:
        return float(score) if math.isfinite(score) else None
    except OverflowError:  # a whole number that no float holds
        return None


@dataclass(frozen=True)
class Entry:
    """A checkpoint folder as a list shows it: readable, or with what is wrong with it."""

    folder: Path
    config: Config | None
    metrics: dict[str, Any]
    problem: str = ""


def survey(root: Path | None = None) -> list[Entry]:
    """Every checkpoint folder below ``root``. A broken one is an entry with a sentence, no error."""
    found = []
    for folder in available(root):
        config, metrics, problem = None, {}, ""
        try:
            config = read_config(folder)
            metrics = _read_metrics(folder)
        except (S2SError, OSError) as error:
            problem = str(error)
        found.append(Entry(folder, config, metrics, problem))
    return found


def _read_json(path: Path) -> Any:
    try:
        return parse(path.read_text(encoding="utf-8"), str(path))
    except (OSError, UnicodeDecodeError) as error:
        raise S2SError(f"{path} cannot be read ({error}).") from None


def write_json(path: Path, value: dict[str, Any]) -> None:
    """Write a JSON file whole or not at all."""
    temporary = path.with_name(path.name + ".new")
    temporary.write_text(json.dumps(value, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    temporary.replace(path)
