"""The judged rows as a table that can be sorted, opened row by row, and taken away."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from pages.parts import address, state
from pages.parts.cache import Card
from pages.parts.chart import csv
from pages.parts.text import plain
from s2s.analysis.batch import Judged, Row, as_jsonl, ordered, summary
from s2s.tasks.base import Task

ORDERS = {
    "score": "Least sure",
    "chrf": "Farthest from the reference",
    "gap": "Beam over greedy",
    "least": "Least attended word",
    "warnings": "Warnings",
    "row": "As listed",
}
TITLES = {"translate": "Translate", "dialogue": "Dialogue", "summarize": "Summarize"}


def show_table(card: Card, task: Task, judged: Sequence[Judged], rows: Sequence[Row]) -> None:
    """Order, table, what a chosen row can be opened in, downloads."""
    st.markdown(_said(judged))
    by = _order(any(j.reference for j in judged), any(j.received is not None for j in judged))
    shown = ordered(judged, by)
    table = table_of(shown)
    key = f"batch-table-{by}-{len(judged)}-{hash(rows) & 0xFFFFFFFF:x}"
    picked = st.dataframe(
        table,
        key=key,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        alt="The rows of the list with their outputs and what may be wrong with them",
        column_config=_columns(),
        placeholder="–",
        height=min(430, 38 + 35 * len(table)),
    )
    chosen = picked.selection.rows
    if chosen and chosen[0] < len(shown):
        _open(card, task, shown[chosen[0]], rows)
    else:
        st.caption("Tick a row to open it in the labs.")
    with st.container(horizontal=True):
        st.download_button(
            "Results (TSV)",
            lambda: csv(table, "\t"),
            "batch.tsv",
            "text/tab-separated-values",
            on_click="ignore",
        )
        st.download_button(
            "Results (JSONL)",
            lambda: as_jsonl(shown),
            "batch.jsonl",
            "application/jsonl",
            on_click="ignore",
        )


def _said(judged: Sequence[Judged]) -> str:
    """The list as a whole, in one line."""
    s = summary(judged)
    rows = "1 row" if s.rows == 1 else f"{s.rows} rows"
    parts = [f"**{rows}**"]
    if s.chrf is not None:
        parts.append(f"**chrF {s.chrf:.1f}** over {s.references} with a reference")
    parts.append(f"greedy search says something else for {s.differing}")
    parts.append(f"{s.warned} with a warning")
    return " · ".join(parts)


def _order(references: bool, attends: bool) -> str:
    """What the rows are sorted by, of what is known."""
    known = [
        code for code in ORDERS if (code != "chrf" or references) and (code != "least" or attends)
    ]
    now = state.kept().order if state.kept().order in known else known[0]
    st.segmented_control(
        "First",
        known,
        default=now,
        required=True,
        format_func=ORDERS.get,
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
            "warnings": ["; ".join(w["text"] for w in j.warnings) for j in judged],
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
        "row": number(width="small"),
        "source": text(width="medium"),
        "output": text(width="medium"),
        "score": number(
            format="%.3f",
            width="small",
            help="What outputs are ranked by, usually log-probability per token; of several sentences the "
            "lowest.",
        ),
        "chrF": number(
            format="%.1f", width="small", help="Agreement with the reference, 0 to 100."
        ),
        "beam over greedy": number(
            format="%.3f",
            help="By how much the output's score beats that of greedy search. 0: the same output. Below 0: "
            "greedy search found a better one.",
        ),
        "least attended": text(help="The source word that the output looked at least."),
        "received": number(
            format="%.2f", help="What that word received; 1 is one output word's whole attention."
        ),
        "greedy": text(help="What greedy search says, where it is something else."),
    }


def _open(card: Card, task: Task, chosen: Judged, rows: Sequence[Row]) -> None:
    """The ways on for one row: its address on other pages."""
    source = next(row.source for row in rows if row.number == chosen.number)
    options = state.kept().options.get(task.name, {})
    st.markdown(f"**Row {chosen.number}** {plain(chosen.output)}")
    pages = {task.page: TITLES.get(task.page, task.page), "beam_lab": "Beam lab"}
    with st.container(horizontal=True):
        for page, title in (pages | {"attention_lab": "Attention lab"}).items():
            st.page_link(
                f"pages/{page}.py",
                label=f"Open in {title}",
                icon=":material/open_in_new:",
                query_params=address.link(
                    card.name, options, "" if page == "translate" else page, source
                ),
            )
    if not state.short(source.text):
        st.caption("This row is too long for an address: copy it from the list.")
