"""The list of lessons, and the ways from one to the next."""

from __future__ import annotations

import streamlit as st

from pages.lessons.catalogue import LESSONS
from pages.lessons.prose import text_of
from pages.parts import address, state
from s2s.locale import _

ORDER = [code for code in address.LESSONS if code in LESSONS]


def numbered(code: str) -> int:
    """The number of a lesson, from 1."""
    return address.LESSONS.index(code) + 1


def called(code: str) -> str:
    """Number and title."""
    return f"{numbered(code)} · {text_of(code, state.language()).title}"


def contents() -> None:
    """The list in the sidebar."""
    k = state.kept()
    names = {"": _("Overview")} | {code: called(code) for code in ORDER}
    st.radio(
        _("Lessons"),
        list(names),
        list(names).index(k.lesson if k.lesson in names else ""),
        format_func=names.get,
        **state.widget("lesson"),
    )


def overview() -> None:
    """What the lessons are about, and the way into each."""
    st.header(_("Learn sequence-to-sequence models"), anchor=False)
    st.markdown(
        _(
            "Twelve short lessons, from text to numbers to what goes wrong. Every number in them is "
            "computed while you read, from **your own sentence** and the models of this app; every "
            "piece of code is the code that ran."
        )
    )
    for row in range(0, len(ORDER), 3):
        for column, code in zip(st.columns(3), ORDER[row : row + 3], strict=False):
            with column.container(border=True, height="stretch"):
                st.button(
                    called(code), key=f"open-{code}", type="tertiary", on_click=go, args=(code,)
                )
                st.caption(text_of(code, state.language()).about)


def ways_on(place: str) -> None:
    """Back, overview, next."""
    at = ORDER.index(state.kept().lesson)
    ways = {
        "back": (ORDER[at - 1] if at else "", ":material/arrow_back:"),
        "list": ("", ":material/list:"),
        "next": (ORDER[at + 1] if at + 1 < len(ORDER) else "", ":material/arrow_forward:"),
    }
    with st.container(horizontal=True, horizontal_alignment="distribute", key=f"ways-{place}"):
        for name, (code, icon) in ways.items():
            if code or name == "list":
                st.button(
                    called(code) if code else _("All lessons"),
                    key=f"{name}-{place}",
                    icon=icon,
                    icon_position="right" if name == "next" else "left",
                    type="tertiary",
                    on_click=go,
                    args=(code,),
                )


def go(code: str) -> None:
    """Open a lesson, or the list."""
    state.reseed(lesson=code)
