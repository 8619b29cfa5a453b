"""Summarize: paste a text, read the short of it, see what was copied and what was not read."""

from dataclasses import replace

import streamlit as st

from pages.shared.copying import copying
from pages.shared.frame import models_of, run, show_answer, sidebar
from pages.shared.inspector import inspect
from s2s.tasks import TASKS
from s2s.text.source import Source

LIMIT = 100_000  # characters
ANY = 60  # tokens: the end of the length scale stands for "as learned"
task = TASKS["summarization"]
models = models_of(task)

st.title("Summarize, and see what was copied", anchor=False)
EXAMPLES = {task.kinds[e.kind]: (e.kind, e.text) for e in task.examples}


def take_example() -> None:
    """Put the clicked example and its kind into the form."""
    if st.session_state.example:
        st.session_state.kind, st.session_state.document = EXAMPLES[st.session_state.example]
        st.session_state.example = None


def take_file() -> None:
    """Put an uploaded file into the text box; bytes that are not UTF-8 become U+FFFD."""
    if st.session_state.file is not None:
        st.session_state.document = st.session_state.file.getvalue().decode("utf-8", "replace")


with st.form("summarize", border=False):
    text = st.text_area(
        "Text to summarize",
        key="document",
        bind="query-params",
        height=160,
        placeholder="Paste a news lead, a chat, a mail or a program's description, then Ctrl+Enter",
    )
    left, middle, right = st.columns([3, 3, 1.5], vertical_alignment="bottom")
    kind = left.selectbox(
        "Kind of summary",
        list(task.kinds),
        format_func=task.kinds.get,
        key="kind",
        bind="query-params",
        help="A control token in front of the text tells the model.",
    )
    shortest, longest = middle.slider(
        "Length, in tokens",
        0,
        ANY,
        (0, ANY),
        key="length",
        bind="query-params",
        help="No end before the lower bound, a cut at the upper one. As it stands: as learned.",
    )
    right.form_submit_button("Summarize", type="primary", icon=":material/short_text:")
st.pills("Try one of these", list(EXAMPLES), key="example", on_change=take_example)
with st.expander("From a file"):
    st.file_uploader(
        "A .txt or .md file",
        type=["txt", "md"],
        key="file",
        on_change=take_file,
        max_upload_size=1,
    )

name, options, ranking = sidebar(models, "One model for every kind of summary.", "sum_")
if (shortest, longest) != (0, ANY):
    options = replace(
        options, min_length=shortest, max_length=max(1, longest) if longest < ANY else 0
    )

if not text.strip():
    st.caption("Nothing to summarize yet. Paste a text above or click an example.")
    st.stop()
result = run(name, Source((text[: LIMIT + 1],), kind), options, "", "Summarizing …", ranking)
if not result.sentences:
    st.info("There is nothing in this text to summarize.")
    st.stop()
show_answer(result, models[name], "text")
inspect(result, name, options, extra=copying)
