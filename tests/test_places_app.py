"""Heavy work of Batch, Learn and Train has its place, and ends when its visitor stops it or is gone."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from pages.lessons.catalogue import LESSONS
from pages.parts import turns, work
from pages.parts.shelf import Shelf
from tests.pages import BAHDANAU, LSTM, opened, press

SENTENCE = "The committee has not yet said why it left the room, and nobody asked."
STEPPED = {  # computed pass by pass → in which lesson
    "lesson-text": "text",
    "lesson-written": "decoder",
    "lesson-decoder": "decoder",
    "lesson-exposure": "training",
    "lesson-slip": "training",
    "lesson-reach": "trouble",
}
COMPUTED = {
    *STEPPED,
    *("lesson-embeddings", "lesson-cells", "lesson-encoder", "lesson-influence"),
    *("lesson-attention", "lesson-losses", "lesson-scheduled", "lesson-pull"),
    *("lesson-flow", "lesson-descent"),
}


class Leaving:
    """A visitor who is gone at the third look during what they wait for."""

    def __init__(self) -> None:
        self.wanted, self.now, self.looks, self.after = "", "", 0, 0
        self.placed: dict[str, bool] = {}
        """What was computed → whether it had a place."""

    def name(self, key: object) -> str:
        """What is computed under a key of the shelf."""
        first = key[0] if isinstance(key, tuple) else key
        return str(first[0] if isinstance(first, tuple) else first)

    def alive(self) -> None:
        self.placed[self.now] = turns.SHORT_WORK.asked_for or turns.LONG_WORK.asked_for
        if self.now == self.wanted:
            self.looks += 1
            if self.looks == 3:
                raise StopException
            self.after += self.looks > 3


@pytest.fixture
def visitor(monkeypatch):
    """One whose looks are counted, with an empty shelf."""
    found, real, begin = Leaving(), Shelf.get, work.Turn.__enter__

    def get(self, key, make):
        def noted():
            before, found.now = found.now, found.name(key)
            found.placed.setdefault(found.now, False)
            try:
                return make()
            finally:
                found.now = before

        return real(self, key, noted)

    def enter(self):
        turn = begin(self)
        found.placed[found.now] = True
        return turn

    st.cache_resource.clear()
    monkeypatch.setattr(Shelf, "get", get)
    monkeypatch.setattr(work.Turn, "__enter__", enter)
    monkeypatch.setattr(work, "alive", found.alive)
    yield found
    assert not turns.SHORT_WORK.asked_for
    assert not turns.LONG_WORK.asked_for


def test_everything_that_lessons_compute_has_a_place(visitor):
    for name in LESSONS:
        opened("learn", lesson=name, text=SENTENCE, model=BAHDANAU, measured="1")
    found = {what: placed for what, placed in visitor.placed.items() if what.startswith("lesson-")}
    assert set(found) == COMPUTED
    assert [what for what, placed in found.items() if not placed] == []


@pytest.mark.parametrize("what", STEPPED)
def test_a_lesson_whose_reader_left_computes_no_more(visitor, what):
    visitor.wanted = what
    page = opened("learn", lesson=STEPPED[what], text=SENTENCE, model=BAHDANAU, measured="1")
    assert visitor.looks == 3
    assert visitor.after == 0
    visitor.wanted = ""
    page.run()  # who comes back finds it whole
    assert not page.exception
    assert page.get("plotly_chart")


def test_a_list_whose_reader_left_is_judged_no_more_and_loses_no_row(visitor):
    page = opened("batch", rows="\n".join(f"The {n} cats sleep." for n in range(20)), model=LSTM)
    press(page, "Go through 20 rows")
    visitor.wanted = visitor.now = "rows"
    page.run()
    assert visitor.looks == 3
    assert page.session_state["batch"]["judged"] == []
    visitor.wanted = ""
    for _ in range(8):
        page.run()
    assert [j.number for j in page.session_state["batch"]["judged"]] == [*range(1, 21)]


def test_lists_are_long_work(monkeypatch):
    """So all lists together take one place, and answers go before them."""
    seen = set()
    monkeypatch.setattr(
        work, "alive", lambda: seen.add((turns.SHORT_WORK.asked_for, turns.LONG_WORK.asked_for))
    )
    page = press(opened("batch", rows="A cat.\nA dog.", model=LSTM), "Go through 2 rows")
    seen.clear()
    page.run()
    assert len(page.dataframe[0].value) == 2
    assert seen == {(False, True)}
