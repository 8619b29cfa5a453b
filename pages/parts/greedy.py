"""Greedy beside beam: two lines and one verdict, over the very source that the beam read."""

from __future__ import annotations

import math

import streamlit as st

from pages.parts.cache import greedy_of
from pages.parts.picture import percent, plain_piece, word
from pages.parts.text import plain
from s2s.analysis.autopsy import Divergence, diverge
from s2s.figures.text import strip
from s2s.trace import Sentence


def greedy_beside(sentence: Sentence, name: str, tokenizer) -> None:
    """Both outputs, aligned at the parting, and what it was worth."""
    trace = sentence.trace
    if trace.options.method == "beam" and trace.options.beam == 1:
        st.caption("Beam size 1 is greedy search: choose a larger beam to compare the two.")
        return
    who = "Sample" if trace.options.method == "sample" else "Beam"
    greedy = greedy_of(name, trace)
    g, b = greedy.best, trace.best
    d = diverge(g, b)
    rows = (("Greedy", g), (who, b)) if d.first is not None else ((f"Greedy and {who.lower()}", b),)
    for title, found in rows:
        words = tokenizer.words(found.tokens)
        chances = [math.exp(float(found.logprobs[i:j].sum())) for _, i, j in words]
        parting = None
        if d.first is not None:
            parting = next((n for n, (_, i, j) in enumerate(words) if i <= d.first < j), None)
        st.html(strip([word(w) for w, _, _ in words], chances, parting, title, found.score))
    st.markdown(verdict(d, g, b, tokenizer, who.lower()))


def verdict(d: Divergence, g, b, tokenizer, who: str) -> str:
    """What happened at the parting, in one sentence or two."""
    if d.first is None:
        return f"Greedy and {who} found the same sentence."

    def at(h) -> str:
        if d.first >= len(h.tokens):
            return "nothing more"
        token = plain_piece(tokenizer.pieces([h.tokens[d.first]])[0])
        return f"**{plain(token)}** ({percent(math.exp(float(h.logprobs[d.first])))})"

    text = f"They part at token {d.first + 1}: greedy took {at(g)}, {who} took {at(b)}. "
    more = "more" if d.logprob_gap > 0 else "less"
    times = math.exp(min(abs(d.logprob_gap), 20))
    text += f"The {who}'s sentence is {times:.1f} times {more} probable as a whole; "
    if d.score_gap >= 0:
        return text + f"by the score that ranks, {who} wins by {d.score_gap:.3f}."
    return text + f"by the score that ranks, **greedy wins** by {-d.score_gap:.3f}."
