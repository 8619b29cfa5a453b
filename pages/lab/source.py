"""What the lab's one text box means to each task."""

from __future__ import annotations

import streamlit as st

from s2s.tasks.base import Task
from s2s.text.source import Source

# Widget keys of a task's options, as on its own page: the options travel with the reader.
KEYS = {"dialogue": "chat_", "summarization": "sum_"}


def source_of(task: Task, text: str) -> Source:
    """The box's text as the pipeline reads it; asks for the kind of a summary."""
    if task.kinds:
        kind = st.selectbox(
            "Kind of output",
            list(task.kinds),
            format_func=task.kinds.get,
            key="kind",
            bind="query-params",
            help="A control token in front of the text tells the model.",
        )
        return Source((text,), kind)
    if task.keeps == "last":
        st.caption("One turn of the conversation a line; the model answers the last.")
        return Source(tuple(text.splitlines()))
    return Source((text,))
