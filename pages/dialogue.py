"""Dialogue: talk with a small model, and open any of its replies."""

import streamlit as st

from pages.shared.conversation import (
    answer_last,
    controls,
    edit,
    is_bot,
    look_inside,
    next_candidate,
    restore,
    say,
)
from pages.shared.frame import models_of, sidebar
from pages.shared.wording import plain
from s2s.tasks import TASKS

task = TASKS["dialogue"]
models = models_of(task)
st.title("Talk, and see where replies come from", anchor=False)
name, options, ranking = sidebar(
    models, "A small model: friendly, forgetful, and often beside the point.", "chat_"
)
turns = restore()

if not turns:
    st.caption("A small model trained on everyday conversations. Say something, or begin with one:")
    for column, example in zip(st.columns(2) * 2, [e.text for e in task.examples], strict=False):
        column.button(example, on_click=say, args=(example,), width="stretch")

answer_last(turns, name, options, ranking)
for i, turn in enumerate(turns):
    with st.chat_message("assistant" if is_bot(i) else "user"):
        st.markdown(plain(turn["text"]))
        if not is_bot(i):
            with st.popover("Edit", icon=":material/edit:", type="tertiary"):
                st.text_input(
                    "Say instead", turn["text"], key=f"edit-{i}", on_change=edit, args=(i,)
                )
            continue
        for warning in turn.get("warnings", ()):
            st.caption(f":material/warning: {plain(warning)}")
        left, middle, _ = st.columns([1, 1, 3])
        left.button(
            "Look inside",
            key=f"inside-{i}",
            icon=":material/visibility:",
            type="tertiary",
            on_click=st.session_state.update,
            args=({"inside": i},),
        )
        if i == len(turns) - 1:
            middle.button(
                "Another reply",
                key=f"again-{i}",
                icon=":material/refresh:",
                type="tertiary",
                on_click=next_candidate,
                args=(i, name, options, ranking),
            )
        if st.session_state.get("inside") == i:
            look_inside(turns, i, name, options, ranking)

with st.container():  # in the flow of the page: one that is pinned would scroll past the inspector
    st.chat_input(
        "Say something", key="said", max_chars=2_000, on_submit=lambda: say(st.session_state.said)
    )
if turns:
    controls(turns)
