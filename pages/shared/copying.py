"""What a summary took from its text: copied words, the gate, novel n-grams, coverage."""

from __future__ import annotations

import streamlit as st

from pages.shared.wording import plain
from s2s.analysis.attention import coverage, received
from s2s.analysis.copying import copied_words, sources
from s2s.figures.bars import copying as copying_figure
from s2s.figures.style import piece
from s2s.figures.text import shaded
from s2s.metrics import novel_ngrams
from s2s.trace import Sentence

ORANGE = "194,118,47"


def copying(sentence: Sentence, n: int) -> None:
    """Draw the copying panel of hypothesis ``n``."""
    h = sentence.hypotheses[n]
    alpha = h.alpha()
    st.subheader("Copied or written", anchor=False)
    gate = h.extras.get("generate")
    if gate is None or alpha is None:
        st.info("This model writes every word itself: it has no way to copy.")
        return
    st.caption(
        "At each step the model may **generate** a word from its vocabulary or **copy** one from "
        "the text. The stronger the ground, the more of a word was copied, and from where."
    )
    src, tgt = sentence.src_words, sentence.tgt_words[n]
    out, taken = copied_words(h, sentence.trace.source, tgt, src)
    left, right = st.columns([1, 2])
    with left:
        st.markdown("**Summary**")
        st.html(shaded([w for w, _, _ in tgt[:-1]], out[:-1], ORANGE))
    with right:
        st.markdown("**Text, as far as it was read**")
        st.html(shaded([w for w, _, _ in src[1:-1]], taken[1:-1], ORANGE))
    if sentence.cut:
        st.caption(f"{len(sentence.trace.source)} tokens were read; {sentence.cut:,} were not.")
    body, text = sentence.source.text, sentence.outputs[n]
    cells = st.columns(4)
    copied = sources(h, sentence.trace.source).sum(1)
    cells[0].metric("Copied", f"{copied.mean():.0%}", help="Mean over the summary's tokens.")
    for cell, size, name in ((cells[1], 1, "words"), (cells[2], 2, "word pairs")):
        cell.metric(
            f"New {name}",
            f"{novel_ngrams(text, body, size):.0%}",
            help=f"Share of the summary's {name} that the text does not contain.",
        )
    cells[3].metric(
        "Text covered",
        f"{coverage(alpha, src):.0%}",
        help="Share of the text's words that received at least 0.1 attention in all.",
    )
    with st.expander("Copy probability of every token, and what the model looked at in all"):
        pieces = [piece(p) for p in sentence.tgt_pieces[n]]
        st.plotly_chart(
            copying_figure(pieces, gate, copied),
            key="copying",
            config={"displayModeBar": False},
            alt="Copy probability of every output token",
        )
        most = plain(pieces[int(copied.argmax())])
        st.caption(f"Most clearly copied: **{most}** ({copied.max():.0%}).")
        st.markdown("**Coverage: attention that each word received in all**")
        st.html(shaded([w for w, _, _ in src], received(alpha, src)))
