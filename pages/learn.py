"""Learn: the whole subject in twelve lessons, on the visitor's own sentence."""

import streamlit as st

from pages.lessons.catalogue import LESSONS
from pages.lessons.contents import contents, numbered, overview, ways_on
from pages.lessons.prose import text_of
from pages.lessons.reading import models, sentence_box
from pages.parts import state
from pages.parts.begin import end
from pages.parts.frame import carry_out, framed, stop
from pages.parts.lines import start_at_top
from pages.parts.models import choose, current
from s2s.locale import _

framed()
k = state.kept()
found = models()
card = current("translation", found)
with st.sidebar:
    contents()
    if k.lesson:
        choose("translation", found, card)
start_at_top(k.lesson)
if k.lesson not in LESSONS:
    overview()
    stop()

text = text_of(k.lesson, state.language())


@st.fragment
def show(code: str) -> None:
    """One lesson; what it changes stands in the address."""
    carry_out(lambda: LESSONS[code](text), lambda: end("learn"))


with st.container(key="lesson"):
    ways_on("top")
    st.header(f"{numbered(k.lesson)} · {text.title}", anchor=False)
    st.markdown(text.about)
    sentence_box()
    show(k.lesson)
    ways_on("bottom")
    st.caption(
        _("What you typed here is the text of the other pages too: translate it, or take it apart.")
    )
    with st.container(horizontal=True):
        st.page_link("pages/translate.py", label=_("Translate"), icon=":material/translate:")
        st.page_link(
            "pages/attention_lab.py", label=_("Attention lab"), icon=":material/visibility:"
        )
        st.page_link("pages/beam_lab.py", label=_("Beam lab"), icon=":material/account_tree:")
