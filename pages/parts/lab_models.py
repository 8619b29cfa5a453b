"""The labs' sidebar: models of every task."""

from __future__ import annotations

import streamlit as st

from pages.parts import state
from pages.parts.begin import usual
from pages.parts.cache import Card, every_card, pipeline
from pages.parts.frame import stop
from pages.parts.models import about, titled
from pages.parts.options import Settings, search_options
from pages.parts.text import fail, warn
from s2s.errors import S2SError
from s2s.locale import _
from s2s.pipeline import Pipeline
from s2s.text.remarks import shown


def lab_sidebar(prefix: bool = True) -> tuple[Card, Pipeline, Settings]:
    """Model, settings and, if asked for, prefix. May end the page with a sentence."""
    found, problems = every_card()
    for problem in problems:
        warn(shown(problem))
    if not found:
        fail(_("There is no checkpoint. Train one: python -m s2s train RECIPE."))
        stop()
    k = state.kept()
    by_name = {card.name: card for card in found}
    wanted = k.model.get(k.task, usual().get(k.task, ""))
    card = by_name.get(wanted, found[0])
    k.task, k.model[card.task] = card.task, card.name
    with st.sidebar:
        _choose(found, card)
        try:
            model = pipeline(card.name)
            options = search_options(model.config, card.name)
        except S2SError as error:
            fail(str(error))
            stop()
        if prefix:
            st.text_input(
                _("Begin the output with"),
                k.prefix,
                max_chars=200,
                help=_(
                    "The first sentence must start with these words; the search goes on from there."
                ),
                **state.widget("prefix", state.forget_picks),
            )
    return card, model, options


def _choose(found: list[Card], now: Card) -> None:
    names = [card.name for card in found]
    titles = titled(found, lambda card: card.title)
    key = f"model.lab.{state.kept().epoch}"

    def take() -> None:
        k = state.kept()
        card = next(c for c in found if c.name == st.session_state[key])
        k.task, k.model[card.task] = card.task, card.name
        k.edits, k.norm, k.alpha_now, k.beta_now = "", "", -1.0, -1.0
        k.cuts, k.layer, k.head, k.which, k.gold = "", 0, 0, "cross", ""
        state.forget_picks()

    st.radio(
        _("Model"),
        names,
        names.index(now.name),
        key=key,
        on_change=take,
        format_func=titles.get,
        captions=[about(card) for card in found] if len(found) < 4 else None,
    )
