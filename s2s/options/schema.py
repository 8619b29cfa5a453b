"""What stands in a field: type, range, default and help, read from the JSON schema."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from typing import Any, NamedTuple

from pydantic import TypeAdapter

Place = tuple[str | int, ...]
Schema = dict[str, Any]
NUMBERS = ("integer", "number")


class Row(NamedTuple):
    """One option, for a listing."""

    name: str
    type: str
    range: str
    default: str
    help: str


class Bounds(NamedTuple):
    """A number's range, and by how much a slider moves (None: not said)."""

    lo: float
    hi: float
    step: float | None


class Span(NamedTuple):
    """Where good values of a number usually lie, within its permitted range: what a search tries."""

    lo: float
    hi: float
    log: bool = False
    """Whether its logarithm is drawn evenly."""
    step: float | None = None


@cache
def schema(cls: type) -> Schema:
    """The JSON schema of a set of options; not to be changed."""
    found: Schema = TypeAdapter(cls).json_schema()
    return found


def bounds(cls: type, field: str) -> Bounds:
    """Range and step of a number: ``bounds(SearchOptions, "beam")``; dots lead into groups."""
    found = _field(cls, field)
    if found.get("type") not in NUMBERS:
        raise KeyError(f"{cls.__name__}.{field} is no number")
    number = int if found["type"] == "integer" else float
    step = found.get("step", 1 if number is int else None)
    return Bounds(number(found["minimum"]), number(found["maximum"]), step)


def span(cls: type, field: str) -> Span | None:
    """Where a search for a good value would look; None: not said."""
    found = _field(cls, field).get("tune")
    return Span(*found) if found else None


def spans(cls: type, prefix: str = "") -> dict[str, Span]:
    """Every option that says where a search would look."""
    walked = _walk(cls, schema(cls), prefix)
    return {name: Span(*found["tune"]) for name, found in walked if "tune" in found}


def choices(cls: type, field: str) -> tuple[str, ...]:
    """The values that an option may take, where they are few and named."""
    return tuple(_field(cls, field)["enum"])


def help_of(cls: type, field: str) -> str:
    """The one line of help."""
    return str(_field(cls, field)["description"])


def describe(cls: type, prefix: str = "") -> list[Row]:
    """Every option, groups unfolded, in the order of the class."""
    rows = []
    for name, found in _walk(cls, schema(cls), prefix):
        default = json.dumps(found["default"]) if "default" in found else ""
        limits = f"{range_of(found)} {found.get('unit', '')}".strip()
        rows.append(Row(name, type_of(found), limits, default, found.get("description", "")))
    return rows


def _walk(cls: type, found: Schema, prefix: str) -> Iterator[tuple[str, Schema]]:
    for name, field in found.get("properties", {}).items():
        inner = _resolve(cls, field)
        if "properties" in inner:
            yield from _walk(cls, inner, f"{prefix}{name}.")
        else:
            yield prefix + name, inner


def _resolve(cls: type, found: Schema) -> Schema:
    reference = found.get("$ref", "").rpartition("/")[2]
    inner: Schema = schema(cls)["$defs"][reference] if reference else found
    return inner


def find(cls: type, place: Place) -> Schema:
    """Schema of what stands at ``place``; empty where nothing is known of it."""
    found = schema(cls)
    for part in place:
        named = found.get("properties", {}).get(part)
        rest = found.get("items") if isinstance(part, int) else found.get("additionalProperties")
        inner = named or rest
        found = _resolve(cls, inner) if isinstance(inner, dict) else {}
    return found


def _field(cls: type, field: str) -> Schema:
    found = find(cls, tuple(field.split(".")))
    if not found:
        raise KeyError(f"{cls.__name__} has no option {field}")
    return found


_TYPES = {
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "string": "text",
    "object": "set of names",
}


def type_of(found: Schema) -> str:
    """A field's type in words."""
    if "enum" in found:
        return "one of"
    if found.get("type") == "array":
        return f"list of {type_of(found['items'])}s"
    return _TYPES.get(found.get("type", ""), "anything")


def range_of(found: Schema) -> str:
    """What a field may hold: ``1 to 64``, ``beam, sample``; empty: anything of its type."""
    if "form" in found:
        return str(found["form"])
    if "enum" in found:
        return ", ".join(map(str, found["enum"]))
    if found.get("type") == "array":
        least = "at least one" if found.get("minItems") else ""
        return ", ".join(filter(None, (least, range_of(found["items"]))))
    return f"{found['minimum']} to {found['maximum']}" if "minimum" in found else ""
