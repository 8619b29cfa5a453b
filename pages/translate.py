"""Translate: type, read the answer, and see in the same glance where the model looked."""

import streamlit as st

from pages.parts import state
from pages.parts.answer import choose_sentence, run, show_answer, show_warnings
from pages.parts.attention import attention
from pages.parts.candidates import candidate_note, candidates
from pages.parts.compare import compare, offer
from pages.parts.frame import framed, stop
from pages.parts.greedy import greedy_beside
from pages.parts.models import direction, models_of, sidebar
from pages.parts.source import extras, lab_link, source_pane
from pages.parts.text import tell, warn
from s2s.locale import _
from s2s.tasks import TASKS
from s2s.text.source import Source

framed()
LIMIT = 10_000  # characters read on this page
k = state.kept()
found = models_of("translation")
card, model, options = sidebar("translation", found)
rival = offer(found, card)
extras()

left, right = (st.container(), st.container()) if rival else st.columns([11, 10], gap="small")
with left:
    source_pane(
        found,
        card,
        [example.text for example in TASKS["translation"].examples],
        80 if rival else 146 if len(k.text) < 160 else 212,
    )
with right:
    if not rival:
        with st.container(horizontal=True, vertical_alignment="center", key="head-right"):
            st.markdown(f"**{direction(card).split(' → ')[1]}**")
    if not k.text.strip():
        st.caption(_("Nothing to translate yet: type something, or take an example."))
        stop()
    result = run(card, Source((k.text[:LIMIT],)), options, k.prefix, _("Translating …"))
    if not result.sentences:
        tell(_("There is nothing in this text to translate."))
        stop()
    k.answer = result.text
    if not rival:
        show_answer(result, card)
if len(k.text) > LIMIT:
    said = _("{n:,} characters: the first {most:,} are translated here, the rest is not.")
    warn(said.format(n=len(k.text), most=LIMIT))

show_warnings(result)
number = choose_sentence(result)
sentence = result.sentences[number]
if rival:
    compare(sentence, number, (card, rival), k.prefix if number == 0 else "")
else:
    n = min(k.candidate, len(sentence.hypotheses) - 1)
    candidate_note(sentence, n)
    attention(sentence, n, card.name, number, "")
    st.markdown(_("**Greedy beside beam**"))
    greedy_beside(sentence, card.name, model.tokenizer)
    candidates(sentence, f"{card.name}-{hash(sentence.trace.source)}")
lab_link(_("See the whole search in the Beam lab"))
