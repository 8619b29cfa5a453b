"""Panel: change a token of an output and let the search go on from there, as often as you like."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts import state
from pages.parts.cache import edited
from pages.parts.chart import csv
from pages.parts.columns import draw
from pages.parts.text import distinct, plain, warn
from s2s.analysis.autopsy import align
from s2s.analysis.what_if import Edit, as_text, from_text
from s2s.errors import S2SError
from s2s.figures.chips import changes
from s2s.locale import _, later
from s2s.trace import Trace


def what_if_panel(lab: Lab) -> None:
    """A path of edits: choose a token, choose another for it, see what the model makes of it."""
    st.markdown(
        _(
            "One word decides the next: put another token where the model wrote its own, and the search "
            "goes on from there with new eyes."
        )
    )
    edits, traces = _path(lab)
    now, number = traces[-1], len(edits)
    tokens = lab.tokens(now.best.tokens)
    if number:
        _compare(lab, traces)
    st.markdown(_("**Change another token**") if number else _("**Change a token**"))
    shown = f"{lab.id}-{hash(as_text(edits)) & 0xFFFFFFFF:x}"
    position = st.pills(
        _("Token to change"),
        range(len(tokens)),
        key=f"at-{shown}",
        format_func=distinct([plain(t) for t in tokens]).__getitem__,
    )
    if position is not None:
        _alternatives(lab, edits, now, position, shown)
    _history(lab, edits, traces)


def _path(lab: Lab) -> tuple[tuple[Edit, ...], list[Trace]]:
    """The edits in the URL, if they belong to this sentence, and what they made."""
    of = (lab.name, lab.trace.source)
    if st.session_state.setdefault("edits-of", of) != of:  # they were made on another output
        st.session_state["edits-of"] = of
        _write(())
    try:
        edits = from_text(state.kept().edits)
        return edits, edited(lab.key, lab.name, as_text(edits), lab.trace)
    except S2SError as error:
        warn(_("{error} The path begins anew.").format(error=error))
        return (), edited(lab.key, lab.name, "", lab.trace)


def _write(edits: tuple[Edit, ...]) -> None:
    state.kept().edits = as_text(edits)


def _alternatives(lab: Lab, edits: tuple[Edit, ...], now: Trace, position: int, shown: str) -> None:
    """The model's other ideas at a position, and a box for one of your own."""
    best = now.best
    options = [a for a in now.alternatives(best, position, 9) if a.token != best.tokens[position]]
    labels = lab.tokens([a.token for a in options])
    key = f"other-{shown}-{position}"

    def choose() -> None:
        if (picked := st.session_state.get(key)) is not None:
            _write((*edits, Edit(position, (options[picked].token,))))

    here = plain(lab.tokens(best.tokens[position : position + 1])[0])
    chance = math.exp(best.logprobs[position])
    st.pills(
        _("Instead of **{token}** ({p:.1%}) write").format(token=here, p=chance),
        range(len(options)),
        key=key,
        on_change=choose,
        format_func=distinct(
            [f"{plain(t)} {math.exp(a.logprob):.1%}" for t, a in zip(labels, options, strict=True)]
        ).__getitem__,
    )
    row = {"horizontal": True, "vertical_alignment": "bottom"}
    with st.form(f"type-{shown}-{position}", border=False), st.container(**row):
        typed = st.text_input(
            _("or type what should stand there"), key=f"typed-{shown}-{position}", max_chars=200
        )
        sent = st.form_submit_button(_("Write it"))
    if not sent:
        return
    ids = tuple(lab.pipeline.tokenizer.encode(typed))
    if not ids:
        st.info(_("There is nothing in this text that the model can write."))
        return
    _write((*edits, Edit(position, ids)))
    st.rerun(scope="fragment")


def _compare(lab: Lab, traces: list[Trace]) -> None:
    """The new sentence against the one before the last edit, and against the first."""
    old, new = traces[-2].best, traces[-1].best
    st.html(changes(align(old.tokens, new.tokens), lab.tokens(old.tokens), lab.tokens(new.tokens)))
    st.caption(_("Before the last change above, now below."))
    first = traces[0].best
    left, middle, right = st.columns(3)
    left.metric(_("Raw log-probability"), f"{new.total:.3f}", f"{new.total - old.total:+.3f}")
    middle.metric(_("Score that ranks"), f"{new.score:.3f}", f"{new.score - old.score:+.3f}")
    right.metric(_("Score against the first output"), f"{new.score - first.score:+.3f}")
    if new.score > first.score + 1e-4:
        st.markdown(
            _(
                "**Your path leads to a higher score than the search found by itself: a search error.**"
            )
        )


def _history(lab: Lab, edits: tuple[Edit, ...], traces: list[Trace]) -> None:
    """Every state of the path; any of them can be gone back to."""
    rows = []
    for n, trace in enumerate(traces):
        change = _("the model's own output")
        if n:
            e = edits[n - 1]
            gone = lab.tokens(traces[n - 1].best.tokens[e.position : e.position + 1])[0]
            change = f"{e.position + 1}: {gone} → {' '.join(lab.tokens(e.tokens))}"
        rows.append(
            {
                "#": n,
                later("change"): change,
                later("output"): lab.words(trace.best.tokens),
                later("log-probability"): trace.best.total,
                later("score"): trace.best.score,
                later("change of score"): trace.best.score - traces[n - 1].best.score
                if n
                else None,
            }
        )
    table = pd.DataFrame(rows)
    st.markdown(_("**The path so far**"))
    draw(
        table,
        _("The path of edits"),
        {
            "output": st.column_config.TextColumn(width="medium"),
            "log-probability": "%.3f",
            "score": "%.4f",
            "change of score": "%+.4f",
        },
    )
    with st.container(horizontal=True):
        st.button(
            _("Undo"),
            icon=":material/undo:",
            disabled=not edits,
            key="undo",
            on_click=lambda: _write(edits[:-1]),
        )
        if len(edits) > 1:
            for n in range(len(edits) - 1):
                st.button(
                    _("Back to {n}").format(n=n),
                    key=f"back-{n}",
                    on_click=_write,
                    args=(edits[:n],),
                )
        title = _("Path (CSV)")
        st.download_button(title, csv(table), "what-if.csv", "text/csv", on_click="ignore")
    if edits:
        st.caption(_("The path is in the address of this page: the link brings it back."))
