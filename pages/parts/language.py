"""The switch between the interface's languages, in the header of every page."""

from __future__ import annotations

import streamlit as st

from pages.parts import state
from s2s.locale import LANGUAGES


def switch() -> None:
    """A button for every language but the one that is spoken, by its own name."""
    with st.container(key="language", horizontal=True):
        for code, name in LANGUAGES.items():
            if code != state.language():
                st.button(
                    name,
                    key=f"language-{code}",
                    icon=":material/language:",
                    on_click=state.reseed,
                    kwargs={"lang": code},
                    type="tertiary",
                )
