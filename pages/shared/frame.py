"""What every task page begins and ends with: model and options, the answer, its speed."""

from __future__ import annotations

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from pages.shared.cache import checkpoints, decode, pipeline
from pages.shared.inspector import key_of
from pages.shared.options import rerank_options, search_options
from s2s.config import RerankOptions, SearchOptions
from s2s.errors import S2SError
from s2s.figures.text import answer
from s2s.tasks.base import Task
from s2s.text.source import Source
from s2s.trace import Result


def models_of(task: Task) -> dict[str, str]:
    """Name → title of the task's checkpoints; what is wrong with others is said. May end the page."""
    framed()
    models, problems = checkpoints(task.name)
    for problem in problems:
        st.warning(problem)
    if not models:
        st.error(
            f"There is no checkpoint for {task.name}. Train one: `python -m s2s train RECIPE`."
        )
        st.stop()
    return models


def framed() -> None:
    """Let app.py run first, also if a page's own address is what a fresh server is asked for.

    Streamlit takes a folder ``pages/`` for its older kind of navigation until ``st.navigation`` has
    run once, and would show the page without its frame.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.rerun()


def sidebar(
    models: dict[str, str], help_: str, prefix: str = ""
) -> tuple[str, SearchOptions, RerankOptions]:
    """Model, search options and ranking, in the sidebar. A broken checkpoint ends the page with a sentence.

    ``prefix`` of widget keys: each task has its own defaults, so pages do not share their options.
    """
    key = prefix + "model"
    if st.session_state.get(key) not in models:  # the Beam lab may have chosen another task's
        st.session_state.pop(key, None)
    with st.sidebar:
        name = st.selectbox(
            "Model",
            list(models),
            format_func=models.get,
            key=key,
            bind="query-params",
            help=help_,
        )
        try:
            model = pipeline(name)
            options = search_options(model.config.search, prefix)
            ranking = rerank_options(model.config, prefix)
        except S2SError as error:
            st.error(str(error))
            st.stop()
    return name, options, ranking


def run(
    name: str,
    source: Source,
    options: SearchOptions,
    prefix: str = "",
    doing: str = "",
    rerank: RerankOptions | None = None,
) -> Result:
    """Decode with a spinner; an error is shown and ends the page, with everything typed in place."""
    try:
        with st.spinner(doing or "Decoding …", show_time=True):
            result = decode(name, source, key_of(options), prefix, rerank)
    except S2SError as error:
        st.error(str(error))
        st.stop()
    return result


def show_answer(result: Result, title: str, unit: str = "sentence") -> None:
    """The answer in large type, then model and speed, then warnings."""
    with st.container(border=True):
        st.html(answer(result.text))
        speed = result.tokens / max(result.seconds, 1e-9)
        n = len(result.sentences)
        st.caption(
            f"{title} · {result.seconds * 1000:.0f} ms · {n} {unit}{'s' * (n > 1)} · "
            f"{speed:,.0f} tokens a second"
        )
    for warning in result.warnings:
        st.warning(warning)
