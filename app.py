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
        st.Page(
            "pages/beam_lab.py", title="Beam lab", icon=":material/account_tree:", url_path="lab"
        ),
    ],
    position="top",
).run()
