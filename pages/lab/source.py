"""What the lab's one text box means to each task."""

from __future__ import annotations

import streamlit as st

from s2s.tasks.base import Task

# Widget keys of a task's options, as on its own page: the options travel with the reader.
KEYS = {"dialogue": "chat_", "summarization": "sum_"}


def split_example(task: Task, example: str) -> tuple[str, str]:
    """An example → kind (empty if the task has none) and what goes into the box."""
    kind, tab, body = example.partition("\t")
    return (kind, body) if task.kinds and tab else ("", example)


def source_of(task: Task, text: str) -> str:
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
        return f"{kind}\t{text}"
    if task.keeps == "last":
        st.caption("One turn of the conversation a line; the model answers the last.")
        return "\t".join(text.splitlines())
    return text
