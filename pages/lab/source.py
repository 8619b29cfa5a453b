"""What the lab's one text box means to each task, and what it is filled with."""

from __future__ import annotations

import streamlit as st

from pages.parts import state
from pages.parts.text import plain
from pages.parts.words import all_of
from s2s.locale import _
from s2s.tasks.base import Task
from s2s.text.source import Source

FIELDS = {
    "translation": "text",
    "summarization": "document",
    "dialogue": "said",
    "rewriting": "line",
}


def field_of(task: Task) -> str:
    """Which of the kept texts a model of this task reads."""
    return FIELDS.get(task.name, "text")


def carried(task: Task) -> str:
    """The text that comes along from the task's own page; on a first visit its first example."""
    k = state.kept()
    name = field_of(task)
    if name == "said" and not k.said and k.turns:
        spoken = k.turns[:-1] if len(k.turns) % 2 == 0 else k.turns
        k.said = "\n".join(turn["text"] for turn in spoken)
    text = getattr(k, name)
    if not text and k.lab is False and task.examples:
        example = task.examples[min(2, len(task.examples) - 1)]
        kind, text = example.kind, example.text
        setattr(k, name, text)
        k.seeds[name] = text
        k.kind = kind or k.kind
    k.lab = True
    return text


def box(task: Task, button: str, icon: str = ":material/account_tree:") -> None:
    """The text box with its examples, and the kind of a summary."""
    k = state.kept()
    name = field_of(task)
    text = carried(task)
    with st.container(
        horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", key="head"
    ):
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            label = _("Conversation, one turn a line") if name == "said" else _("Source text")
            st.markdown(f"**{label}**", width="content")
            with st.popover(_("Examples"), icon=":material/lightbulb:", type="tertiary"):
                for n, example in enumerate(task.examples):
                    kind, body = example.kind, example.text
                    st.button(
                        plain(body[:90]),
                        key=f"example-{n}",
                        on_click=state.reseed,
                        kwargs={name: body} | ({"kind": kind} if kind else {}),
                        type="tertiary",
                    )
            if task.kinds:
                kinds = list(task.kinds)
                k.kind = k.kind if k.kind in kinds else kinds[0]
                st.selectbox(
                    _("Kind of output"),
                    kinds,
                    kinds.index(k.kind),
                    format_func=all_of(task.kinds).get,
                    label_visibility="collapsed",
                    width=230,
                    **state.widget("kind"),
                )
        with st.container(horizontal=True, vertical_alignment="center", width="content"):
            st.caption("Ctrl+Enter", width="content")
            st.button(button, type="primary", icon=icon)
    st.text_area(
        label,
        text,
        height=80,
        placeholder=_("Type or paste here, then press Ctrl+Enter"),
        label_visibility="collapsed",
        **state.widget(name),
    )


def source_of(task: Task, limit: int) -> Source:
    """The box's text as the pipeline reads it."""
    k = state.kept()
    text = getattr(k, field_of(task))[:limit]
    if task.kinds:
        return Source((text,), k.kind)
    return Source(tuple(text.splitlines()) if task.keeps == "last" else (text,))
