"""Work that takes longer than a moment: a bar that shows how far it is, and a button that stops it.

A click on Stop interrupts the run between two slices. What was done so far is kept in the session, so
that "Go on" goes on.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator
from typing import Any

import streamlit as st

from pages.parts.cache import shelf
from pages.parts.work import slice_of_work
from s2s.locale import _

AT_ONCE = 0.4  # seconds in which work is done before anything is drawn: most is over by then


class Stopped(Exception):
    """Someone stopped this work."""


def worked(key: Hashable, begin: Callable[[], Iterator[Any]], doing: str, name: str) -> Any | None:
    """The last slice of a work, which holds its result; None: it was stopped, and the page says so.

    ``key``: everything that decides the result. ``begin``: slices, each with its ``share`` of the whole,
    1 in the last. ``name``: of the widgets.
    """
    try:
        return shelf().get(key, lambda: _done(key, begin, doing, name))
    except Stopped:
        share = st.session_state[f"{name}-work"]["share"]
        with st.container(horizontal=True, vertical_alignment="center"):
            st.button(
                _("Go on"),
                icon=":material/play_arrow:",
                key=f"{name}-on",
                on_click=_stop,
                args=(name, False),
            )
            st.caption(
                _("{doing}: stopped at {share:.0%}.").format(doing=doing, share=share),
                width="content",
            )
        return None


def _done(key: Hashable, begin: Callable[[], Iterator[Any]], doing: str, name: str) -> Any:
    """Slice by slice to the end. Whatever touches the page lets a click in."""
    held, place = f"{name}-work", st.empty()
    run = st.session_state.get(held)
    if run is None or run["of"] != key:
        run = {"of": key, "slices": begin(), "last": None, "share": 0.0, "stopped": False}
        run["lock"] = threading.Lock()
        st.session_state[held] = run
    if run["stopped"]:
        raise Stopped
    began, bar = time.monotonic(), None
    try:
        while _slice(run, long=bar is not None):
            if bar is not None:
                bar.progress(run["share"], f"{doing} …")
            elif time.monotonic() - began > AT_ONCE:
                with place.container(horizontal=True, vertical_alignment="center"):
                    st.button(
                        _("Stop"),
                        icon=":material/stop:",
                        key=f"{name}-stop",
                        on_click=_stop,
                        args=(name, True),
                    )
                    bar = st.progress(run["share"], f"{doing} …")
    except Exception:  # not a click, which is no Exception: that one goes on later
        st.session_state.pop(held, None)
        raise
    place.empty()
    st.session_state.pop(held, None)
    return run["last"]


def _slice(run: dict[str, Any], long: bool) -> bool:
    """One more slice; whether there was one. A run that a click overtook may still be at its last."""
    with run["lock"]:
        now = slice_of_work(lambda _tick: next(run["slices"], None), long)
        if now is None:
            return False
        run["last"], run["share"] = now, now.share
        return True


def _stop(name: str, stopped: bool) -> None:
    run = st.session_state.get(f"{name}-work")
    if run is not None:
        run["stopped"] = stopped
