"""The judged rows as a table that can be sorted, opened row by row, and taken away."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.parts import address, state
from pages.parts.cache import Card
from pages.parts.chart import csv
from pages.parts.text import plain
from pages.parts.words import all_of
from s2s.analysis.batch import Judged, Row, as_jsonl, ordered, summary
from s2s.locale import _, later, plural, translated
from s2s.tasks.base import Task
from s2s.text.remarks import shown

ORDERS = {
    "score": later("Least sure"),
    "chrf": later("Farthest from the reference"),
    "gap": later("Beam over greedy"),
    "least": later("Least attended word"),
    "warnings": later("Warnings"),
    "row": later("As listed"),
}
OPEN = {
    "translate": later("Open in Translate"),
    "dialogue": later("Open in Dialogue"),
    "summarize": later("Open in Summarize"),
    "beam_lab": later("Open in Beam lab"),
    "attention_lab": later("Open in Attention lab"),
}


def show_table(card: Card, task: Task, judged: Sequence[Judged], rows: Sequence[Row]) -> None:
    """Order, table, what a chosen row can be opened in, downloads."""
    st.markdown(_said(judged))
    by = _order(any(j.reference for j in judged), any(j.received is not None for j in judged))
    found = ordered(judged, by)
    table = table_of(found)
    key = f"batch-table-{by}-{len(judged)}-{hash(rows) & 0xFFFFFFFF:x}"
    picked = st.dataframe(
        table,
        key=key,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        alt=_("The rows of the list with their outputs and what may be wrong with them"),
        column_config=_columns(),
        placeholder="–",
        height=min(430, 38 + 35 * len(table)),
    )
    chosen = picked.selection.rows
    if chosen and chosen[0] < len(found):
        _open(card, task, found[chosen[0]], rows)
    else:
        st.caption(_("Tick a row to open it in the labs."))
    with st.container(horizontal=True):
        st.download_button(
            _("Results (TSV)"),
            lambda: csv(table, "\t"),
            "batch.tsv",
            "text/tab-separated-values",
            on_click="ignore",
        )
        st.download_button(
            _("Results (JSONL)"),
            lambda: as_jsonl(found),
            "batch.jsonl",
            "application/jsonl",
            on_click="ignore",
        )


def _said(judged: Sequence[Judged]) -> str:
    """The list as a whole, in one line."""
    s = summary(judged)
    parts = [plural("**{n} row**", "**{n} rows**", s.rows).format(n=s.rows)]
    if s.chrf is not None:
        said = _("**chrF {score:.1f}** over {n} with a reference")
        parts.append(said.format(score=s.chrf, n=s.references))
    parts.append(_("greedy search says something else for {n}").format(n=s.differing))
    parts.append(_("{n} with a warning").format(n=s.warned))
    return " · ".join(parts)


def _order(references: bool, attends: bool) -> str:
    """What the rows are sorted by, of what is known."""
    known = [
        code for code in ORDERS if (code != "chrf" or references) and (code != "least" or attends)
    ]
    now = state.kept().order if state.kept().order in known else known[0]
    st.segmented_control(
        _("First"),
        known,
        default=now,
        required=True,
        format_func=all_of(ORDERS).get,
        **state.widget("order"),
    )
    return now


def table_of(judged: Sequence[Judged]) -> pd.DataFrame:
    """One line a row; columns that hold nothing are left out."""
    table = pd.DataFrame(
        {
            "row": [j.number for j in judged],
            "source": [j.source.replace("\t", " | ") for j in judged],
            "output": [j.output for j in judged],
            "score": [j.score for j in judged],
            "chrF": [j.chrf for j in judged],
            "beam over greedy": [j.gap for j in judged],
            "least attended": [j.word for j in judged],
            "received": [j.received for j in judged],
            "warnings": ["; ".join(map(shown, j.warnings)) for j in judged],
            "greedy": [j.greedy for j in judged],
            "reference": [j.reference for j in judged],
        }
    )
    full = [c for c in table if any(v not in ("", None) and v == v for v in table[c])]
    return table[full]


def _columns() -> dict:
    """How the columns are drawn."""
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    return {
        "row": number(_("row"), width="small"),
        "source": text(_("source"), width="medium"),
        "output": text(_("output"), width="medium"),
        "score": number(
            _("score"),
            format="%.3f",
            width="small",
            help=_(
                "What outputs are ranked by, usually log-probability per token; of several sentences "
                "the lowest."
            ),
        ),
        "chrF": number(
            format="%.1f", width="small", help=_("Agreement with the reference, 0 to 100.")
        ),
        "beam over greedy": number(
            _("beam over greedy"),
            format="%.3f",
            help=_(
                "By how much the output's score beats that of greedy search. 0: the same output. "
                "Below 0: greedy search found a better one."
            ),
        ),
        "least attended": text(
            _("least attended"), help=_("The source word that the output looked at least.")
        ),
        "received": number(
            _("received"),
            format="%.2f",
            help=_("What that word received; 1 is one output word's whole attention."),
        ),
        "warnings": text(_("warnings")),
        "greedy": text(_("greedy"), help=_("What greedy search says, where it is something else.")),
        "reference": text(_("reference")),
    }


def _open(card: Card, task: Task, chosen: Judged, rows: Sequence[Row]) -> None:
    """The ways on for one row: its address on other pages."""
    source = next(row.source for row in rows if row.number == chosen.number)
    options = state.kept().options.get(task.name, {})
    said = _("**Row {n}** {output}")
    st.markdown(said.format(n=chosen.number, output=plain(chosen.output)))
    with st.container(horizontal=True):
        own = [page or "translate" for page, name in address.TASK.items() if name == task.name]
        for page in (*own[:1], "beam_lab", "attention_lab"):
            st.page_link(
                f"pages/{page}.py",
                label=translated(OPEN[page]),
                icon=":material/open_in_new:",
                query_params=address.link(
                    card.name, options, "" if page == "translate" else page, source
                ),
            )
    if not state.short(source.text):
        st.caption(_("This row is too long for an address: copy it from the list."))
