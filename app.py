"""The app's frame: ``streamlit run app.py``."""

from pathlib import Path

import streamlit as st

st.set_page_config(
    page_title="s2s",
    page_icon=str(Path(__file__).parent / "pages" / "shared" / "icon.png"),
    layout="wide",
)
st.navigation(
    [
        st.Page("pages/translate.py", title="Translate", icon=":material/translate:", default=True),
        st.Page("pages/dialogue.py", title="Dialogue", icon=":material/forum:"),
        st.Page("pages/summarize.py", title="Summarize", icon=":material/short_text:"),
    ],
    position="top",
).run()
