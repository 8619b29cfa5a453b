"""Where a list comes from: pasted, from a file, or an example."""

from __future__ import annotations

import streamlit as st

from pages.parts import state
from pages.parts.document import decoded
from pages.parts.text import fail, warn
from pages.parts.words import TOO_LONG
from s2s.analysis.batch import Rows, read
from s2s.tasks.base import Task

MOST = 500  # rows
LONGEST = 200_000  # characters of a list


def list_pane(task: Task) -> None:
    """The list and what its columns are."""
    k = state.kept()
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="head"
    ):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.markdown("**List**", width="content")
            with st.popover("From a file", icon=":material/upload_file:", type="tertiary"):
                _file()
            st.button(
                "Example list",
                icon=":material/lightbulb:",
                type="tertiary",
                on_click=state.reseed,
                kwargs={"rows": "\n".join(example.line() for example in task.examples)},
            )
            _references(task)
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.caption("Ctrl+Enter", width="content")
            st.button("Read", type="primary", icon=":material/table_rows:")
    st.text_area(
        "One row a line; a reference behind a tab",
        k.rows,
        height=146,
        placeholder="One row a line. A reference, if you have one, behind a tab.",
        label_visibility="collapsed",
        **state.widget("rows"),
    )
    if not state.short(k.rows):
        st.caption(TOO_LONG.replace("text", "list"))


def _references(task: Task) -> None:
    """Turns of a conversation are columns too, so the last may or may not be a reference."""
    key = f"last.{state.kept().epoch}"

    def keep() -> None:
        state.put(last=int(st.session_state[key]))

    turns = "turns of a conversation" if task.keeps == "last" else "part of the source"
    st.toggle(
        "The last column is a reference",
        bool(state.kept().last),
        key=key,
        on_change=keep,
        help=f"Columns are separated by tabs. Off: all columns are {turns}.",
    )


def rows_of(task: Task) -> Rows:
    """The list as rows; what is left out of it is said."""
    k = state.kept()
    found = read(k.rows[:LONGEST], task.parse, bool(k.last), MOST)
    if len(k.rows) > LONGEST:
        warn(f"{len(k.rows):,} characters: the first {LONGEST:,} are read here, the rest is not.")
    if found.left_out:
        warn(
            f"The list has {len(found.rows) + found.left_out:,} rows; the first {MOST} are read here. "
            "The command line takes any number: s2s generate."
        )
    return found


def _file() -> None:
    st.file_uploader(
        "A .tsv or .txt file",
        type=["tsv", "txt"],
        key="list-file",
        on_change=_take_file,
        max_upload_size=1,
    )
    if problem := st.session_state.get("list-problem"):
        fail(problem)


def _take_file() -> None:
    file = st.session_state["list-file"]
    st.session_state["list-problem"] = ""
    if file is None:
        return
    try:
        state.reseed(rows=decoded(file.getvalue()))
    except ValueError as error:
        st.session_state["list-problem"] = str(error)
