"""The app's frame: ``streamlit run app.py``."""

import os
from pathlib import Path

import streamlit as st

# Decoding is many small steps, in which threads wait for each other more than they help: little on
# an idle machine, tenfold on a busy one. Has to be set before a page imports torch.
os.environ.setdefault("OMP_NUM_THREADS", "1")

from pages.parts.state import language
from s2s.locale import _, listen

listen(language)  # from here on strings are in the visitor's language

PARTS = Path(__file__).parent / "pages" / "parts"
PAGES = {  # page → its name where there is little room
    st.Page(
        "pages/translate.py", title=_("Translate"), icon=":material/translate:", default=True
    ): _("Translate"),
    st.Page("pages/dialogue.py", title=_("Dialogue"), icon=":material/forum:"): _("Dialogue"),
    st.Page("pages/summarize.py", title=_("Summarize"), icon=":material/short_text:"): _(
        "Summarize"
    ),
    st.Page("pages/attention_lab.py", title=_("Attention lab"), icon=":material/visibility:"): _(
        "Attention"
    ),
    st.Page("pages/beam_lab.py", title=_("Beam lab"), icon=":material/account_tree:"): _("Beam"),
    st.Page("pages/batch.py", title=_("Batch"), icon=":material/table_rows:"): _("Batch"),
    st.Page("pages/learn.py", title=_("Learn"), icon=":material/school:"): _("Learn"),
    st.Page("pages/train.py", title=_("Train"), icon=":material/model_training:"): _("Train"),
}
st.set_page_config(  # before the navigation, which would ask for the page's icon elsewhere
    page_icon=str(PARTS / "icon.png"), layout="wide", initial_sidebar_state=270
)
page = st.navigation(list(PAGES), position="top")
st.set_page_config(page_title=f"{page.title} · s2s")
st.logo(str(PARTS / "mark.svg"), size="large", icon_image=str(PARTS / "mark.svg"))
# torch takes seconds to import on a fresh server: the frame stands meanwhile
from pages.parts.begin import begin, end  # noqa: E402
from pages.parts.frame import carry_out, settled  # noqa: E402
from pages.parts.language import switch  # noqa: E402

with st.container(key="phone-nav", horizontal=True):  # the header has no room for it there
    for other, short in PAGES.items():
        st.page_link(other, label=short)
begin(page.url_path)
switch()
carry_out(page.run, lambda: end(page.url_path))
settled()
