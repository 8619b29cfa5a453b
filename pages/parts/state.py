"""What a visitor has typed and chosen, whichever page is open.

``Kept`` is the truth and lives as long as the session. Widgets are seeded from it by ``value=`` and write
back to it by a callback, so that no page, slider, error or reload loses anything. What of it stands in
the address of a page: ``address``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import streamlit as st

from pages.parts.frame import running
from s2s.locale import SOURCE

Value = str | int | float
IN_ADDRESS = 6_000  # characters, quoted, of a text that still goes into the address


@dataclass
class Kept:
    """One visitor's work. Names are those in the address."""

    text: str = ""
    """To translate; on the Beam lab too."""
    prefix: str = ""
    document: str = ""
    """To summarize."""
    kind: str = ""
    shortest: int = 0
    longest: int = 0
    turns: list[dict] = field(default_factory=list)
    said: str = ""
    """A conversation as the Beam lab reads it: one turn a line."""
    task: str = "translation"
    """What was looked at last; the Beam lab goes on with it."""
    model: dict[str, str] = field(default_factory=dict)
    """Task → checkpoint."""
    options: dict[str, dict[str, Value]] = field(default_factory=dict)
    """Task → search options that differ from the model's own."""
    rival: str = ""
    """The checkpoint compared with."""
    same: int = 0
    """1: both models are forced through the same words."""
    view: str = "lines"
    unit: str = "words"
    sentence: int = 0
    candidate: int = 0
    step: int = -1
    """The chosen step; -1: where the model was least sure."""
    greeted: bool = False
    """Whether a first conversation was begun."""
    inside: int = -1
    """The reply that is open; -1: none."""
    panel: str = "tree"
    pruned: int = 0
    at: int = 1
    """The step that is played back."""
    target: str = ""
    rank: int = 3
    reference: str = ""
    edits: str = ""
    goal: str = "none"
    budget: str = "50k"
    norm: str = ""
    alpha_now: float = -1.0
    beta_now: float = -1.0
    look: str = "heads"
    """The panel of the Attention lab."""
    which: str = "cross"
    layer: int = 0
    """From 1; 0: the mean of all."""
    head: int = 0
    gold: str = ""
    """Links of the shown pair that people drew."""
    links: str = "argmax"
    ending: int = 1
    """1: the end of the source counts as a place to look at."""
    word: int = -1
    """The output word that is asked about; -1: the one the model was least sure of."""
    cuts: str = ""
    """Changes made in surgery."""
    rows: str = ""
    """A list to go through, one row a line."""
    last: int = 1
    """1: the last of several columns is a reference."""
    order: str = "score"
    """What the rows of a list are sorted by."""
    line: str = ""
    """What a toy is given in the labs."""
    toy: str = "reverse"
    """What is learned on the Train page."""
    lines: str = ""
    """Lines of one's own to learn from."""
    steps: int = 800
    rate: float = 0.005
    sampled: float = 0.0
    run: str = ""
    """The training that is looked at: who knows its code may see it."""
    shot: int = -1
    """Which snapshot; -1: the newest."""
    probe: int = 0
    """Which held-out line is looked at."""
    seeds: dict[str, str] = field(default_factory=dict)
    """Examples that a first visit was shown; they need not stand in the address."""
    leave: bool = False
    """A part of a page asks that the whole page be drawn anew."""
    answer: str = ""
    """The last translation, for turning the languages round."""
    lab: bool = False
    """Whether the Beam lab was opened."""
    shown: bool = False
    """Whether a first document was put into the box."""
    lang: str = SOURCE
    """Of the interface, a code."""
    lesson: str = ""
    """Which lesson is open; empty: the list of them."""
    place: int = -1
    """The position of the source that a lesson looks at; -1: the last."""
    dim: int = -1
    """The unit of a state that is watched; -1: the busiest."""
    cell: str = "gru"
    spot: int = -1
    """The output token that a lesson looks at; -1: one that is worth it."""
    tau: float = 0.5
    """Temperature of attention."""
    smooth: float = 0.1
    """Label smoothing."""
    share: float = 0.5
    """Of a decoder's inputs, or of a source's words, that are replaced."""
    bound: float = 1.0
    """The largest norm of a gradient."""
    gram: int = 2
    """Words in the n-grams that are counted."""
    gain: float = 1.0
    """What a step of a recurrent network stretches vectors by."""
    far: int = 60
    """Steps that a network is unrolled over."""
    keeping: float = 1.0
    """First bias of the gates that keep a state."""
    joins: int = -1
    """How many joins of the vocabulary are taken as learned; -1: all."""
    most: int = 12
    """The longest source of a batch that is shown, in tokens."""
    year: int = 2017
    """Up to which history is shown."""
    wrote: int = -1
    """The step of the output that a lesson looks at; -1: the first."""
    measured: int = 0
    """1: what takes a moment to measure in a lesson is measured."""
    answers: dict[str, str] = field(default_factory=dict)
    """Lesson → what was answered to its exercise."""
    before: str = ""
    """What an example replaced, for undoing."""
    epoch: int = 0
    """Part of every widget's key: a new one seeds all widgets anew."""
    notices: list[str] = field(default_factory=list)
    page: str = "?"
    written: dict[str, list[str]] = field(default_factory=dict)
    replaced: list[tuple[float, dict]] = field(default_factory=list)


