"""What happens before and after every page."""

from __future__ import annotations

import streamlit as st

from pages.parts import address, state
from pages.parts.cache import Card, cards, every_card, pin
from pages.parts.frame import styled
from pages.parts.lines import keep_drafts
from pages.parts.text import warn
from pages.parts.toys import adopt


def begin(page: str) -> None:
    """Take over the address; say what of it was left out."""
    styled()
    pin()
    keep_drafts()
    adopt()
    found, _ = every_card()
    before = state.language()
    address.read(page, {card.name: card.task for card in found})
    if state.language() != before:  # the header stands already, in the other language
        st.rerun()
    for notice in state.kept().notices:
        warn(notice)
    end(page)  # what was typed stands there if this run is stopped, or its tab closed


def end(page: str) -> None:
    """Put what is kept into the address."""
    address.write(page, usual())


def usual() -> dict[str, str]:
    """Task → the checkpoint taken if nobody chose one."""
    found: dict[str, str] = {}
    for card in cards()[0]:
        found.setdefault(card.task, card.name)
    return found


def of_task(task: str) -> tuple[list[Card], list[str]]:
    """The checkpoints of a task, the usual one first, and what is wrong with others."""
    found, problems = cards()
    return [card for card in found if card.task == task], problems
