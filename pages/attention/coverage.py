"""Panel: what each source word received over the whole output."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.attention.pair import target_box, words_of
from pages.lab.context import Lab
from pages.parts.chart import chart, downloads
from pages.parts.looks import alignment_of
from pages.parts.picture import word
from pages.parts.text import plain
from pages.parts.words import NO_ATTENTION
from s2s.analysis.attention import merge_words
from s2s.analysis.coverage import USUAL, Range, received
from s2s.figures.bars import coverage as figure_of
from s2s.locale import _, later, translated

MEANS = {
    "little": later("little: perhaps left out"),
    "much": later("much: perhaps said twice, or by several words"),
    "usual": later("as usual"),
}


def coverage_panel(lab: Lab) -> None:
    """A bar a word, between what is little and what is much."""
    st.markdown(
        _(
            "A source word that nothing looked at may be **left out**; one that much looked at may be "
            "**said twice**. An alarm is a reason to read again, not a verdict."
        )
    )
    sentence = target_box(lab)
    alpha = sentence.best.alpha()
    if alpha is None:
        st.info(translated(NO_ATTENTION))
        return
    known = alignment_of(lab.name).get("coverage")
    usual = Range(known["low"], known["high"]) if known else USUAL
    got = received(merge_words(alpha, *words_of(sentence)))
    names = [word(w) for w, _, _ in sentence.src_words[:-1]]
    judged = [usual.judge(v) for v in got]
    alarms = {
        "little": _("**Little attention**: {words}"),
        "much": _("**Much attention**: {words}"),
    }
    for kind, said in alarms.items():
        found = [plain(n) for n, j in zip(names, judged, strict=True) if j == kind]
        if found:
            st.markdown(said.format(words=", ".join(found)))
    if "little" not in judged and "much" not in judged:
        st.markdown(_("Every word received about what words usually receive."))
    figure = figure_of(names, got, judged, (usual.low, usual.high))
    key = f"coverage-{lab.id}-{hash(sentence.best.tokens) & 0xFFFFFFFF:x}"
    chart(figure, key, "coverage", alt=_("Attention that each source word received"))
    if known:
        st.caption(_measured(known, usual))
    else:
        said = _("Bounds {low} and {high}: not measured for this model, taken by rule of thumb.")
        st.caption(said.format(low=usual.low, high=usual.high))
    table = pd.DataFrame(
        {
            later("source"): names,
            later("received"): got,
            later("means"): [MEANS[j] for j in judged],
        }
    )
    title, formats = _("Attention received"), {"received": "%.3f"}
    downloads(figure, table, key, "coverage", title, formats, ["means"])


def _measured(known: dict[str, Any], usual: Range) -> str:
    """Where the bounds come from, and how often alarms were true."""
    said = _(
        "Bounds: what nine of ten words receive while references are written, {low:.2f} to {high:.2f}."
    ).format(low=usual.low, high=usual.high)
    for kind, rate, idle in (
        (
            "little",
            _(
                " Of other pairs that people linked, an alarm “little” was true for {true:.0%} of {n} "
                "words, to which no word was linked (by chance {chance:.0%})."
            ),
            _(" So here “little” says no more than chance."),
        ),
        (
            "much",
            _(
                " Of other pairs that people linked, an alarm “much” was true for {true:.0%} of {n} "
                "words, to which two or more were linked (by chance {chance:.0%})."
            ),
            _(" So here “much” says no more than chance."),
        ),
    ):
        true, chance = known[kind]["true"], known[kind]["by_chance"]
        if true is not None:
            said += rate.format(true=true, n=known[kind]["alarms"], chance=chance)
        if (true or 0) <= chance:
            said += idle
    return said
