"""Configurations of older checkpoints, brought to today's form one step at a time.

A step is a pure function from the dictionary of one format to that of the next. ``config.json`` says
in ``format`` which one it is; without it, it is the first.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from s2s.errors import S2SError
from s2s.options import shown
from s2s.text.languages import code_of

Values = dict[str, Any]
FORMAT = 2
_AUGMENT = {"free": "any_kind", "blank": "no_source", "casual": "casual", "names": "names"}


def languages_and_groups(values: Values) -> Values:
    """1 → 2: languages by code; variants of the data and re-ranking have groups of their own."""
    new = dict(values)
    for side in ("src_language", "tgt_language"):
        if isinstance(new.get(side), str):
            new[side] = code_of(new[side])
    if isinstance(new.get("data"), dict):
        data = dict(new["data"])
        moved = {_AUGMENT[name]: data.pop(name) for name in _AUGMENT if name in data}
        if moved:
            data["augment"] = moved | data.get("augment", {})
        new["data"] = data
    if isinstance(new.get("search"), dict) and "mutual" in new["search"]:
        search = dict(new["search"])
        new["rerank"] = {"mutual": search.pop("mutual")}
        new["search"] = search
    return new


STEPS: dict[int, Callable[[Values], Values]] = {1: languages_and_groups}
"""What leads from a format to the one after it."""


def upgrade(values: Any, what: str) -> Values:
    """A dictionary of any format so far → today's, without ``format``. Raises S2SError."""
    if not isinstance(values, dict):
        raise S2SError(f"{what} must be a set of options, not {shown(values)}.")
    new: Values = dict(values)
    found = new.pop("format", 1)
    if not isinstance(found, int) or isinstance(found, bool) or found < 1:
        raise S2SError(
            f"{what}: format must be a whole number from 1 to {FORMAT}, not {shown(found)}."
        )
    if found > FORMAT:
        raise S2SError(
            f"{what} is of format {shown(found)}, from a newer version of s2s; this one reads up to "
            f"format {FORMAT}."
        )
    for step in range(found, FORMAT):
        new = STEPS[step](new)
    return new
