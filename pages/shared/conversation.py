"""A conversation that lives in the session and in the URL, and the inside of one reply.

Turns alternate: the visitor's have even numbers, the model's odd ones.
"""

from __future__ import annotations

import json

import streamlit as st

from pages.shared.frame import run
from pages.shared.inspector import inspect, key_of
from s2s.analysis.attention import by_part
from s2s.config import RerankOptions, SearchOptions, from_dict
from s2s.figures.bars import parts as parts_figure
from s2s.figures.style import SPOKEN
from s2s.tasks.dialogue import TURNS
from s2s.text.cleaning import clean
from s2s.text.source import Source
from s2s.trace import Result, Sentence

IN_URL = 3_000  # characters of a conversation that the URL carries


def is_bot(i: int) -> bool:
    """Whether turn ``i`` is the model's."""
    return i % 2 == 1


def restore() -> list[dict]:
    """The session's turns; a fresh session begins with those of the URL."""
    if "turns" not in st.session_state:
        given = st.query_params.get_all("turn")
        st.session_state.turns = [{"text": t} for t in map(clean, given) if t]
    return st.session_state.turns


def say(text: str) -> None:
    """The visitor's next turn."""
    if cleaned := clean(text):
        st.session_state.turns.append({"text": cleaned})


def edit(i: int) -> None:
    """Change a turn; what came after it never happened."""
    if cleaned := clean(st.session_state[f"edit-{i}"]):
        st.session_state.turns[i:] = [{"text": cleaned}]
        st.session_state.inside = None


def answer_last(
    turns: list[dict], name: str, options: SearchOptions, ranking: RerankOptions
) -> None:
    """Reply if the visitor spoke last; keep the URL up to date."""
    if turns and not is_bot(len(turns) - 1):
        result = run(name, history(turns, len(turns)), options, "", "Thinking …", ranking)
        if result.sentences:
            turns.append(
                {
                    "text": result.text or "…",
                    "model": name,
                    "options": key_of(options),
                    "ranking": ranking,
                    "warnings": result.warnings,
                }
            )
    texts = [turn["text"] for turn in turns]
    if sum(map(len, texts)) > IN_URL:
        texts = []
    if st.query_params.get_all("turn") != texts:
        st.query_params["turn"] = texts


def history(turns: list[dict], end: int) -> Source:
    """The source of a reply: the turns before ``end``."""
    return Source(tuple(turn["text"] for turn in turns[:end]))


def _again(
    turns: list[dict], i: int, name: str, options: SearchOptions, ranking: RerankOptions
) -> tuple[Result, str, SearchOptions]:
    """Reply ``i`` as it was decoded, from the cache; one that came by the URL, as the page stands."""
    turn = turns[i]
    if "options" in turn:
        name, options = turn["model"], from_dict(SearchOptions, dict(turn["options"]))
        ranking = turn["ranking"]
    return run(name, history(turns, i), options, rerank=ranking), name, options


def next_candidate(i: int, name: str, options: SearchOptions, ranking: RerankOptions) -> None:
    """Put the next best candidate in the place of a reply; after the last comes the first."""
    turn = st.session_state.turns[i]
    outputs = _again(st.session_state.turns, i, name, options, ranking)[0].sentences[0].outputs
    at = outputs.index(turn["text"]) if turn["text"] in outputs else -1
    turn["text"] = outputs[(at + 1) % len(outputs)]


def look_inside(
    turns: list[dict], i: int, name: str, options: SearchOptions, ranking: RerankOptions
) -> None:
    """Everything about reply ``i``."""
    result, name, options = _again(turns, i, name, options, ranking)
    with st.container(border=True):
        read = min(i, TURNS)
        st.caption(
            f"The model read the last {read} of {i} turns. Its best candidate becomes the reply; "
            "*Another reply* takes the next one."
        )
        inspect(result, name, options, extra=_turns)


def _turns(sentence: Sentence, n: int) -> None:
    """How much each turn was looked at."""
    alpha = sentence.hypotheses[n].alpha()
    starts = [i for i, p in enumerate(sentence.src_pieces) if p in SPOKEN]
    if alpha is None or len(starts) < 2:
        return
    st.subheader("Attention by turn", anchor=False)
    st.caption("Which turns of the conversation the model looked at while it wrote, oldest first.")
    speakers = [SPOKEN[sentence.src_pieces[i]] for i in starts]
    texts = sentence.source.parts[-len(starts) :]
    labels = [f"{who} {text}" for who, text in zip(speakers, texts, strict=True)]
    st.plotly_chart(
        parts_figure(labels, by_part(alpha, starts).mean(0)),
        key="by-turn",
        config={"displayModeBar": False},
        alt="Attention by turn",
    )


def controls(turns: list[dict]) -> None:
    """Clear and download."""
    left, right, _ = st.columns([1, 1, 3])
    left.button("Clear", icon=":material/delete:", on_click=_clear)
    rows = [
        {"speaker": "model" if is_bot(i) else "you", "text": t["text"]} for i, t in enumerate(turns)
    ]
    right.download_button(
        "Download",
        json.dumps(rows, ensure_ascii=False, indent=2),
        "conversation.json",
        "application/json",
        on_click="ignore",
        icon=":material/download:",
    )


def _clear() -> None:
    st.session_state.turns = []
    st.session_state.inside = None
