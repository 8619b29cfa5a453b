"""Batch: a whole list through one model, and the rows that want a look first."""

import streamlit as st

from pages.parts import state
from pages.parts.begin import end
from pages.parts.frame import framed
from pages.parts.lab_models import lab_sidebar
from pages.parts.text import tell
from pages.rows.run import batch_run
from pages.rows.source import MOST, list_pane, rows_of
from pages.rows.table import show_table
from s2s.analysis.batch import Judged
from s2s.locale import _

framed()
k = state.kept()
card, model, options = lab_sidebar(prefix=False)
list_pane(model.task)


@st.fragment
def table(judged: list[Judged]) -> None:
    """The rows judged so far."""
    show_table(card, model.task, judged, found.rows)
    end("batch")


if k.rows.strip():
    found = rows_of(model.task)
    if found.rows:
        batch_run(model, options, found.rows, table)
    else:
        tell(_("There is no row in this list."))
else:
    st.markdown(
        _(
            "Put up to {most} lines through a model and see **which of them want a look**: those it was "
            "least sure of, those that left a word unattended, those where greedy search says "
            "something else, those far from your reference."
        ).format(most=MOST)
    )
