"""The code of this project that computes what a lesson shows, from the very source that runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from s2s.locale import _

ROOT = Path(__file__).resolve().parent.parent.parent


def source_of(function: Callable) -> tuple[str, int, str]:
    """File and line of a function or class in the repository, and what stands there."""
    function = inspect.unwrap(function)  # without torch's decorators
    lines, first = inspect.getsourcelines(function)
    place = Path(inspect.getsourcefile(function) or "").resolve().relative_to(ROOT)
    return place.as_posix(), first, inspect.cleandoc("\n" + "".join(lines))


def show_code(*functions: Callable) -> None:
    """Each function or class folded away under its place in the repository."""
    for function in functions:
        file, first, code = source_of(function)
        with st.expander(
            _("The code that computes it: `{name}` in {file}, line {line}").format(
                name=function.__qualname__, file=file.replace("_", r"\_"), line=first
            ),
            icon=":material/code:",
        ):
            st.code(code, language="python")
