"""Attention as lines between words: a component of our own, drawn in the browser from plain JSON.

Three parts share one script and talk to each other in the page, so that a word lights its partners
everywhere without asking the server: ``answer`` (running text, shaded by probability), ``lines`` and
``step`` (what else was considered). A click or Enter chooses the step and tells Python.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

from pages.parts.lines.says import says

HERE = Path(__file__).parent
SCRIPTS = ("page.js", "answer.js", "lines.js", "step.js", "matrix.js", "tree.js", "heads.js")


@cache
def _sources() -> tuple[str, str]:
    script = "\n".join((HERE / name).read_text(encoding="utf-8") for name in SCRIPTS)
    return script, (HERE / "lines.css").read_text(encoding="utf-8")


def mount(
    data: dict[str, Any],
    key: str,
    on_step: Callable[[int, int], None] | None = None,
) -> None:
    """Draw one part. ``on_step``: called with (sentence, step) before the next run."""
    script, style = _sources()
    # registered at every run, since every server (and every test) has a registry of its own
    draw = st.components.v2.component(
        "s2s_lines", html="<div id='s2s'></div>", css=style, js=script
    )

    def chosen() -> None:
        picked = st.session_state[key].get("step")
        if on_step and picked is not None:
            on_step(int(picked["sentence"]), int(picked["step"]))

    draw(data=data | {"says": says()}, key=key, on_step_change=chosen)


FOCUS = """
export default function ({ data, parentElement }) {
  if (parentElement.turns === data.turns) return;
  const first = parentElement.turns === undefined;
  parentElement.turns = data.turns;
  const box = document.querySelector('[data-testid="stChatInput"] textarea');
  const talk = document.querySelector('.st-key-talk');
  const busy = document.activeElement?.matches?.('input, textarea');
  if (box && (!busy || !first)) box.focus({ preventScroll: true });
  const down = () => talk && (talk.scrollTop = talk.scrollHeight);
  down();
  setTimeout(down, 150);
}
"""


def keep_focus(turns: int) -> None:
    """The cursor stays in the box and the newest turn in view, whenever the number of turns changes."""
    st.components.v2.component("s2s_focus", html="<span></span>", js=FOCUS)(
        data={"turns": turns}, key="focus"
    )


TOP = """
export default function ({ data, parentElement }) {
  const before = parentElement.shown;
  parentElement.shown = data.shown;
  if (before !== undefined && before !== data.shown)
    document.querySelector('[data-testid="stMain"]')?.scrollTo(0, 0);
}
"""


def start_at_top(shown: str) -> None:
    """What is shown anew is read from its beginning, though the page stays the same to Streamlit."""
    with st.container(key="drafts-top"):
        st.components.v2.component("s2s_top", html="<span></span>", js=TOP)(
            data={"shown": shown}, key="top"
        )


@cache
def _drafts() -> str:
    return (HERE / "drafts.js").read_text(encoding="utf-8")


def keep_drafts() -> None:
    """What is typed and not yet sent survives a reload."""
    with st.container(key="drafts"):
        st.components.v2.component("s2s_drafts", html="<span></span>", js=_drafts())(
            key="draft-keeper"
        )
