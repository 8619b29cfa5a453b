"""What a summary took from its text: copied words, the gate, novel n-grams, coverage."""

from __future__ import annotations

import streamlit as st

from pages.parts.chart import chart
from pages.parts.picture import plain_piece, word
from pages.parts.text import plain
from s2s.analysis.attention import coverage, received
from s2s.analysis.copying import copied_words, sources
from s2s.figures.bars import copying as copying_figure
from s2s.figures.text import shaded
from s2s.locale import _
from s2s.metrics import novel_ngrams
from s2s.trace import Sentence

ORANGE = "194,118,47"


def copying(sentence: Sentence, n: int) -> None:
    """What was copied and what was written, of hypothesis ``n``."""
    h = sentence.hypotheses[n]
    alpha = h.alpha()
    st.markdown(_("**Copied or written**"))
    if "generate" not in h.extras or alpha is None:
        st.caption(_("This model writes every word itself: it has no way to copy."))
        return
    st.caption(
        _(
            "At each step the model may **generate** a word from its vocabulary or **copy** one from "
            "the text. The stronger the ground, the more of a word was copied, and from where."
        )
    )
    src, tgt = sentence.src_words, sentence.tgt_words[n]
    out, taken = copied_words(h, sentence.trace.source, tgt, src)
    left, right = st.columns([1, 2])
    left.html(shaded([word(w) for w, *_span in tgt[:-1]], out[:-1], ORANGE))
    right.html(shaded([w for w, *_span in src[1:-1]], taken[1:-1], ORANGE))
    if sentence.cut:
        said = _("{read} tokens were read; {rest:,} were not.")
        st.caption(said.format(read=len(sentence.trace.source), rest=sentence.cut))
    copied = sources(h, sentence.trace.source).sum(1)
    _numbers(sentence, n, float(copied.mean()), coverage(alpha, src))
    fold = st.expander(_("Copy probability of every token"), key="copying", on_change="rerun")
    if fold.open:
        with fold:
            _tokens(sentence, n, copied)


def _numbers(sentence: Sentence, n: int, copied: float, covered: float) -> None:
    """Four figures in one line."""
    body, text = sentence.source.parts[-1], sentence.outputs[n]
    cells = st.columns(4)
    cells[0].metric(_("Copied"), f"{copied:.0%}", help=_("Mean over the summary's tokens."))
    cells[1].metric(
        _("New words"),
        f"{novel_ngrams(text, body, 1):.0%}",
        help=_("Share of the summary's words that the text does not contain."),
    )
    cells[2].metric(
        _("New word pairs"),
        f"{novel_ngrams(text, body, 2):.0%}",
        help=_("Share of the summary's word pairs that the text does not contain."),
    )
    cells[3].metric(
        _("Text covered"),
        f"{covered:.0%}",
        help=_("Share of the text's words that received at least 0.1 attention in all."),
    )


def _tokens(sentence: Sentence, n: int, copied) -> None:
    h = sentence.hypotheses[n]
    pieces = [plain_piece(p) for p in sentence.tgt_pieces[n]]
    chart(
        copying_figure(pieces, h.extras["generate"], copied),
        "copying-chart",
        "copying",
        _("Copy probability of every output token"),
    )
    most = plain(pieces[int(copied.argmax())])
    said = _("Most clearly copied: **{word}** ({share:.0%}).")
    st.caption(said.format(word=most, share=copied.max()))
    st.markdown(_("**Attention that each word received in all**"))
    alpha = h.alpha()
    st.html(shaded([w for w, *_span in sentence.src_words], received(alpha, sentence.src_words)))
