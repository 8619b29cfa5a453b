"""Lesson: what a sequence-to-sequence model is, and how it came about."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.lessons.code import show_code
from pages.lessons.exercise import number_exercise
from pages.lessons.papers import PAPERS, references
from pages.lessons.prose import Tex, Text
from pages.lessons.reading import Reading, output_slider, read
from pages.parts import state
from pages.parts.chart import chart, downloads
from pages.parts.picture import plain_piece
from s2s.analysis.lessons.chain import chain
from s2s.figures.chain import multiplied, timeline
from s2s.locale import _
from s2s.search.beam import search

USES = {
    "translate": ("pages/translate.py", ":material/translate:"),
    "dialogue": ("pages/dialogue.py", ":material/forum:"),
    "summarize": ("pages/summarize.py", ":material/short_text:"),
}


def seq2seq(text: Text) -> None:
    """The task, the chain rule on the visitor's sentence, the history, the uses."""
    st.markdown(text.section("task"))
    reading = read()
    _chain(text, reading)
    st.markdown(text.section("history"))
    _history()
    st.markdown(text.section("uses"))
    names = {"translate": _("Translate"), "dialogue": _("Dialogue"), "summarize": _("Summarize")}
    with st.container(horizontal=True):
        for code, (page, icon) in USES.items():
            st.page_link(page, label=names[code], icon=icon)
    st.markdown(text.section("speech"))
    found = chain(reading.sentence.best.logprobs)
    first, second = (float(p) for p in [*found.each, 1.0][:2])
    number_exercise("seq2seq", text, first * second, 0.01, first=first, second=second)
    show_code(chain, search)
    references(
        "kalchbrenner", "cho", "sutskever", "bahdanau", "transformer", "chat", "rush", "listen"
    )


def _chain(text: Text, reading: Reading) -> None:
    found = chain(reading.sentence.best.logprobs)
    pieces = [plain_piece(p) for p in reading.sentence.tgt_pieces[0]]
    st.markdown(
        text.section(
            "chain",
            source=reading.sentence.source.text,
            output=reading.sentence.outputs[0],
            s=len(reading.ids),
            t=len(pieces),
        )
    )
    at = output_slider(pieces, _("The output is written as far as"), len(pieces) - 1)
    st.markdown(
        text.section(
            "product",
            n=at + 1,
            factors=Tex(r" \cdot ".join(f"{p:.2f}" for p in found.each[: at + 1])),
            product=Tex(number(found.so_far[at])),
            perplexity=Tex(f"{found.perplexity:.2f}"),
        )
    )
    figure = multiplied(pieces, found.each, found.so_far, at)
    key = f"seq2seq-{at}-{hash(reading.key) & 0xFFFFFFFF:x}"
    chart(figure, key, "chain", _("Probability of the output, piece by piece"))
    table = pd.DataFrame(
        {
            _("piece"): pieces,
            _("of the token"): found.each.round(5),
            _("of all so far, multiplied"): found.so_far,
        }
    )
    downloads(figure, table, key, "chain", _("The chain rule"), {_("of the token"): "%.4f"})


def number(value: float) -> str:
    """A probability as LaTeX writes it."""
    if value >= 0.001:
        return f"{value:.3f}"
    mantissa, _e, exponent = f"{value:.1e}".partition("e")
    return rf"{mantissa} \cdot 10^{{{int(exponent)}}}"


def _history() -> None:
    k = state.kept()
    events = [
        (1990, _("RNN: a network with a memory"), "elman"),
        (1997, _("LSTM; reading from both ends"), "lstm"),
        (2013, _("Sentence → vector → sentence"), "kalchbrenner"),
        (2014, _("Encoder–decoder, GRU"), "cho"),
        (2014, _("Seq2seq: deep LSTMs"), "sutskever"),
        (2015, _("Attention"), "bahdanau"),
        (2015, _("Dialogue and summaries"), "chat"),
        (2016, _("Subword pieces; speech"), "bpe"),
        (2017, _("Transformer: attention alone"), "transformer"),
        (2019, _("Pretraining: BERT, GPT-2"), "bert"),
        (2020, _("T5: every task as text to text"), "t5"),
    ]
    years = sorted({year for year, _what, _paper in events})
    now = max((y for y in years if y <= k.year), default=years[0])
    st.select_slider(_("The year"), years, now, **state.widget("year"))
    figure = timeline([(year, what) for year, what, _paper in events], now)
    chart(figure, f"history-{now}", "history", _("How sequence-to-sequence models came about"))
    table = pd.DataFrame(
        [(y, w, PAPERS[p].who, PAPERS[p].title) for y, w, p in events],
        columns=[_("year"), _("what happened"), _("who"), _("paper")],
    )
    downloads(figure, table, f"history-{now}", "history", _("History"), {_("year"): "%d"})
