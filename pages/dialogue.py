"""Dialogue: talk with a small model, and open any of its replies beside the conversation."""

import streamlit as st

from pages.parts import state
from pages.parts.conversation import (
    answer_last,
    as_json,
    clear,
    edit,
    is_bot,
    next_candidate,
    say,
)
from pages.parts.frame import framed
from pages.parts.inside import inside
from pages.parts.lines import keep_focus
from pages.parts.models import models_of, sidebar
from pages.parts.text import plain
from s2s.locale import _
from s2s.tasks import TASKS
from s2s.text.remarks import shown

SHOWN = 60  # turns drawn
framed()
k = state.kept()
card, model, options = sidebar("dialogue", models_of("dialogue"))
if k.greeted is False:
    k.greeted = True
    if not k.turns:
        say(TASKS["dialogue"].examples[0].text)
        k.seeds["turn"] = k.turns[0]["text"]
        k.inside = 1


def message(i: int) -> None:
    """One turn and what can be done with it."""
    turn = k.turns[i]
    bot = is_bot(i)
    with (
        st.chat_message("assistant" if bot else "user"),
        st.container(horizontal=True, vertical_alignment="top", gap="small", wrap=False),
    ):
        st.markdown(plain(turn["text"]), width="stretch")
        if not bot:
            with st.popover(_("Edit"), icon=":material/edit:", type="tertiary", key=f"editing-{i}"):
                key = f"edit-{i}-{turn['text'][:40]}"
                st.text_input(
                    _("Say instead"), turn["text"], key=key, on_change=edit, args=(i, key)
                )
            return
        if i == len(k.turns) - 1:
            st.button(
                _("Another reply"),
                key=f"again-{i}",
                icon=":material/refresh:",
                type="tertiary",
                help=_("Another reply"),
                on_click=next_candidate,
                args=(i, card, options),
            )
        st.button(
            _("Look inside"),
            key=f"inside-{i}",
            icon=":material/visibility:",
            type="tertiary",
            on_click=state.put,
            kwargs={"inside": i, "candidate": 0},
        )
    if bot:
        for warning in turn.get("warnings", ()):
            st.caption(f":material/warning: {plain(shown(warning))}")


answer_last(card, options)
opened = 0 <= k.inside < len(k.turns) and is_bot(k.inside)
left, right = st.columns([1, 1.15], gap="small") if opened else (st.container(key="alone"), None)
with left:
    with st.container(height=520, border=True, key="talk", autoscroll=True):
        if not k.turns:
            st.caption(
                _(
                    "A small model trained on everyday conversations: friendly, forgetful, and "
                    "often beside the point. Say something, or begin with one of these:"
                )
            )
            for n, example in enumerate(TASKS["dialogue"].examples):
                st.button(plain(example.text), key=f"say-{n}", on_click=say, args=(example.text,))
        if len(k.turns) > SHOWN:
            earlier = len(k.turns) - SHOWN
            st.caption(_("{n} earlier turns are not drawn.").format(n=earlier))
        for i in range(max(0, len(k.turns) - SHOWN), len(k.turns)):
            message(i)
    st.chat_input(
        _("Say something, then press Enter"),
        key="said-now",
        max_chars=2_000,
        on_submit=lambda: say(st.session_state["said-now"]),
    )
    keep_focus(len(k.turns))
if opened and right is not None:
    with right, st.container(height=600, border=False, key="inside"):
        inside(k.inside, card, options)
with st.sidebar:
    if k.turns:
        st.button(_("Clear the conversation"), icon=":material/delete:", on_click=clear)
        st.download_button(
            _("Download it"),
            as_json,
            "conversation.json",
            "application/json",
            on_click="ignore",
            icon=":material/download:",
        )
    if not state.short("".join(turn["text"] for turn in k.turns)):
        st.caption(
            _("This conversation is too long for an address: a link to this page begins anew.")
        )
