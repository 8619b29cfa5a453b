"""Panel: the same sentence at every beam width."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts import state
from pages.parts.cache import widths
from pages.parts.chart import chart, downloads
from pages.parts.text import plain
from s2s.figures.curves import by_width
from s2s.metrics import sentence_chrf


def sweep_panel(lab: Lab) -> None:
    """Score, length and outputs by beam width, and the widths at which more made it worse."""
    st.markdown(
        "A wider beam looks at more hypotheses, so it should never do worse: it often does, because "
        "it finds sentences that the model scores well and people do not, or prunes what a narrow beam "
        "had kept."
    )
    reference = state.kept().reference
    st.text_input(
        "Reference, if you have one (adds chrF), then Enter",
        reference,
        max_chars=2000,
        **state.widget("reference"),
    )
    if lab.sampled:
        st.info("Sampling has no beam: the sweep searches with beams and the same other options.")
    with st.spinner("Searching at 16 widths …"):
        found = widths(lab.key, lab.name, lab.trace)
    texts = [lab.words(w.best.tokens) for w in found.widths]
    distinct = "one output" if found.outputs == 1 else f"**{found.outputs} different outputs**"
    worse = [w.width for w in found.widths if w.worse]
    st.markdown(
        f"Widths 1 to {found.widths[-1].width} give {distinct}. "
        + (
            f"More beam made the score **worse** at width{'s' * (len(worse) > 1)} "
            f"{', '.join(map(str, worse))}."
            if worse
            else "At no width did more beam make the score worse."
        )
    )
    table = pd.DataFrame(
        {
            "beam": [w.width for w in found.widths],
            "output": texts,
            "which": [chr(ord("A") + w.output) for w in found.widths],
            "score": [w.best.score for w in found.widths],
            "log-probability": [w.best.total for w in found.widths],
            "tokens": [len(w.best.tokens) for w in found.widths],
            "worse by": [w.worse or None for w in found.widths],
        }
    )
    if reference.strip():
        table["chrF"] = [sentence_chrf(t, [reference]) for t in texts]
        _chrf(table)
    figure = by_width(table["beam"], table["score"], [bool(w.worse) for w in found.widths], texts)
    chart(figure, f"sweep-{lab.id}", "beam-widths", alt="Score of the best output by beam width")
    _draw(table)
    for name, rows in table.groupby("which"):
        beams = ", ".join(map(str, rows["beam"]))
        st.markdown(f"**{name}** (beam {beams}): {plain(rows['output'].iloc[0])}")
    st.caption(
        f"Sixteen searches of their own, for a narrow beam is not the top of a wide one; but of the "
        f"{found.asked:,} prefixes they asked for, {found.computed:,} were different, and only those "
        "went through the model."
    )
    downloads(figure, table, f"sweep-{lab.id}", "beam-widths", lab.sentence.source.text)


def _draw(table: pd.DataFrame) -> None:
    """A row a width."""
    st.dataframe(
        table,
        hide_index=True,
        alt="Best output by beam width",
        height="content",
        column_order=[
            "beam",
            "which",
            "score",
            "worse by",
            "chrF",
            "log-probability",
            "tokens",
            "output",
        ],
        column_config={
            "output": st.column_config.TextColumn(width="medium"),
            "which": st.column_config.TextColumn(help="Equal letters are equal outputs."),
            "score": st.column_config.NumberColumn(format="%.4f"),
            "log-probability": st.column_config.NumberColumn(format="%.3f"),
            "worse by": st.column_config.NumberColumn(
                format="%.4f", help="Below the best score of a narrower beam."
            ),
            "chrF": st.column_config.NumberColumn(format="%.1f"),
        },
    )


def _chrf(table: pd.DataFrame) -> None:
    """Whether a wider beam came nearer to the reference."""
    best = table["chrF"].max()
    row = table[table["chrF"] == best].iloc[0]
    first, last = table["chrF"].iloc[0], table["chrF"].iloc[-1]
    st.markdown(
        f"Nearest to the reference (chrF {best:.1f}) is width {row['beam']}: "
        f"“{plain(row['output'])}”. Greedy has {first:.1f}, the widest beam {last:.1f}."
    )
