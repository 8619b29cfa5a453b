"""Where a list comes from: pasted, from a file, or an example."""

from __future__ import annotations

import streamlit as st

from pages.parts import state
from pages.parts.document import decoded
from pages.parts.text import fail, warn
from s2s.analysis.batch import Rows, read
from s2s.locale import _
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
            st.markdown(_("**List**"), width="content")
            with st.popover(_("From a file"), icon=":material/upload_file:", type="tertiary"):
                _file()
            st.button(
                _("Example list"),
                icon=":material/lightbulb:",
                type="tertiary",
                on_click=state.reseed,
                kwargs={"rows": "\n".join(example.line() for example in task.examples)},
            )
            _references(task)
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.caption("Ctrl+Enter", width="content")
            st.button(_("Read"), type="primary", icon=":material/table_rows:")
    st.text_area(
        _("One row a line; a reference behind a tab"),
        k.rows,
        height=146,
        placeholder=_("One row a line. A reference, if you have one, behind a tab."),
        label_visibility="collapsed",
        **state.widget("rows"),
    )
    if not state.short(k.rows):
        st.caption(
            _(
                "This list is too long for an address: a link to this page carries the settings, not "
                "the list."
            )
        )


def _references(task: Task) -> None:
    """Turns of a conversation are columns too, so the last may or may not be a reference."""
    key = f"last.{state.kept().epoch}"

    def keep() -> None:
        state.put(last=int(st.session_state[key]))

    if task.keeps == "last":
        said = _("Columns are separated by tabs. Off: all columns are turns of a conversation.")
    else:
        said = _("Columns are separated by tabs. Off: all columns are part of the source.")
    st.toggle(
        _("The last column is a reference"),
        bool(state.kept().last),
        key=key,
        on_change=keep,
        help=said,
    )


def rows_of(task: Task) -> Rows:
    """The list as rows; what is left out of it is said."""
    k = state.kept()
    found = read(k.rows[:LONGEST], task.parse, bool(k.last), MOST)
    if len(k.rows) > LONGEST:
        said = _("{n:,} characters: the first {most:,} are read here, the rest is not.")
        warn(said.format(n=len(k.rows), most=LONGEST))
    if found.left_out:
        warn(
            _(
                "The list has {n:,} rows; the first {most} are read here. "
                "The command line takes any number: s2s generate."
            ).format(n=len(found.rows) + found.left_out, most=MOST)
        )
    return found


def _file() -> None:
    st.file_uploader(
        _("A .tsv or .txt file"),
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
