"""The app's frame: ``streamlit run app.py``."""

import streamlit as st

st.set_page_config(page_title="s2s", page_icon=":material/translate:", layout="wide")
st.navigation(
    [st.Page("pages/translate.py", title="Translate", icon=":material/translate:", default=True)],
    position="top",
).run()
