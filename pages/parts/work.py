"""Work for a visitor: begun when it is their turn, ended when they leave, bounded in what it holds."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import streamlit as st

from pages.parts.frame import alive
from pages.parts.turns import Turn
from s2s.analysis.exact import Progress
from s2s.locale import plural
from s2s.pipeline import Pipeline

T = TypeVar("T")
SEARCHES = 6  # exact ones that can be gone on with; each holds some 70 MB at most


def waiting(ahead: int) -> None:
    """Say that others come first, for as long as they do."""
    spot = st.session_state.get("waits")
    said = plural(
        "Waiting for {n} other whose work came first …",
        "Waiting for {n} others whose work came first …",
        ahead,
    ).format(n=ahead)
    if spot != said:
        st.session_state["waits"] = said
        st.toast(said, icon=":material/hourglass_top:")


def working(p: Pipeline, do: Callable[[Pipeline], T]) -> T:
    """What needs a model: when it is this visitor's turn, and only as long as they are there."""
    st.session_state.pop("waits", None)
    with Turn(alive, waiting) as turn:
        return do(p.watched(turn.tick))


def slice_of_work(do: Callable[[Callable[[], None]], T], long: bool = True) -> T:
    """A moment of work, by default of one that is known to be long; given what to call between two steps."""
    st.session_state.pop("waits", None)
    with Turn(alive, waiting, long=long) as turn:
        return do(turn.tick)


@dataclass
class Held:
    """An exact search that can be gone on with."""

    steps: Iterator[Progress]


_held: deque[Held] = deque()


def hold(steps: Iterator[Progress]) -> Held:
    """Keep a search; the one that was begun first is given up when there are too many."""
    found = Held(steps)
    _held.append(found)
    while len(_held) > SEARCHES:
        _held.popleft().steps = iter(())
    return found
