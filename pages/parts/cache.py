"""Everything that is kept between reruns and shared by all sessions: models and results.

Results are keyed by the digest of the weights, so that a checkpoint which is trained again under the
running app answers anew, and they are bounded in bytes, not in number.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from s2s.analysis.invariants import Check, check
from s2s.analysis.playback import Frame, play
from s2s.analysis.rerank import pool
from s2s.analysis.sweep import Sweep, search_widths, sweep
from s2s.analysis.what_if import from_text, retell
from s2s.checkpoint import available, find, parts, read_config, read_metrics
from s2s.config import RerankOptions, SearchOptions, from_dict, to_dict
from s2s.errors import S2SError
from s2s.pipeline import Pipeline
from s2s.search.forced import Forced, force
from s2s.tasks import TASKS
from s2s.text.source import Source
from s2s.trace import Hypothesis, Result, Sentence, Trace

MOST = 256 * 2**20  # bytes of results
MODELS = 4  # loaded at once
WORK = 100_000  # sentences x beam x length of one request: about 170 MB recorded, 4 s


class Shelf:
    """A cache bounded in bytes; what was not asked for longest goes first."""

    def __init__(self, most: int = MOST) -> None:
        self.most, self.held = most, 0
        self._items: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value of ``key``, made if it is not there. Two sessions may both make it."""
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
                return self._items[key][0]
        value = make()
        size = weigh(value)
        with self._lock:
            if key not in self._items and size <= self.most:
                self._items[key] = value, size
                self.held += size
            while self.held > self.most:
                self.held -= self._items.popitem(last=False)[1][1]
        return value


def weigh(value: Any) -> int:
    """About how many bytes a result holds: its arrays, and something for the rest."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, Result):
        return weigh(value.sentences)
    if isinstance(value, Sentence):
        return 2_000 + weigh(value.trace)
    if isinstance(value, (Trace, Hypothesis)) or hasattr(value, "__dataclass_fields__"):
        return 200 + sum(weigh(getattr(value, f.name)) for f in fields(value))
    if isinstance(value, (tuple, list)):
        return 56 + sum(map(weigh, value))
    return 64


@st.cache_resource(show_spinner=False)
def shelf() -> Shelf:
    """The one shelf of this server."""
    return Shelf()


# ------------------------------------------------------------------------------------------ models
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
            problems.append(f"{folder.name} is left out: {error}")
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


def cards() -> tuple[list[Card], list[str]]:
    """The catalogue as the folders are now."""
    return catalogue(tuple(map(stamp, available())))


_models: OrderedDict[tuple, Pipeline] = OrderedDict()
_loading = threading.Lock()


def pipeline(name: str) -> Pipeline:
    """A loaded model; shared by all sessions, never changed; loaded anew when its files change."""
    key = stamp(find(name))
    found = _models.get(key)
    if found is None:
        with st.spinner("Loading the model …"), _loading:
            found = _models.get(key) or Pipeline(name)
            _models[key] = found
            while len(_models) > MODELS:
                _models.popitem(last=False)
    return found


def digest(name: str) -> str:
    """Which weights a checkpoint has now."""
    return pipeline(name).checkpoint.digest


# ----------------------------------------------------------------------------------------- results
def key_of(options: SearchOptions) -> tuple:
    """Options as what results are keyed by."""
    return tuple(to_dict(options).items())


def decode(
    name: str,
    source: Source,
    options: SearchOptions,
    ranking: RerankOptions,
    prefix: str = "",
) -> Result:
    """One answer with its full trace. Raises S2SError."""
    p = pipeline(name)
    key = ("decode", p.checkpoint.digest, source, key_of(options), ranking.mutual, prefix)
    return shelf().get(
        key,
        lambda: p(source, options, record=True, prefix=prefix, rerank=ranking, most=WORK),
    )


def forced_sentence(name: str, source: Source, target: str, options: SearchOptions) -> Sentence:
    """The model made to write ``target``, as if it had found it. Raises S2SError."""
    p = pipeline(name)
    key = ("score", p.checkpoint.digest, source, target, key_of(options))
    return shelf().get(key, lambda: p.score(source, target, options))


def greedy_of(name: str, trace: Trace) -> Trace:
    """Greedy search over a trace's own source, never split anew, under its other options."""
    p = pipeline(name)
    key = ("greedy", p.checkpoint.digest, trace.source, trace.prefix, key_of(trace.options))
    return shelf().get(
        key,
        lambda: search_widths(
            p.checkpoint.model,
            trace.source,
            as_greedy(trace.options),
            (1,),
            prefix=trace.prefix,
            record=True,
        )[0][0],
    )


# ``key``: everything that decides a trace (Lab.key).
def film(key: tuple, trace: Trace) -> tuple[Frame, ...]:
    """Every step of a trace."""
    return shelf().get(("film", key), lambda: play(trace))


def outputs_of(key: tuple, trace: Trace) -> tuple[Hypothesis, ...]:
    """Every output that a search completed."""
    return shelf().get(("pool", key), lambda: pool(trace))


def widths(key: tuple, name: str, trace: Trace) -> Sweep:
    """Beam widths 1 to 16 for one source."""
    p = pipeline(name)
    return shelf().get(
        ("widths", key),
        lambda: sweep(
            p.checkpoint.model,
            trace.source,
            trace.options,
            prefix=trace.prefix,
        ),
    )


def force_through(key: tuple, name: str, target: tuple[int, ...], trace: Trace) -> Forced:
    """The model forced through a target. Raises S2SError."""
    p = pipeline(name)
    return shelf().get(
        ("forced", key, target),
        lambda: force(p.checkpoint.model, trace.source, target, trace.options),
    )


def edited(key: tuple, name: str, path: str, trace: Trace) -> list[Trace]:
    """The first output and what each edit of a path made of it. Raises S2SError."""
    p = pipeline(name)
    return shelf().get(
        ("edited", key, path),
        lambda: retell(
            p.checkpoint.model,
            trace.source,
            trace.options,
            from_text(path),
            prefix=trace.prefix,
        ),
    )


def checks(key: tuple, name: str, trace: Trace) -> list[Check]:
    """Every law on one trace."""
    p = pipeline(name)
    return shelf().get(
        ("checks", key),
        lambda: check(p.checkpoint.model, trace),
    )


def as_greedy(options: SearchOptions) -> SearchOptions:
    """The same options with a beam of one."""
    return changed(options, method="beam", beam=1, groups=1)


def changed(options: SearchOptions, **values: Any) -> SearchOptions:
    """Options with other values. Raises S2SError if they may not be."""
    return from_dict(SearchOptions, to_dict(options) | values)
