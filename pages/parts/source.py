"""The pane in which people type, its examples, and the ways on."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.parts import state
from pages.parts.cache import Card
from pages.parts.models import directions
from pages.parts.text import plain
from pages.parts.words import TOO_LONG, language
from s2s.locale import _, translated


def first_example(example: str) -> None:
    """A first visit opens with one example answered already."""
    k = state.kept()
    if "text" not in k.seeds:
        k.seeds["text"] = example
        k.text = k.text or example


def source_pane(found: list[Card], card: Card, examples: Sequence[str], height: int = 146) -> None:
    """Languages, the text, and the examples folded away."""
    k = state.kept()
    first_example(examples[2] if len(examples) > 2 else examples[0])
    with st.container(
        horizontal=True,
        vertical_alignment="center",
        horizontal_alignment="distribute",
        gap="xsmall",
        key="head",
    ):
        with st.container(
            horizontal=True, vertical_alignment="center", width="content", gap="xsmall"
        ):
            languages(found, card)
            with st.popover(_("Examples"), icon=":material/lightbulb:", type="tertiary"):
                for n, example in enumerate(examples):
                    st.button(
                        plain(example),
                        key=f"example-{n}",
                        on_click=state.reseed,
                        kwargs={"text": example},
                        type="tertiary",
                    )
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.button(
                _("Translate"), type="primary", icon=":material/translate:", help="Ctrl+Enter"
            )
    st.text_area(
        _("Text to translate"),
        k.text,
        height=height,
        placeholder=_("Type or paste here, then press Ctrl+Enter"),
        label_visibility="collapsed",
        **state.widget("text"),
    )
    if not state.short(k.text):
        st.caption(translated(TOO_LONG))


def languages(found: list[Card], card: Card) -> None:
    """What is translated into what, and the way to turn it round where a model for that ships."""
    pairs = directions(found)
    if len(pairs) == 1:
        st.markdown(f"**{language(card.languages[0])}**")
        return
    names = list(pairs)
    titles = [" → ".join(map(language, name)) for name in names]
    key = f"pair.{card.languages}.{state.kept().epoch}"

    def take() -> None:
        state.kept().model["translation"] = pairs[names[st.session_state[key]]]
        state.forget_picks()

    st.selectbox(
        _("Languages"),
        range(len(names)),
        names.index(card.languages),
        key=key,
        on_change=take,
        label_visibility="collapsed",
        width=188,
        format_func=titles.__getitem__,
    )
    back = (card.languages[1], card.languages[0])
    if back in pairs:
        st.button(
            _("Swap"),
            icon=":material/swap_horiz:",
            help=_("Translate from {one} to {other}").format(
                one=language(back[0]), other=language(back[1])
            ),
            on_click=_swap,
            args=(pairs[back],),
            type="tertiary",
            key="swap",
        )


def _swap(name: str) -> None:
    k = state.kept()
    k.model["translation"] = name
    state.reseed(text=k.answer or k.text)


def extras() -> None:
    """Under the model: what the output shall begin with."""
    with st.sidebar:
        st.text_input(
            _("Begin the output with"),
            state.kept().prefix,
            max_chars=200,
            help=_(
                "The first sentence must start with these words; the search goes on from there."
            ),
            **state.widget("prefix", state.forget_picks),
        )


def lab_link(label: str) -> None:
    """The way to the Beam lab: what is kept goes along."""
    st.page_link("pages/beam_lab.py", label=label, icon=":material/account_tree:")
