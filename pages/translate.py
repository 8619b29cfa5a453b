"""Translate: type, read the answer, look inside."""

import streamlit as st

from pages.shared.frame import models_of, run, show_answer, sidebar
from pages.shared.inspector import inspect
from s2s.tasks import TASKS
from s2s.text.source import Source

LIMIT = 10_000  # characters read on this page
task = TASKS["translation"]
models = models_of(task)

st.title("Translate, and see how", anchor=False)


def take_example() -> None:
    """Put the clicked example into the text box."""
    if st.session_state.example:
        st.session_state.text = st.session_state.example
        st.session_state.example = None


with st.form("translate", border=False):  # typing and clicking are one rerun, not two
    text = st.text_area(
        "Text to translate",
        key="text",
        bind="query-params",
        height=100,
        placeholder="Type or paste here, then press Ctrl+Enter",
    )
    st.form_submit_button("Translate", type="primary", icon=":material/translate:")
st.pills("Try one of these", [e.text for e in task.examples], key="example", on_change=take_example)

name, options, ranking = sidebar(models, "Compare a network with attention and one without.")
prefix = st.sidebar.text_input(
    "Begin the output with",
    key="prefix",
    bind="query-params",
    max_chars=200,
    help="The first sentence must start with these words; the search goes on from there.",
)

if not text.strip():
    st.caption("Nothing to translate yet. Type a sentence above or click an example.")
    st.stop()
if len(text) > LIMIT:
    st.warning(
        f"{len(text):,} characters: the first {LIMIT:,} are translated here, the rest is not."
    )
result = run(name, Source((text[:LIMIT],)), options, prefix, "Translating …", ranking)
if not result.sentences:
    st.info("There is nothing in this text to translate.")
    st.stop()
show_answer(result, models[name])
inspect(result, name, options, prefix)
