"""Everything that a page says to a visitor: on it, in its figures and tables, and to its components."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from streamlit.testing.v1 import AppTest

FIELDS = ("label", "help", "placeholder", "body", "text", "delta", "alt", "content")
DRAWN = {"text", "name", "title", "hovertemplate", "ticktext", "customdata"}  # of a figure
LOOKS = {"font", "side"}  # of a title
TOLD = {"alt", "label", "text", "fate", "kind", "about"}  # of what a component is told
LATIN = re.compile(r"[A-Za-z]{3,}")
TAG = re.compile(r"<style>.*?</style>|<[^>]*>", re.DOTALL)
HINT = re.compile(r'title="([^"]*)"')  # what a mouse that rests on a piece of HTML is told
MARKS = re.compile(
    r"%\{[^}]*\}|:material/\w+:|`[^`]*`|:(red|green|gray)\[|https?://\S+|&\w+;|0x[0-9A-F]{2}|\b[0-9a-f]{12}\b"
)


def unfolded(page: AppTest) -> AppTest:
    """The same page with every fold open, those as well that are filled when they are opened."""
    for element in elements(page._tree):
        identity = getattr(getattr(element, "proto", None), "id", "")
        if element.type == "expander" and "-None-" in identity:
            page.session_state[identity.split("-None-")[1]] = True
    page.run()
    assert not page.exception
    return page


def heard(page: AppTest) -> list[str]:
    """Each text, without mark-up."""
    found = [text for element in elements(page._tree) for text in _said(element)]
    hints = [hint for text in found for hint in HINT.findall(text)]
    return [MARKS.sub(" ", TAG.sub(" ", text)) for text in found + hints]


def latin(page: AppTest, known: set[str], phrases: Sequence[str] = ()) -> set[tuple[str, str]]:
    """Words in Latin letters that are not ``known``, in lower case, each with the text it stands in;
    ``phrases`` are passed over."""
    found = set()
    for text in heard(page):
        rest = text
        for phrase in phrases:
            rest = rest.replace(phrase, "")
        found |= {(w, text) for w in LATIN.findall(rest) if w.lower() not in known}
    return found


def elements(block: Any) -> Iterator[Any]:
    """Of a page, with those that hold others."""
    for child in block.children.values():
        yield child
        if hasattr(child, "children"):
            yield from elements(child)


def _said(element: Any) -> Iterator[str]:
    proto = getattr(element, "proto", None)
    if proto is None:
        return
    inner = [getattr(proto, name, None) for name in ("expandable", "popover")]
    options = list(getattr(proto, "options", []))
    for part in (proto, *filter(None, inner), *options):
        yield from (x for name in FIELDS if isinstance(x := getattr(part, name, None), str))
    yield from (x for x in options if isinstance(x, str))
    yield from getattr(proto, "captions", [])
    if element.type == "plotly_chart":
        yield from _under(DRAWN, json.loads(proto.spec))
    elif element.type == "dataframe":
        yield from _tabled(element)
    elif element.type == "bidi_component":
        data = json.loads(proto.json or "{}")
        words = data.get(
            "says", {}
        )  # the script says some of what it is told in the page's language
        yield from (words.get(text, text) for text in _under(TOLD, data))


def _under(keys: set[str], value: Any, within: bool = False) -> Iterator[str]:
    """Strings that stand under these keys, however deep."""
    if isinstance(value, dict):
        for name, below in value.items():
            if name not in LOOKS:
                yield from _under(keys, below, within or name in keys)
    elif isinstance(value, list):
        for below in value:
            yield from _under(keys, below, within)
    elif isinstance(value, str) and within:
        yield value


def _tabled(element: Any) -> Iterator[str]:
    """Heads, their helps and all cells that hold text."""
    settings = json.loads(element.proto.columns or "{}")
    for name, cells in element.value.items():
        own = settings.get(name) or {}
        if not own.get("hidden"):
            yield own.get("label") or str(name)
            yield own.get("help") or ""
            yield from (cell for cell in cells if isinstance(cell, str))
