"""What of a visitor's work stands in the address of a page: stable codes, never labels.

What an address holds beyond the ranges is left out, and said.
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from pages.parts.codes import IN as HOLDS
from pages.parts.codes import LABS, LESSONS, LOOKS, ORDERS, PANELS
from pages.parts.state import Kept, Value, kept, short
from s2s.config import RerankOptions, SearchOptions, bounds, choices, from_dict, to_dict
from s2s.errors import S2SError
from s2s.locale import LANGUAGES, _
from s2s.text.source import Source
from s2s.training.toys import WATCHED, Order

OPTIONS: dict[str, type] = {
    name: type(value) for name, value in to_dict(SearchOptions()).items()
} | {"mutual": float}
STALE = 2.0  # seconds in which a rerun may still carry the address before the last one


def whole(low: int, high: int) -> Callable[[str], int]:
    """A whole number from ``low`` to ``high``."""

    def read(text: str) -> int:
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit() and len(digits) < 10):
            raise ValueError(_("is not a whole number"))
        if not low <= int(text) <= high:
            raise ValueError(_("is not between {low} and {high}").format(low=low, high=high))
        return int(text)

    return read


def decimal(low: float, high: float) -> Callable[[str], float]:
    """A finite number from ``low`` to ``high``."""

    def read(text: str) -> float:
        value = float(text) if len(text) < 20 else math.nan
        if not low <= value <= high:
            raise ValueError(
                _("is not a number between {low:g} and {high:g}").format(low=low, high=high)
            )
        return value

    return read


def code(*known: str) -> Callable[[str], str]:
    """One of a few words."""

    def read(text: str) -> str:
        if text not in known:
            raise ValueError(_("is not one of {names}").format(names=", ".join(known)))
        return text

    return read


def words(limit: int) -> Callable[[str], str]:
    """A text."""

    def read(text: str) -> str:
        if len(text) > limit:
            raise ValueError(_("is longer than {n:,} characters").format(n=limit))
        return text

    return read


READERS: dict[str, Callable[[str], Any]] = {
    "text": words(100_000),
    "prefix": words(200),
    "document": words(100_000),
    "kind": words(40),
    "shortest": whole(0, 100),
    "longest": whole(0, 100),
    "said": words(10_000),
    "rival": words(200),
    "lang": code(*LANGUAGES),
    "lesson": code("", *LESSONS),
    "place": whole(-1, 1000),
    "dim": whole(-1, 10_000),
    "cell": code("gru", "lstm"),
    "spot": whole(-1, 1000),
    "tau": decimal(0.05, 10),
    "smooth": decimal(0, 0.9),
    "share": decimal(0, 1),
    "bound": decimal(0.01, 100),
    "gram": whole(1, 4),
    "gain": decimal(0.5, 1.6),
    "far": whole(10, 150),
    "keeping": decimal(-2, 6),
    "joins": whole(-1, 1_000_000),
    "most": whole(2, 40),
    "year": whole(1950, 2100),
    "wrote": whole(-1, 1000),
    "measured": whole(0, 1),
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
    "look": code(*LOOKS),
    "which": code("cross", "encoder", "decoder"),
    "layer": whole(0, 48),
    "head": whole(0, 128),
    "gold": words(4_000),
    "links": code("argmax", "both", "grow"),
    "ending": whole(0, 1),
    "word": whole(-1, 1000),
    "cuts": words(1_000),
    "rows": words(200_000),
    "last": whole(0, 1),
    "order": code(*ORDERS),
    "alpha_now": decimal(-1, 5),
    "beta_now": decimal(-1, 5),
    "line": words(10_000),
    "toy": code(*choices(Order, "toy")),
    "lines": words(40_000),
    "steps": whole(*bounds(Order, "steps")[:2]),
    "rate": decimal(*bounds(Order, "lr")[:2]),
    "sampled": decimal(*bounds(Order, "sampled")[:2]),
    "run": words(64),
    "probe": whole(0, WATCHED - 1),
}
EVERYWHERE = ("lang",)
IN = {page: (*EVERYWHERE, *names) for page, names in HOLDS.items()}
TASK = {
    "": "translation",
    "learn": "translation",
    "dialogue": "dialogue",
    "summarize": "summarization",
}
DEFAULT = Kept()


def wanted(page: str, defaults: Mapping[str, str]) -> dict[str, list[str]]:
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


def link(card: str, options: Mapping[str, Value], page: str, source: Source) -> dict[str, Any]:
    """What the address of another page holds for one source: model, options and the source itself.

    What is too long for an address is left out.
    """
    found: dict[str, Any] = {
        name: f"{v:g}" if isinstance(v, float) else str(v) for name, v in options.items()
    }
    found["model"] = card
    texts = {"text": source.text, "document": source.text, "said": source.text, "kind": source.kind}
    for name in IN[page]:
        if texts.get(name) and short(str(texts[name])):
            found[name] = texts[name]
    if page == "dialogue" and short(source.text):
        found["turn"] = list(source.parts)
    return found


def belongs(name: str, page: str, task: str) -> bool:
    """In the labs only the input of the model's own task counts."""
    owner = {"text": "translation", "document": "summarization", "kind": "summarization"}
    owner |= {"said": "dialogue", "line": "rewriting"}
    return page not in LABS or owner.get(name, task) == task


def write(page: str, defaults: Mapping[str, str]) -> None:
    """Put what is kept into the address, if it does not hold it already."""
    k, now = kept(), _query()
    new = wanted(page, defaults)
    if new != now:
        k.replaced = [(t, q) for t, q in k.replaced if time.monotonic() - t < STALE]
        k.replaced.append((time.monotonic(), now))
        st.query_params.from_dict(new)
    k.written = new


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
            _refuse("model", name, _("is no checkpoint here"))
    task = TASK.get(page, k.task)
    if "turn" in now and page == "dialogue" and not (k.turns and moved):
        k.turns = [{"text": t} for t in now["turn"] if t.strip()][:400]
    k.options[task] = {}
    for name in sorted(seen, key=lambda n: n != "lang"):  # what is said of the others is in it
        value = seen[name]
        if value is not None and name != "model":
            _read_one(name, value, page, task)
    k.epoch += 1


def _single(name: str, query: Mapping[str, list[str]]) -> str | None:
    values = query[name]
    if len(values) > 1 and (name in READERS or name in OPTIONS or name == "model"):
        _refuse(name, ", ".join(values), _("stands there more than once"))
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
    readers = {int: whole(0, 10**9 - 1), float: decimal(0, 100), str: words(40)}
    value = readers[OPTIONS[name]](text)
    kind = RerankOptions if name == "mutual" else SearchOptions
    from_dict(kind, {name: value})
    return value


def _refuse(name: str, text: str, why: str) -> None:
    shown = text if len(text) <= 40 else text[:38] + " …"
    said = _("In this page's address, {name}={value} {why}; it was left out.")
    kept().notices.append(said.format(name=name, value=shown, why=why))
