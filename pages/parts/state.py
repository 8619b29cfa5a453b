"""What a visitor has typed and chosen, and what of it stands in the address of a page.

``Kept`` is the truth and lives as long as the session. Widgets are seeded from it by ``value=`` and write
back to it by a callback, so that no page, slider, error or reload loses anything. The address holds
stable codes, never labels; what it holds beyond the ranges is left out, and said.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any
from urllib.parse import quote

import streamlit as st

from s2s.config import SearchOptions
from s2s.errors import S2SError

Value = str | int | float
OPTIONS: dict[str, type] = {f.name: type(f.default) for f in fields(SearchOptions)}
IN_ADDRESS = 6_000  # characters, quoted, of a text that still goes into the address
STALE = 2.0  # seconds in which a rerun may still carry the address before the last one


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


# --------------------------------------------------------------------------------- what a value may be
def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number from ``low`` to ``high``."""

    def read(text: str) -> int:
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
            raise ValueError("is not a whole number")
        if not low <= int(text) <= high:
            raise ValueError(f"is not between {low} and {high}")
        return int(text)

    return read


def decimal(low: float, high: float) -> Callable[[str], float]:
    """A finite number from ``low`` to ``high``."""

    def read(text: str) -> float:
        value = float(text) if len(text) < 20 else math.nan
        if not low <= value <= high:
            raise ValueError(f"is not a number between {low:g} and {high:g}")
        return value

    return read


def code(*known: str) -> Callable[[str], str]:
    """One of a few words."""

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(f"is not one of {', '.join(known)}")
        return text

    return read


def words(limit: int) -> Callable[[str], str]:
    """A text."""

    def read(text: str) -> str:
        if len(text) > limit:
            raise ValueError(f"is longer than {limit:,} characters")
        return text

    return read


PANELS = (
    *("tree", "steps", "greedy", "widths", "rerank", "whatif", "own", "exact", "checks", "take"),
)
READERS: dict[str, Callable[[str], Any]] = {
    "text": words(100_000),
    "prefix": words(200),
    "document": words(100_000),
    "kind": words(40),
    "shortest": whole(0, 100),
    "longest": whole(0, 100),
    "said": words(10_000),
    "rival": words(200),
    "same": whole(0, 1),
    "view": code("lines", "matrix"),
    "unit": code("words", "pieces"),
    "sentence": whole(0, 1000),
    "candidate": whole(0, 63),
    "step": whole(-1, 1000),
    "inside": whole(-1, 1000),
    "panel": code(*PANELS),
    "pruned": whole(0, 3),
    "at": whole(1, 1000),
    "target": words(10_000),
    "rank": whole(1, 50),
    "reference": words(2_000),
    "edits": words(4_000),
    "goal": code("none", "same"),
    "budget": code("5k", "50k", "500k", "10s", "60s"),
    "norm": code("", "average", "gnmt", "none"),
    "alpha_now": decimal(-1, 5),
    "beta_now": decimal(-1, 5),
}
PICTURE = ("view", "unit", "sentence", "candidate", "step")
IN = {  # page → what its address holds, besides the model and its options
    "": ("text", "prefix", "rival", "same", *PICTURE),
    "dialogue": ("inside", *PICTURE),
    "summarize": ("document", "kind", "shortest", "longest", *PICTURE),
    "beam_lab": (
        *("text", "prefix", "document", "kind", "said", "sentence", "panel", "pruned", "at"),
        *("target", "rank", "reference", "edits", "goal", "budget", "norm"),
        *("alpha_now", "beta_now"),
    ),
}
TASK = {"": "translation", "dialogue": "dialogue", "summarize": "summarization"}
DEFAULT = Kept()


# -------------------------------------------------------------------------------------------- widgets
def widget(name: str, then: Callable[[], None] | None = None) -> dict[str, Any]:
    """Key and callback of the widget that shows a field. ``then``: what else a change does."""
    key = f"{name}.{kept().epoch}"
    return {"key": key, "on_change": _take, "args": (name, key, then)}


def _take(name: str, key: str, then: Callable[[], None] | None) -> None:
    value = st.session_state[key]
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
    if {"text", "document", "kind", "said"} & set(values):
        forget_picks()
        k.edits = ""
    elif {"sentence", "candidate"} & set(values):
        k.step = -1
        k.candidate = 0 if "sentence" in values else k.candidate


def forget_picks() -> None:
    """No sentence, candidate or step is chosen."""
    k = kept()
    k.sentence, k.candidate, k.step = 0, 0, -1


def reseed(**values: Any) -> None:
    """Change fields behind their widgets' backs: the widgets begin anew with them."""
    put(**values)
    kept().epoch += 1


