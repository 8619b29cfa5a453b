"""Summarize: paste a text, read the short of it, see where every word of it came from."""

import streamlit as st

from pages.parts import state
from pages.parts.answer import run, show_answer, show_warnings
from pages.parts.attention import attention
from pages.parts.cache import changed
from pages.parts.candidates import candidate_note, candidates
from pages.parts.copying import copying
from pages.parts.document import document_pane, kind_pane, length, makes
from pages.parts.frame import framed, stop
from pages.parts.greedy import greedy_beside
from pages.parts.models import models_of, sidebar
from pages.parts.source import lab_link
from pages.parts.text import tell
from s2s.locale import _
from s2s.tasks import TASKS
from s2s.text.source import Source

LIMIT = 100_000  # characters
framed()
k = state.kept()
task = TASKS["summarization"]
card, model, options = sidebar("summarization", models_of("summarization"))
options = options._replace(search=changed(options.search, **length()))

left, right = st.columns(2, gap="small")
with left:
    document_pane(task)
with right:
    kind_pane(model.task)
    if not k.document.strip():
        st.caption(_("Nothing to summarize yet: paste a text, or take an example."))
        stop()
    source = Source((k.document[: LIMIT + 1],), k.kind)
    result = run(card, source, options, doing=_("Summarizing …"))
    if not result.sentences:
        tell(_("There is nothing in this text to summarize."))
        stop()
    show_answer(result, card, note=makes(k.kind) if model.task.kinds else "")
show_warnings(result)
sentence = result.sentences[0]
n = min(k.candidate, len(sentence.hypotheses) - 1)
candidate_note(sentence, n)
attention(sentence, n, card.name, 0, "summarize")
copying(sentence, n)
st.markdown(_("**Greedy beside beam**"))
greedy_beside(sentence, card.name, model.tokenizer)
candidates(sentence, f"{card.name}-{hash(sentence.trace.source)}")
lab_link(_("See the whole search in the Beam lab"))
