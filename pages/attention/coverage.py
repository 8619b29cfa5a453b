"""Panel: what each source word received over the whole output."""

from __future__ import annotations

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

MEANS = {
    "little": "little: perhaps left out",
    "much": "much: perhaps said twice, or by several words",
    "usual": "as usual",
}


def coverage_panel(lab: Lab) -> None:
    """A bar a word, between what is little and what is much."""
    st.markdown(
        "A source word that nothing looked at may be **left out**; one that much looked at may be "
        "**said twice**. An alarm is a reason to read again, not a verdict."
    )
    sentence = target_box(lab)
    alpha = sentence.best.alpha()
    if alpha is None:
        st.info(NO_ATTENTION)
        return
    known = alignment_of(lab.name).get("coverage")
    usual = Range(known["low"], known["high"]) if known else USUAL
    got = received(merge_words(alpha, *words_of(sentence)))
    names = [word(w) for w, _, _ in sentence.src_words[:-1]]
    judged = [usual.judge(v) for v in got]
    for kind, said in (("little", "little attention"), ("much", "much attention")):
        found = [plain(n) for n, j in zip(names, judged, strict=True) if j == kind]
        if found:
            st.markdown(f"**{said.capitalize()}**: {', '.join(found)}")
    if "little" not in judged and "much" not in judged:
        st.markdown("Every word received about what words usually receive.")
    figure = figure_of(names, got, judged, (usual.low, usual.high))
    key = f"coverage-{lab.id}-{hash(sentence.best.tokens) & 0xFFFFFFFF:x}"
    chart(figure, key, "coverage", alt="Attention that each source word received")
    if known:
        rates = [
            f"an alarm “{kind}” was true for {known[kind]['true']:.0%} of {known[kind]['alarms']} "
            f"words (by chance {known[kind]['by_chance']:.0%})"
            for kind in ("little", "much")
            if known[kind]["true"] is not None
        ]
        st.caption(
            f"Bounds: what nine of ten words receive while references are written, {usual.low:.2f} to "
            f"{usual.high:.2f}. On other pairs that people linked, {'; '.join(rates)}. True means: no "
            "word was linked to it; two or more were."
            + "".join(
                f" So here “{kind}” says no more than chance."
                for kind in ("little", "much")
                if (known[kind]["true"] or 0) <= known[kind]["by_chance"]
            )
        )
    else:
        st.caption(
            f"Bounds {usual.low} and {usual.high}: not measured for this model, taken by rule of thumb."
        )
    table = pd.DataFrame({"source": names, "received": got, "means": [MEANS[j] for j in judged]})
    downloads(figure, table, key, "coverage", "Attention received", {"received": "%.3f"})
