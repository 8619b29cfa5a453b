"""Everything that is kept between reruns: models and results."""

from __future__ import annotations

import streamlit as st

from s2s.analysis.invariants import Check, check
from s2s.analysis.playback import Frame, play
from s2s.analysis.rerank import pool
from s2s.analysis.sweep import Sweep, sweep
from s2s.analysis.what_if import from_text, retell
from s2s.checkpoint import available, read_config, read_metrics
from s2s.config import RerankOptions, SearchOptions, from_dict
from s2s.errors import S2SError
from s2s.pipeline import Pipeline
from s2s.search.forced import Forced, force
from s2s.tasks import TASKS
from s2s.text.source import Source
from s2s.trace import Hypothesis, Result, Trace


@st.cache_data(ttl=60)
def checkpoints(task: str) -> tuple[dict[str, str], list[str]]:
    """Name → title of every checkpoint of a task, best score first; and what is wrong with others."""
    found, problems = [], []
    for folder in available():
        try:
            config = read_config(folder)
        except S2SError as error:
            problems.append(str(error))
            continue
        if config.task == task:
            tests = read_metrics(folder).get("tests", {})
            score = next(iter(tests.values()), {}).get(TASKS[task].metric, -1)
            found.append((-score, folder.name, config.title or folder.name))
    return {name: title for _, name, title in sorted(found)}, problems


@st.cache_resource(max_entries=4, show_spinner="Loading the model …")
def pipeline(name: str) -> Pipeline:
    """A loaded model; shared by all sessions, never changed."""
    return Pipeline(name)


@st.cache_resource(max_entries=128, show_spinner=False)
def decode(
    name: str,
    source: Source,
    options: tuple,
    prefix: str = "",
    rerank: RerankOptions | None = None,
) -> Result:
    """One answer with its full trace. ``options``: items of SearchOptions, which key the cache."""
    chosen: SearchOptions = from_dict(SearchOptions, dict(options))
    return pipeline(name)(source, chosen, record=True, prefix=prefix, rerank=rerank)


# ------------------------------------------------------------------------------ the Beam lab's panels
# ``key``: everything that decides a trace (Lab.key); arguments with an underscore do not key the cache.
@st.cache_resource(max_entries=32, show_spinner=False)
def film(key: tuple, _trace: Trace) -> tuple[Frame, ...]:
    """Every step of a trace."""
    return play(_trace)


@st.cache_resource(max_entries=32, show_spinner=False)
def outputs_of(key: tuple, _trace: Trace) -> tuple[Hypothesis, ...]:
    """Every output that a search completed."""
    return pool(_trace)


@st.cache_resource(max_entries=32, show_spinner="Searching at 16 widths …")
def widths(key: tuple, name: str, _trace: Trace) -> Sweep:
    """Beam widths 1 to 16 for one source."""
    p = pipeline(name)
    return sweep(
        p.checkpoint.model,
        _trace.source,
        _trace.options,
        prefix=_trace.prefix,
    )


@st.cache_resource(max_entries=64, show_spinner="Reading your sentence …")
def force_through(key: tuple, name: str, target: tuple[int, ...], _trace: Trace) -> Forced:
    """The model forced through a target. Raises S2SError."""
    return force(pipeline(name).checkpoint.model, _trace.source, target, _trace.options)


@st.cache_resource(max_entries=64, show_spinner="Going on from there …")
def edited(key: tuple, name: str, path: str, _trace: Trace) -> list[Trace]:
    """The first output and what each edit of a path made of it. Raises S2SError."""
    p = pipeline(name)
    return retell(
        p.checkpoint.model,
        _trace.source,
        _trace.options,
        from_text(path),
        prefix=_trace.prefix,
    )


@st.cache_resource(max_entries=32, show_spinner="Checking …")
def checks(key: tuple, name: str, _trace: Trace) -> list[Check]:
    """Every law on one trace."""
    p = pipeline(name)
    return check(p.checkpoint.model, _trace)
