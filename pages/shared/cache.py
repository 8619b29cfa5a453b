"""Everything that is kept between reruns: models and results."""

from __future__ import annotations

import streamlit as st

from s2s.checkpoint import available, read_config, read_metrics
from s2s.config import SearchOptions, from_dict
from s2s.errors import S2SError
from s2s.pipeline import Pipeline
from s2s.tasks import TASKS
from s2s.trace import Result


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
def decode(name: str, text: str, options: tuple, prefix: str = "") -> Result:
    """One answer with its full trace. ``options``: items of SearchOptions, which key the cache."""
    chosen: SearchOptions = from_dict(SearchOptions, dict(options))
    return pipeline(name)(text, chosen, record=True, prefix=prefix)
