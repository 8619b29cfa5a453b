"""Translate: type, read the answer, look inside."""

import streamlit as st

from pages.shared.cache import checkpoints, decode, pipeline
from pages.shared.inspector import inspect, key_of
from pages.shared.options import search_options
from s2s.errors import S2SError
from s2s.figures.text import answer
from s2s.tasks import TASKS

LIMIT = 10_000  # characters read on this page
task = TASKS["translation"]
models, problems = checkpoints(task.name)

for problem in problems:
    st.warning(problem)

if not models:
    st.error("There is no translation checkpoint. Train one: `python -m s2s train RECIPE`.")
    st.stop()

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
st.pills("Try one of these", task.examples, key="example", on_change=take_example)

with st.sidebar:
    name = st.selectbox(
        "Model", list(models), format_func=models.get, key="model",
        bind="query-params", help="Compare a network with attention and one without.",
    )  # fmt: skip
    try:
        model = pipeline(name)
        options = search_options(model.config.search)
    except S2SError as error:
        st.error(str(error))
        st.stop()
    prefix = st.text_input(
        "Begin the output with", key="prefix", bind="query-params", max_chars=200,
        help="The first sentence must start with these words; the search goes on from there.",
    )  # fmt: skip

if not text.strip():
    st.caption("Nothing to translate yet. Type a sentence above or click an example.")
    st.stop()
if len(text) > LIMIT:
    st.warning(
        f"{len(text):,} characters: the first {LIMIT:,} are translated here, the rest is not."
    )

try:
    with st.spinner("Translating …", show_time=True):
        result = decode(name, text[:LIMIT], key_of(options), prefix)
except S2SError as error:
    st.error(str(error))
    st.stop()
if not result.sentences:
    st.info("There is nothing in this text to translate.")
    st.stop()

with st.container(border=True):
    st.html(answer(result.text))
    speed = result.tokens / max(result.seconds, 1e-9)
    st.caption(
        f"{models[name]} · {result.seconds * 1000:.0f} ms · {len(result.sentences)} "
        f"sentence{'s' * (len(result.sentences) > 1)} · {speed:,.0f} tokens a second"
    )
for warning in result.warnings:
    st.warning(warning)
inspect(result, name, options, prefix)
