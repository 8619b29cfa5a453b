"""Beam lab: the whole search of one sentence, panel by panel."""

import streamlit as st

from pages.lab.context import Lab
from pages.lab.glossary import glossary
from pages.lab.panels import PANELS
from pages.lab.source import KEYS, source_of
from pages.shared.cache import checkpoints, pipeline
from pages.shared.frame import framed, run
from pages.shared.options import search_options
from s2s.config import RerankOptions
from s2s.errors import S2SError
from s2s.figures.text import answer
from s2s.tasks import TASKS

framed()
LIMIT = 10_000  # characters read on this page
URL = {"bind": "query-params"}
found = {task: checkpoints(task) for task in TASKS}
models = {name: title for names, _ in found.values() for name, title in names.items()}

st.title("Beam lab", anchor=False)
for problem in dict.fromkeys(p for _, problems in found.values() for p in problems):
    st.warning(problem)
if not models:
    st.error("There is no checkpoint. Train one: `python -m s2s train RECIPE`.")
    st.stop()

with st.sidebar:
    name = st.selectbox("Model", list(models), format_func=models.get, key="model", **URL)
    try:
        model = pipeline(name)
        options = search_options(model.config.search, prefix=KEYS.get(model.task.name, ""))
    except S2SError as error:
        st.error(str(error))
        st.stop()
    prefix = st.text_input(
        "Begin the output with",
        key="prefix",
        max_chars=200,
        **URL,
        help="The first sentence must start with these words; the search goes on from there.",
    )


def take_example() -> None:
    """Put the clicked example into the text box."""
    if st.session_state.example is not None:
        example = model.task.examples[st.session_state.example]
        st.session_state.text = example.text
        if example.kind:
            st.session_state.kind = example.kind
        st.session_state.example = None


with st.form("lab", border=False):
    text = st.text_area(
        "Text to search for",
        key="text",
        height=80,
        **URL,
        placeholder="Type or paste here, then press Ctrl+Enter",
    )
    st.form_submit_button("Search", type="primary", icon=":material/account_tree:")
source = source_of(model.task, text[:LIMIT])
if not text.strip():
    st.markdown(
        "See every hypothesis of a search: which lived, which died, and what you can change."
    )
    st.pills(
        "Try one of these",
        range(len(model.task.examples)),
        key="example",
        on_change=take_example,
        format_func=lambda i: model.task.examples[i].text[:90],
    )
    glossary()
    st.stop()
if len(text) > LIMIT:
    st.warning(f"{len(text):,} characters: the first {LIMIT:,} are read here, the rest is not.")
if model.config.rerank.mutual:
    st.caption("The lab shows the search itself: ranking by mutual information is off here.")
result = run(name, source, options, prefix, "Searching …", RerankOptions())
if not result.sentences:
    st.info("There is nothing in this text to search for.")
    st.stop()
for warning in result.warnings:
    st.warning(warning)
number = 0
if len(result.sentences) > 1:
    number = st.selectbox(
        "Sentence to look into",
        range(len(result.sentences)),
        key="sentence",
        format_func=lambda i: f"{i + 1} · {result.sentences[i].source.text[:80]}",
    )
lab = Lab(name, model, source, number, result.sentences[number], prefix)
best = lab.trace.best
with st.container(border=True):
    st.html(answer(lab.sentence.outputs[0] or "(the empty sentence)"))
    st.caption(
        f"{models[name]} · log-probability {best.total:.3f} · score {best.score:.3f} · "
        f"{len(best.tokens)} tokens · {result.seconds * 1000:.0f} ms"
    )
panel = st.pills("Look at", list(PANELS), default="Beam tree", required=True, key="panel", **URL)
st.subheader(panel, anchor=False)
PANELS[panel](lab)
glossary()
