"""Options in words: what is wanted, what was given, what no option is called."""

from __future__ import annotations

import dataclasses
import json
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from s2s.options.schema import NUMBERS, Place, Schema, describe, find, range_of, type_of


def wanted(found: Schema) -> str:
    """What a field wants: ``a whole number from 1 to 64``."""
    if "enum" in found:
        *most, last = map(repr, found["enum"])
        return f"{', '.join(most)} or {last}" if most else last
    kind, limits = type_of(found), range_of(found)
    if found.get("type") in NUMBERS:
        return f"a {kind} from {limits}" if limits else f"a {kind}"
    if found.get("type") in ("boolean", "string"):
        return limits or kind
    if not found:
        return "an ordinary value"
    return f"a {kind}" + (f" ({limits})" if limits else "")


def shown(value: Any) -> str:
    """A value as JSON, shortened."""
    try:
        return shorten(json.dumps(value, ensure_ascii=False))
    except (TypeError, RecursionError):
        return f"something of type {type(value).__name__}"
    except ValueError:
        return "a number of thousands of digits"


def shorten(text: str) -> str:
    """The beginning of a long text, on one line."""
    text = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return text if len(text) <= 60 else f"{text[:40]}…"


def sentence(cls: type, error: ValidationError, where: str = "") -> str:
    """The first thing that is wrong: the option, what it wants and what it got."""
    first = error.errors(include_url=False)[0]
    place: Place = _named(cls, first["loc"])
    dotted = shorten(".".join(map(str, (where, *place) if where else place)))
    if place[-1:] == ("[key]",):
        keys = wanted(find(cls, place[:-2]).get("propertyNames", {}))
        return f"{dotted.rpartition('.')[0]} is no name that fits here; it must be {keys}."
    match first["type"]:
        case "unexpected_keyword_argument":
            return unknown(cls, ".".join(map(str, place)), where)
        case "missing":
            return f"{dotted} is missing."
        case "value_error":
            return f"{dotted}{'.' if dotted else ''}{first['ctx']['error']}"
    name = dotted or cls.__name__
    return f"{name} must be {wanted(find(cls, place))}, not {shown(first['input'])}."


def _named(cls: type, place: Place) -> Place:
    """The place with the name of an argument that was given without one."""
    names = [f.name for f in dataclasses.fields(cls)]
    if place and isinstance(place[0], int):
        return (names[place[0]] if place[0] < len(names) else cls.__name__, *place[1:])
    return place


def unknown(cls: type, path: str, where: str = "") -> str:
    """The sentence about a name that no option has."""
    known = [row.name for row in describe(cls)]
    near = get_close_matches(path, known, 1) or [n for n in known if n.endswith(f".{path}")]
    prefix = f"{where}." if where else ""
    if near:
        return f"Unknown option {prefix}{shorten(path)}; did you mean {prefix}{near[0]}?"
    group = path.rpartition(".")[0]
    beside = [n for n in known if n.rpartition(".")[0] == group] or known
    return f"Unknown option {prefix}{shorten(path)}; known: {', '.join(beside)}."
