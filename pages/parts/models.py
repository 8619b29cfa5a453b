"""Which model answers: cards that say what differs, and the settings of its search."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.parts import state
from pages.parts.begin import of_task
from pages.parts.cache import Card, pipeline
from pages.parts.frame import stop
from pages.parts.options import Settings, search_options
from pages.parts.text import fail, plain, warn
from pages.parts.words import language
from s2s.errors import S2SError
from s2s.locale import _
from s2s.pipeline import Pipeline
from s2s.text.remarks import shown


def models_of(task: str) -> list[Card]:
    """The task's checkpoints, the usual one first; what is wrong with others is said. May end the page."""
    found, problems = of_task(task)
    for problem in problems:
        warn(shown(problem))
    if not found:
        said = _("There is no checkpoint for {task}. Train one: python -m s2s train RECIPE.")
        fail(said.format(task=task))
        stop()
    return found


def current(task: str, found: list[Card]) -> Card:
    """The chosen card, or the first."""
    k = state.kept()
    by_name = {card.name: card for card in found}
    card = by_name.get(k.model.get(task, ""), found[0])
    k.model[task], k.task = card.name, task
    return card


def choose(task: str, found: list[Card], now: Card) -> None:
    """The cards. Of translation those of the languages that are set."""
    shown = [c for c in found if c.languages == now.languages] if task == "translation" else found
    names = [c.name for c in shown]
    titles = titled(shown, _title)
    key = f"model.{task}.{'-'.join(now.languages)}.{state.kept().epoch}"

    def take() -> None:
        state.kept().model[task] = st.session_state[key]
        state.forget_picks()

    if len(shown) > 1:
        st.radio(
            _("Model"),
            names,
            names.index(now.name),
            key=key,
            on_change=take,
            format_func=titles.get,
            captions=[about(c) for c in shown],
        )
    else:
        st.markdown(f"**{titles[now.name]}**")
        st.caption(about(now))


def titled(found: list[Card], title: Callable[[Card], str]) -> dict[str, str]:
    """Checkpoint → what it is called on screen; two of one title are told apart by their folders."""
    called = [title(card) for card in found]
    return {
        card.name: plain(name if called.count(name) == 1 else f"{name} ({card.name})")
        for card, name in zip(found, called, strict=True)
    }


def _title(card: Card) -> str:
    """What tells a model from the others of its languages: the title without them."""
    return card.title.split(" · ", 1)[-1] if card.task == "translation" else card.title


def about(card: Card) -> str:
    """One line of facts."""
    without = _("no attention: one vector holds the whole sentence")
    facts = [_("attention") if card.attends else without]
    if card.score >= 0 and card.metric == "bleu":
        facts.append(f"{card.score:.1f} BLEU")
    return " · ".join(facts)


def sidebar(task: str, found: list[Card]) -> tuple[Card, Pipeline, Settings]:
    """Model and settings. A broken checkpoint ends the page with a sentence."""
    now = current(task, found)
    with st.sidebar:
        choose(task, found, now)
        try:
            model = pipeline(now.name)
            options = search_options(model.config, now.name)
        except S2SError as error:
            fail(str(error))
            stop()
    return now, model, options


def direction(card: Card) -> str:
    """Languages as people call them."""
    return f"{language(card.languages[0])} → {language(card.languages[1])}"


def directions(found: list[Card]) -> dict[tuple[str, str], str]:
    """Every pair of languages and the first model that ships for it."""
    pairs: dict[tuple[str, str], str] = {}
    for card in found:
        pairs.setdefault(card.languages, card.name)
    return pairs
