"""The app's frame: ``streamlit run app.py``."""

import os
from pathlib import Path

import streamlit as st

# Decoding is many small steps, in which threads wait for each other more than they help: little on
# an idle machine, tenfold on a busy one. Has to be set before a page imports torch.
os.environ.setdefault("OMP_NUM_THREADS", "1")

PARTS = Path(__file__).parent / "pages" / "parts"
PAGES = [
    st.Page("pages/translate.py", title="Translate", icon=":material/translate:", default=True),
    st.Page("pages/dialogue.py", title="Dialogue", icon=":material/forum:"),
    st.Page("pages/summarize.py", title="Summarize", icon=":material/short_text:"),
    st.Page("pages/attention_lab.py", title="Attention lab", icon=":material/visibility:"),
    st.Page("pages/beam_lab.py", title="Beam lab", icon=":material/account_tree:"),
    st.Page("pages/train.py", title="Train", icon=":material/model_training:"),
]
st.set_page_config(  # before the navigation, which would ask for the page's icon elsewhere
    page_icon=str(PARTS / "icon.png"), layout="wide", initial_sidebar_state=270
)
page = st.navigation(PAGES, position="top")
st.set_page_config(page_title=f"{page.title} · s2s")
st.logo(str(PARTS / "mark.svg"), size="large", icon_image=str(PARTS / "mark.svg"))
# torch takes seconds to import on a fresh server: the frame stands meanwhile
from pages.parts.begin import begin, end  # noqa: E402
from pages.parts.frame import carry_out  # noqa: E402

with st.container(key="phone-nav", horizontal=True):  # the header has no room for it there
    for other in PAGES:
        st.page_link(other, label=other.title.removesuffix(" lab"))
begin(page.url_path)
carry_out(page.run, lambda: end(page.url_path))
