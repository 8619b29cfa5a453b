"""Greedy beside beam: two lines and one verdict, over the very source that the beam read."""

from __future__ import annotations

import math

import streamlit as st

from pages.parts.cache import greedy_of
from pages.parts.picture import percent, plain_piece, word
from pages.parts.text import plain
from s2s.analysis.autopsy import Divergence, diverge
from s2s.figures.text import strip
from s2s.locale import _
from s2s.trace import Sentence


def greedy_beside(sentence: Sentence, name: str, tokenizer) -> None:
    """Both outputs, aligned at the parting, and what it was worth."""
    trace = sentence.trace
    if trace.options.method == "beam" and trace.options.beam == 1:
        st.caption(_("Beam size 1 is greedy search: choose a larger beam to compare the two."))
        return
    drawn = trace.options.method == "sample"
    greedy = greedy_of(name, trace)
    g, b = greedy.best, trace.best
    d = diverge(g, b)
    if d.first is None:
        rows = [(_("Greedy and sample") if drawn else _("Greedy and beam"), b)]
    else:
        rows = [(_("Greedy"), g), (_("Sample") if drawn else _("Beam"), b)]
    for title, found in rows:
        words = tokenizer.words(found.tokens)
        chances = [math.exp(float(found.logprobs[i:j].sum())) for _, i, j in words]
        parting = None
        if d.first is not None:
            parting = next((n for n, (_, i, j) in enumerate(words) if i <= d.first < j), None)
        st.html(strip([word(w) for w, _, _ in words], chances, parting, title, found.score))
    st.markdown(verdict(d, g, b, tokenizer, drawn))


def verdict(d: Divergence, g, b, tokenizer, drawn: bool) -> str:
    """What happened at the parting, in one sentence or two. ``drawn``: by chance, not by a beam."""
    who = _("sample") if drawn else _("beam")
    if d.first is None:
        return _("Greedy and {who} found the same sentence.").format(who=who)

    def at(h) -> str:
        if d.first >= len(h.tokens):
            return _("nothing more")
        token = plain_piece(tokenizer.pieces([h.tokens[d.first]])[0])
        return f"**{plain(token)}** ({percent(math.exp(float(h.logprobs[d.first])))})"

    said = [
        _("They part at token {n}: greedy took {one}, {who} took {other}. "),
        _("The {who}'s sentence is {times:.1f} times more probable as a whole; ")
        if d.logprob_gap > 0
        else _("The {who}'s sentence is {times:.1f} times less probable as a whole; "),
        _("by the score that ranks, {who} wins by {gap:.3f}.")
        if d.score_gap >= 0
        else _("by the score that ranks, **greedy wins** by {gap:.3f}."),
    ]
    values = {"n": d.first + 1, "one": at(g), "other": at(b), "gap": abs(d.score_gap)}
    times = math.exp(min(abs(d.logprob_gap), 20))
    return "".join(part.format(who=who, times=times, **values) for part in said)