def kept() -> Kept:
    """This session's."""
    if "kept" not in st.session_state:
        st.session_state["kept"] = Kept()
    return st.session_state["kept"]


def language() -> str:
    """What this visitor reads; outside of a visit the sources' own."""
    return kept().lang if running() else SOURCE


def widget(name: str, then: Callable[[], None] | None = None, of: object = None) -> dict[str, Any]:
    """Key and callback of the widget that shows a field. ``then``: what else a change does. ``of``: what
    its choices hang on; with others it begins anew."""
    key = f"{name}.{kept().epoch}" + ("" if of is None else f".{hash(of) & 0xFFFFFFFF:x}")
    return {"key": key, "on_change": _take, "args": (name, key, then)}


def _take(name: str, key: str, then: Callable[[], None] | None) -> None:
    value = st.session_state[key]
    if isinstance(value, str) and not isinstance(getattr(kept(), name), str):
        return  # the label of a choice that is not among the choices any more
    if value is not None:
        put(**{name: value})
    if then:
        then()


def option(task: str, model: str, name: str, default: Value) -> dict[str, Any]:
    """The same for a search option, whose default is the model's."""
    key = f"{task}.{name}.{model}.{kept().epoch}"
    return {"key": key, "on_change": _take_option, "args": (task, name, key, default)}


def _take_option(task: str, name: str, key: str, default: Value) -> None:
    chosen = kept().options.setdefault(task, {})
    chosen[name] = st.session_state[key]
    if chosen[name] == default or chosen[name] is None:
        del chosen[name]
    forget_picks()


def put(**values: Any) -> None:
    """Change fields; a new input has no sentence, candidate or step chosen yet."""
    k = kept()
    for name, value in values.items():
        setattr(k, name, value)
    if {"text", "document", "kind", "said", "line"} & set(values):
        forget_picks()
        k.edits, k.cuts, k.gold = "", "", ""
        k.place, k.spot, k.wrote = -1, -1, -1
    elif {"sentence", "candidate"} & set(values):
        k.step, k.word, k.cuts, k.gold = -1, -1, "", ""
        k.candidate = 0 if "sentence" in values else k.candidate


def forget_picks() -> None:
    """No sentence, candidate or step is chosen."""
    k = kept()
    k.sentence, k.candidate, k.step, k.word = 0, 0, -1, -1


def reseed(**values: Any) -> None:
    """Change fields behind their widgets' backs: the widgets begin anew with them."""
    put(**values)
    kept().epoch += 1


def short(text: str) -> bool:
    """Whether a text goes into the address."""
    return len(text) <= IN_ADDRESS and len(quote(text, errors="replace")) <= IN_ADDRESS