# -------------------------------------------------------------------------------------------- address
def address(page: str, defaults: Mapping[str, str]) -> dict[str, list[str]]:
    """What the address of a page should hold. ``defaults``: task → the checkpoint taken anyway."""
    k = kept()
    task = TASK.get(page, k.task)
    found: dict[str, list[str]] = {}
    chosen = k.model.get(task, defaults.get(task, ""))
    if chosen and chosen != defaults.get(task if page in TASK else "translation"):
        found["model"] = [chosen]
    for name in IN.get(page, ()):
        value = getattr(k, name)
        usual = value == getattr(DEFAULT, name) or value == k.seeds.get(name)
        if not usual and belongs(name, page, task) and short(str(value)):
            found[name] = [f"{value:g}" if isinstance(value, float) else str(value)]
    if page == "dialogue" and k.turns:
        texts = [turn["text"] for turn in k.turns]
        if len(texts) == 2 and texts[0] == k.seeds.get("turn"):
            found.pop("inside", None)
        elif short("".join(texts)):
            found["turn"] = texts
    if page in IN:
        for name, value in k.options.get(task, {}).items():
            found[name] = [f"{value:g}" if isinstance(value, float) else str(value)]
    return found


def belongs(name: str, page: str, task: str) -> bool:
    """On the Beam lab only the input of the model's own task counts."""
    owner = {"text": "translation", "document": "summarization", "kind": "summarization"}
    owner |= {"said": "dialogue"}
    return page != "beam_lab" or owner.get(name, task) == task


def short(text: str) -> bool:
    """Whether a text goes into the address."""
    return len(text) <= IN_ADDRESS and len(quote(text)) <= IN_ADDRESS


def write(page: str, defaults: Mapping[str, str]) -> None:
    """Put what is kept into the address, if it does not hold it already."""
    k, wanted = kept(), address(page, defaults)
    now = _query()
    if wanted != now:
        k.replaced = [(t, q) for t, q in k.replaced if time.monotonic() - t < STALE]
        k.replaced.append((time.monotonic(), now))
        st.query_params.from_dict(wanted)
    k.written = wanted


def _query() -> dict[str, list[str]]:
    return {name: st.query_params.get_all(name) for name in st.query_params}


def read(page: str, tasks: Mapping[str, str]) -> None:
    """Take over an address that this session did not write itself: a link, a reload, Back.

    ``tasks``: checkpoint → its task.
    """
    k, now = kept(), _query()
    moved, k.page = page != k.page, page
    stale = any(q == now and time.monotonic() - t < STALE for t, q in k.replaced)
    if now == k.written or (moved and not now) or (stale and not moved):
        return
    k.notices = []
    if not moved:  # Back: what is not in the address is as at first
        for name in IN.get(page, ()):
            if short(str(getattr(k, name))):  # what never stood there is not gone from there
                setattr(k, name, getattr(DEFAULT, name))
    seen = {name: _single(name, now) for name in now if name != "turn"}
    if (name := seen.get("model")) is not None:
        if name in tasks:
            k.task = tasks[name]
            k.model[k.task] = name
        else:
            _refuse("model", name, "is no checkpoint here")
    task = TASK.get(page, k.task)
    if "turn" in now and page == "dialogue" and not (k.turns and moved):
        k.turns = [{"text": t} for t in now["turn"] if t.strip()][:400]
    k.options[task] = {}
    for name, value in seen.items():
        if value is not None and name != "model":
            _read_one(name, value, page, task)
    k.epoch += 1


def _single(name: str, query: Mapping[str, list[str]]) -> str | None:
    values = query[name]
    if len(values) > 1 and (name in READERS or name in OPTIONS or name == "model"):
        _refuse(name, ", ".join(values), "stands there more than once")
        return None
    return values[0] if values else None


def _read_one(name: str, text: str, page: str, task: str) -> None:
    try:
        if name in OPTIONS:
            kept().options[task][name] = _option_value(name, text)
        elif name in IN.get(page, ()):
            setattr(kept(), name, READERS[name](text))
    except (ValueError, S2SError) as error:
        _refuse(name, text, str(error))


def _option_value(name: str, text: str) -> Value:
    """One search option, held to the options' own range."""
    kind = OPTIONS[name]
    value = {int: whole(0, 10**9 - 1), float: decimal(0, 100), str: words(40)}[kind](text)
    SearchOptions(**{name: value})
    return value


def _refuse(name: str, text: str, why: str) -> None:
    shown = text if len(text) <= 40 else text[:38] + " …"
    kept().notices.append(f"In this page's address, {name}={shown} {why}; it was left out.")
