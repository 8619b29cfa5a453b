"""What a search ended with, closed until asked for."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from pages.parts import state
from pages.parts.chart import csv
from s2s.locale import _, later, translated
from s2s.trace import Sentence

SCORE = later("Log-probability, made fair to long outputs: what the search ranks by.")


def candidates(sentence: Sentence, key: str) -> None:
    """The table; a click on a row opens that candidate in the picture above."""
    found = sentence.hypotheses
    fold = st.expander(
        _("All candidates ({n})").format(n=len(found)), key="candidates", on_change="rerun"
    )
    if not fold.open:
        return
    rows = f"candidates-{key}"

    def from_table() -> None:
        picked = st.session_state[rows].selection.rows
        state.put(candidate=picked[0] if picked else 0)

    table = candidate_table(sentence)
    with fold:
        st.caption(_("Click a row to see its attention and steps above."))
        st.dataframe(
            table,
            key=rows,
            hide_index=True,
            on_select=from_table,
            selection_mode="single-row",
            alt=_("Candidates with scores"),
            column_order=["score", "candidate"]
            + [c for c in table if c not in ("score", "candidate")],
            column_config=columns(sentence.alone is not None),
        )
        st.download_button(
            _("Candidates (CSV)"), csv(table), "candidates.csv", "text/csv", on_click="ignore"
        )


def candidate_table(sentence: Sentence) -> pd.DataFrame:
    """One row a hypothesis, best first."""
    found = sentence.hypotheses
    best = max(h.total for h in found)
    share = [math.exp(h.total - best) for h in found]
    table = pd.DataFrame(
        {
            "candidate": [t or _("(the empty sentence)") for t in sentence.outputs],
            "score": [h.score for h in found],
            "log-probability": [h.total for h in found],
            "tokens": [len(h.tokens) for h in found],
            "share": [s / sum(share) for s in share],
        }
    )
    if sentence.alone is not None:
        table.insert(3, "by itself", list(sentence.alone))
    if any(n is not None for n in sentence.same_as):
        table["same text"] = [
            "" if n is None else _("as {n}").format(n=n + 1) for n in sentence.same_as
        ]
    if not all(h.finished for h in found):
        table["ended"] = [_("yes") if h.finished else _("cut at the limit") for h in found]
    return table


def columns(mutual: bool) -> dict:
    """How the table's columns are drawn."""
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    return {
        "candidate": text(_("candidate"), width="large"),
        "score": number(_("score"), format="%.3f", width="small", help=translated(SCORE)),
        "log-probability": number(
            _("log-probability"), format="%.3f", help=_("Raw sum over the tokens, in nats.")
        ),
        "tokens": number(_("tokens"), help=_("Length, the end included.")),
        "same text": text(_("same text")),
        "ended": text(_("ended")),
        "share": st.column_config.ProgressColumn(
            _("probability"),
            format="percent",
            min_value=0.0,
            max_value=1.0,
            help=_("This candidate's share of the probability of all candidates here."),
        ),
    } | (
        {
            "by itself": number(
                _("by itself"),
                format="%.3f",
                help=_(
                    "Log-probability without the source. Ranking by mutual information takes a share "
                    "of it off: what is probable after everything says little."
                ),
            )
        }
        if mutual
        else {}
    )


def candidate_note(sentence: Sentence, n: int) -> None:
    """Says that the picture is of another candidate than the answer, and leads back."""
    if n == 0:
        return
    from pages.parts.text import plain

    with st.container(horizontal=True, vertical_alignment="center"):
        said = _("Candidate {n}: **{text}**")
        st.markdown(said.format(n=n + 1, text=plain(sentence.outputs[n])))
        st.button(_("Back to the answer"), on_click=lambda: state.put(candidate=0), type="tertiary")
