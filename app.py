"""The app's frame: ``streamlit run app.py``."""

import os
from dataclasses import fields
from pathlib import Path

import streamlit as st

from s2s.config import SearchOptions

# Decoding is many small steps, in which threads wait for each other more than they help: little on
# an idle machine, tenfold on a busy one. Has to be set before a page imports torch.
os.environ.setdefault("OMP_NUM_THREADS", "1")

# What goes from page to page: a value that came in by the URL is dropped on the way unless it is set.
NAMES = [f.name for f in fields(SearchOptions)]
TRAVELS = (
    "text",
    "prefix",
    "document",
    "kind",
    "length",
    "chat_mutual",
    *(page + name for page in ("", "chat_", "sum_") for name in NAMES),
)

st.set_page_config(
    page_title="s2s",
    page_icon=str(Path(__file__).parent / "pages" / "shared" / "icon.png"),
    layout="wide",
)
for key in TRAVELS:
    if key in st.session_state:
        st.session_state[key] = st.session_state[key]
st.navigation(
    [
        st.Page("pages/translate.py", title="Translate", icon=":material/translate:", default=True),
        st.Page("pages/dialogue.py", title="Dialogue", icon=":material/forum:"),
        st.Page("pages/summarize.py", title="Summarize", icon=":material/short_text:"),
        st.Page("pages/beam_lab.py", title="Beam lab", icon=":material/account_tree:"),
    ],
    position="top",
).run()
