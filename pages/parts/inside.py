"""The side panel of a conversation: everything about one reply. It closes."""

from __future__ import annotations

import streamlit as st

from pages.parts import state
from pages.parts.attention import attention
from pages.parts.cache import Card, pipeline
from pages.parts.candidates import candidates
from pages.parts.conversation import again, carry_to_lab
from pages.parts.greedy import greedy_beside
from pages.parts.options import Settings
from pages.parts.text import plain, short
from pages.parts.words import speaker
from s2s.analysis.attention import by_part
from s2s.figures.style import SPOKEN
from s2s.figures.text import bars
from s2s.locale import _
from s2s.tasks.dialogue import TURNS
from s2s.trace import Sentence


def inside(i: int, card: Card, settings: Settings) -> None:
    """Where reply ``i`` came from."""
    k = state.kept()
    turn = k.turns[i]
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(short(turn['text'], 60))}**")
        st.button(_("Close"), icon=":material/close:", type="tertiary", on_click=close)
    result, card, settings = again(i, card, settings)
    sentence = result.sentences[0]
    n = _shown(sentence, turn["text"])
    attention(sentence, n, card.name, 0, "dialogue", narrow=True)
    by_turn(sentence, n, min(i, TURNS), i)
    st.markdown(_("**Greedy beside beam**"))
    greedy_beside(sentence, card.name, pipeline(card.name).tokenizer)
    candidates(sentence, f"{card.name}-{hash(sentence.trace.source)}")
    if st.button(
        _("See the whole search in the Beam lab"), icon=":material/account_tree:", type="tertiary"
    ):
        carry_to_lab(i, card, settings)
        st.switch_page("pages/beam_lab.py")


def close() -> None:
    """No reply is open."""
    state.kept().inside = -1


def _shown(sentence: Sentence, text: str) -> int:
    """The chosen candidate; by default the one that became the reply."""
    chosen = state.kept().candidate
    if 0 < chosen < len(sentence.outputs):
        return chosen
    return sentence.outputs.index(text) if text in sentence.outputs else 0


def by_turn(sentence: Sentence, n: int, read: int, of: int) -> None:
    """How much each turn was looked at."""
    alpha = sentence.hypotheses[n].alpha()
    starts = [i for i, p in enumerate(sentence.src_pieces) if p in SPOKEN]
    if alpha is not None and not starts and len(sentence.source.parts) > 1:
        st.caption(_("This model reads all turns as one text: attention cannot be told by turn."))
    if alpha is None or len(starts) < 2:
        return
    st.markdown(_("**Attention by turn**"))
    said = _("The model read the last {read} of {of} turns, oldest first.")
    st.caption(said.format(read=read, of=of))
    speakers = [speaker(sentence.src_pieces[i]) for i in starts]
    texts = sentence.source.parts[-len(starts) :]
    labels = [f"{who} {text}" for who, text in zip(speakers, texts, strict=True)]
    st.html(bars(labels, by_part(alpha, starts).mean(0).tolist()))
