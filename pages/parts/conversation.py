"""A conversation that lives in the session and in the address, and what is done with its turns.

Turns alternate: the visitor's have even numbers, the model's odd ones.
"""

from __future__ import annotations

import json

import streamlit as st

from pages.parts import state
from pages.parts.answer import run
from pages.parts.cache import Card, cards, decode, key_of, pipeline
from pages.parts.chart import neutral
from pages.parts.options import Settings
from s2s.locale import _
from s2s.text.cleaning import clean
from s2s.text.source import Source
from s2s.trace import Result


def is_bot(i: int) -> bool:
    """Whether turn ``i`` is the model's."""
    return i % 2 == 1


def say(text: str) -> None:
    """The visitor's next turn."""
    k = state.kept()
    if cleaned := clean(text or ""):
        k.turns.append({"text": cleaned})
        if k.inside >= 0:  # the panel goes along with the newest reply
            k.inside = len(k.turns)
        state.forget_picks()


def edit(i: int, key: str) -> None:
    """Change a turn; what came after it never happened."""
    k = state.kept()
    if cleaned := clean(st.session_state[key] or ""):
        k.turns[i:] = [{"text": cleaned}]
        k.inside = i + 1 if k.inside > i else k.inside
        state.forget_picks()


def answer_last(card: Card, settings: Settings) -> None:
    """Reply if the visitor spoke last."""
    turns = state.kept().turns
    if not turns or is_bot(len(turns) - 1):
        return
    result = run(card, source_of(turns, len(turns)), settings, doing=_("Thinking …"))
    if result.sentences:
        turns.append(
            {
                "text": result.text or "…",
                "model": card.name,
                "settings": settings,
                "warnings": result.warnings,
            }
        )


def source_of(turns: list[dict], end: int) -> Source:
    """What a reply answers: the turns before ``end``."""
    return Source(tuple(turn["text"] for turn in turns[:end]))


def again(i: int, card: Card, settings: Settings) -> tuple[Result, Card, Settings]:
    """Reply ``i`` as it was decoded; one that came by the address, as the page stands now."""
    turns = state.kept().turns
    turn = turns[i]
    if "settings" in turn:
        settings = turn["settings"]
        card = next((c for c in cards()[0] if c.name == turn["model"]), card)
    return decode(card.name, source_of(turns, i), *settings), card, settings


def next_candidate(i: int, card: Card, settings: Settings) -> None:
    """Put the next best candidate in the place of a reply; after the last comes the first."""
    turn = state.kept().turns[i]
    outputs = again(i, card, settings)[0].sentences[0].outputs
    at = outputs.index(turn["text"]) if turn["text"] in outputs else -1
    turn["text"] = outputs[(at + 1) % len(outputs)]


def clear() -> None:
    """Forget everything that was said."""
    k = state.kept()
    k.turns, k.inside = [], -1
    state.forget_picks()


def as_json() -> str:
    """The conversation to take away."""
    rows = [
        {"speaker": "model" if is_bot(i) else "you", "text": neutral(turn["text"])}
        for i, turn in enumerate(state.kept().turns)
    ]
    return json.dumps(rows, ensure_ascii=False, indent=2)


def carry_to_lab(i: int, card: Card, settings: Settings) -> None:
    """Let the Beam lab open with the very search of reply ``i``: same turns, model and options."""
    k = state.kept()
    own = pipeline(card.name).config
    k.task, k.model["dialogue"] = "dialogue", card.name
    k.options["dialogue"] = {
        name: value for name, value in key_of(settings.search) if value != getattr(own.search, name)
    }
    if settings.ranking != own.rerank:
        k.options["dialogue"]["mutual"] = settings.ranking.mutual
    state.reseed(said="\n".join(turn["text"] for turn in k.turns[:i]))
