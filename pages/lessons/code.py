"""The code of this project that computes what a lesson shows, from the very source that runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from s2s.locale import _

ROOT = Path(__file__).resolve().parent.parent.parent


def show_code(*functions: Callable) -> None:
    """Each function or class folded away under its place in the repository."""
    for function in map(inspect.unwrap, functions):
        lines, first = inspect.getsourcelines(function)
        place = Path(inspect.getsourcefile(function) or "").resolve().relative_to(ROOT)
        with st.expander(
            _("The code that computes it: `{name}` in {file}, line {line}").format(
                name=function.__qualname__, file=str(place).replace("_", r"\_"), line=first
            ),
            icon=":material/code:",
        ):
            st.code(inspect.cleandoc("\n" + "".join(lines)), language="python")
