"""The checkpoints that can be chosen, as their folders are now."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from functools import lru_cache

from pages.parts.toys import own_folders
from s2s.checkpoint import available, find, parts, read_config, read_metrics
from s2s.config import Config
from s2s.errors import S2SError
from s2s.locale import later
from s2s.tasks import TASKS
from s2s.text.remarks import Remark


@dataclass(frozen=True)
class Card:
    """One checkpoint as people choose it; ``name`` is what state and addresses hold."""

    name: str
    title: str
    task: str
    languages: tuple[str, str]
    attends: bool
    score: float
    """Of the task's own metric on its first test set; -1: none was written down."""
    metric: str


@lru_cache(maxsize=4)
def catalogue(stamps: tuple) -> tuple[list[Card], list[str]]:
    """Every checkpoint, the best of the largest group first; and what is wrong with others."""
    found, problems = [], []
    for folder in available():
        try:
            found.append(_card(folder))
        except (S2SError, OSError, AttributeError, TypeError, ValueError, RecursionError) as error:
            values = {"name": folder.name, "error": str(error)}
            problems.append(Remark(later("{name} is left out: {error}"), values=values))
    groups: dict[tuple, int] = {}
    for card in found:
        group = (card.task, card.languages)
        groups[group] = groups.get(group, 0) + 1
    found.sort(
        key=lambda c: (-groups[c.task, c.languages], c.languages, not c.attends, -c.score, c.name)
    )
    return found, problems


def _card(folder) -> Card:
    config = read_config(folder)
    if config.task not in TASKS:
        raise S2SError(f"there is no task {config.task!r}")
    task = TASKS[config.task]
    tests = read_metrics(folder).get("tests") or {}
    score = next(iter(tests.values()), {}).get(task.metric)
    return Card(
        folder.name,
        config.title or folder.name,
        config.task,
        (config.src_language, config.tgt_language),
        config.model.get("attention") != "none",
        float(score) if isinstance(score, (int, float)) else -1.0,
        task.metric,
    )


def stamp(folder) -> tuple:
    """Changes when any file of a checkpoint does."""
    try:
        stats = [path.stat() for path in parts(folder)]
    except (OSError, S2SError):
        return (str(folder),)
    return (str(folder), *((s.st_mtime_ns, s.st_size) for s in stats))


@lru_cache(maxsize=64)
def _config(key: tuple, name: str) -> Config:
    return read_config(find(name))


def config_of(name: str) -> Config:
    """A checkpoint's config, without its weights. Raises S2SError."""
    return _config(stamp(find(name)), name)


def cards() -> tuple[list[Card], list[str]]:
    """The catalogue as the folders are now."""
    return catalogue(tuple(map(stamp, available())))


def every_card() -> tuple[list[Card], list[str]]:
    """The catalogue, and behind it what this visitor has trained on the Train page."""
    found, problems = cards()
    own = []
    for name, folder in own_folders().items():
        with suppress(S2SError):  # gone, or not whole yet
            own.append(replace(_card(folder), name=name))
    return [*found, *own], problems
