"""Everything that is kept between reruns: models and results."""

from __future__ import annotations

import streamlit as st

from s2s.checkpoint import available, read_config, read_metrics
from s2s.config import SearchOptions, from_dict
from s2s.pipeline import Pipeline
from s2s.trace import Result


@st.cache_data(ttl=60)
def checkpoints(task: str) -> dict[str, dict]:
    """Name → title and metrics of every shipped checkpoint of a task, best score first."""
    found = {}
    for folder in available():
        config = read_config(folder)
        if config.task == task:
            found[folder.name] = {
                "title": config.title or folder.name,
                "metrics": read_metrics(folder),
            }
    return found


@st.cache_resource(max_entries=4, show_spinner="Loading the model …")
def pipeline(name: str) -> Pipeline:
    """A loaded model; shared by all sessions, never changed."""
    return Pipeline(name)


@st.cache_resource(max_entries=128, show_spinner=False)
def decode(name: str, text: str, options: tuple, prefix: str = "") -> Result:
    """One answer with its full trace. ``options``: items of SearchOptions, which key the cache."""
    chosen: SearchOptions = from_dict(SearchOptions, dict(options))
    return pipeline(name)(text, chosen, record=True, prefix=prefix)
