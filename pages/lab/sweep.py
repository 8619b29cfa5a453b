"""Panel: the same sentence at every beam width."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts import state
from pages.parts.cache import widths
from pages.parts.chart import chart, downloads
from pages.parts.columns import draw
from pages.parts.text import plain
from s2s.analysis.sweep import Sweep
from s2s.figures.curves import by_width
from s2s.locale import _, later, plural
from s2s.metrics import sentence_chrf


def sweep_panel(lab: Lab) -> None:
    """Score, length and outputs by beam width, and the widths at which more made it worse."""
    st.markdown(
        _(
            "A wider beam looks at more hypotheses, so it should never do worse: it often does, because "
            "it finds sentences that the model scores well and people do not, or prunes what a narrow "
            "beam had kept."
        )
    )
    reference = state.kept().reference
    st.text_input(
        _("Reference, if you have one (adds chrF), then Enter"),
        reference,
        max_chars=2000,
        **state.widget("reference"),
    )
    if lab.sampled:
        st.info(
            _("Sampling has no beam: the sweep searches with beams and the same other options.")
        )
    with st.spinner(_("Searching at 16 widths …")):
        found = widths(lab.key, lab.name, lab.trace)
    texts = [lab.words(w.best.tokens) for w in found.widths]
    st.markdown(_verdict(found))
    table = pd.DataFrame(
        {
            later("beam"): [w.width for w in found.widths],
            later("output"): texts,
            later("which"): [chr(ord("A") + w.output) for w in found.widths],
            later("score"): [w.best.score for w in found.widths],
            later("log-probability"): [w.best.total for w in found.widths],
            later("tokens"): [len(w.best.tokens) for w in found.widths],
            later("worse by"): [w.worse or None for w in found.widths],
        }
    )
    if reference.strip():
        table["chrF"] = [sentence_chrf(t, [reference]) for t in texts]
        _chrf(table)
    figure = by_width(table["beam"], table["score"], [bool(w.worse) for w in found.widths], texts)
    chart(figure, f"sweep-{lab.id}", "beam-widths", alt=_("Score of the best output by beam width"))
    _draw(table)
    for name, rows in table.groupby("which"):
        beams = ", ".join(map(str, rows["beam"]))
        said = _("**{name}** (beam {beams}): {output}")
        st.markdown(said.format(name=name, beams=beams, output=plain(rows["output"].iloc[0])))
    said = _(
        "Sixteen searches of their own, for a narrow beam is not the top of a wide one; but of the "
        "{asked:,} prefixes they asked for, {computed:,} were different, and only those went through the "
        "model."
    )
    st.caption(said.format(asked=found.asked, computed=found.computed))
    downloads(figure, table, f"sweep-{lab.id}", "beam-widths", lab.sentence.source.text)


def _verdict(found: Sweep) -> str:
    """How many outputs there are, and where more beam made it worse."""
    said = plural(
        "Widths 1 to {last} give one output.",
        "Widths 1 to {last} give **{n} different outputs**.",
        found.outputs,
    ).format(last=found.widths[-1].width, n=found.outputs)
    worse = [w.width for w in found.widths if w.worse]
    if not worse:
        return said + _(" At no width did more beam make the score worse.")
    return said + plural(
        " More beam made the score **worse** at width {widths}.",
        " More beam made the score **worse** at widths {widths}.",
        len(worse),
    ).format(widths=", ".join(map(str, worse)))


def _draw(table: pd.DataFrame) -> None:
    """A row a width."""
    number, text = st.column_config.NumberColumn, st.column_config.TextColumn
    draw(
        table,
        _("Best output by beam width"),
        {
            "beam": number(_("beam width")),
            "output": text(width="medium"),
            "which": text(help=_("Equal letters are equal outputs.")),
            "score": "%.4f",
            "log-probability": "%.3f",
            "worse by": number(format="%.4f", help=_("Below the best score of a narrower beam.")),
            "chrF": "%.1f",
        },
        height="content",
        column_order=[
            *("beam", "which", "score", "worse by"),
            *("chrF", "log-probability", "tokens", "output"),
        ],
    )


def _chrf(table: pd.DataFrame) -> None:
    """Whether a wider beam came nearer to the reference."""
    best = table["chrF"].max()
    row = table[table["chrF"] == best].iloc[0]
    first, last = table["chrF"].iloc[0], table["chrF"].iloc[-1]
    said = _(
        "Nearest to the reference (chrF {best:.1f}) is width {width}: “{output}”. Greedy has {first:.1f}, "
        "the widest beam {last:.1f}."
    )
    output = plain(row["output"])
    st.markdown(said.format(best=best, width=row["beam"], output=output, first=first, last=last))
