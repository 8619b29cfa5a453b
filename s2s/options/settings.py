"""How options are made and checked, and their way to and from JSON and the command line."""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Callable
from functools import cache, wraps
from typing import Any, TypeVar, dataclass_transform

import pydantic
from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from s2s.errors import S2SError
from s2s.options.schema import Place, Schema, Span, find
from s2s.options.words import sentence, shorten, shown, unknown, wanted

T = TypeVar("T")
DEEPEST = 8  # lists and sets within each other; no option needs more
MAX_SEED = 2**53 - 1  # the largest whole number that a browser keeps exactly
LARGEST = 10**4000  # Python refuses to write longer numbers than 4,300 digits
STRICT = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False)

rule = pydantic.model_validator(mode="after")
"""Marks a method that checks options together; its ValueError begins with an option's name."""


def option(
    help: str,
    *,
    unit: str = "",
    step: float | None = None,
    form: str = "",
    tune: Span | None = None,
    **limits: Any,
) -> FieldInfo:
    """A field's one line of help, its limits (ge, le, min_length, pattern …) and its unit.

    ``step``: by how much a slider moves. ``form``: what a pattern means, in words. ``tune``:
    where a search for a good value looks (``s2s tune``).
    """
    extra = {"unit": unit, "step": step, "form": form, "tune": list(tune) if tune else None}
    known: Any = {key: value for key, value in extra.items() if value}
    found: FieldInfo = pydantic.Field(description=help, json_schema_extra=known, **limits)
    return found


@dataclass_transform(frozen_default=True)
def options(cls: type[T]) -> type[T]:
    """Make ``cls`` a frozen set of options that refuses wrong ones in a sentence (S2SError)."""
    made: Any = pydantic.dataclasses.dataclass(frozen=True, config=STRICT)(cls)
    check: Callable[..., None] = made.__init__

    @wraps(check)
    def __init__(self: Any, *args: Any, **named: Any) -> None:
        lists = {k: tuple(v) if isinstance(v, list) else v for k, v in named.items()}
        try:
            check(self, *args, **lists)
        except ValidationError as error:
            raise S2SError(sentence(made, error)) from None

    made.__init__ = __init__
    done: type[T] = made
    return done


# ------------------------------------------------------------------------------ to and from JSON
def to_dict(values: Any) -> dict[str, Any]:
    """Options → plain JSON types."""
    found: dict[str, Any] = json.loads(json.dumps(dataclasses.asdict(values)))
    return found


def from_dict(cls: type[T], values: Any, where: str = "") -> T:
    """Plain JSON types → options. ``where``: what their names begin with in an error's sentence."""
    if not isinstance(values, dict):
        raise S2SError(f"{where or cls.__name__} must be a set of options, not {shown(values)}.")
    text = json.dumps(_plain(values, (where,) if where else ()))
    kind: Any = cls
    try:
        found: T = _adapter(kind).validate_json(text)
        return found
    except ValidationError as error:
        raise S2SError(sentence(cls, error, where)) from None


def parse(text: str, what: str) -> Any:
    """JSON text → value; a number of thousands of digits is infinity. Raises S2SError."""
    try:
        return json.loads(text, parse_int=lambda n: int(n) if len(n) < 1000 else float(n))
    except json.JSONDecodeError as error:
        raise S2SError(f"{what} is not JSON ({error}).") from None
    except RecursionError:
        raise S2SError(f"{what} is nested too deeply.") from None


def override(values: T, assignments: list[str]) -> T:
    """Options with ``a.b=c`` assignments applied. A value is JSON, or else plain text."""
    cls = type(values)
    changed = to_dict(values)
    for assignment in assignments:
        path, sign, text = assignment.partition("=")
        path = path.strip()
        if not sign:
            raise S2SError(f"An option is set by name=value, not by {shown(assignment)}.")
        *parents, last = path.split(".")
        node: Any = changed
        for parent in parents:
            node = node.get(parent) if isinstance(node, dict) else None
        if not isinstance(node, dict):
            raise S2SError(unknown(cls, path))
        node[last] = _value(text, find(cls, tuple(path.split("."))), path)
    return from_dict(cls, changed)


def _value(text: str, found: Schema, path: str) -> Any:
    """What the text of an assignment means where ``found`` is wanted."""
    kind = found.get("type")
    if kind == "string" and not text.startswith('"'):
        return text
    try:
        value = json.loads(text)
    except json.JSONDecodeError:
        value = text
    except (ValueError, RecursionError):  # a number of thousands of digits; nested without end
        raise S2SError(f"{path} must be {wanted(found)}, not {shorten(text)}.") from None
    return [value] if kind == "array" and not isinstance(value, list) else value


def _plain(value: Any, place: Place) -> Any:
    """The same value, with nothing in it that JSON cannot carry."""
    if len(place) > DEEPEST:
        raise S2SError(f"{shorten('.'.join(map(str, place[:3])))} is nested too deeply.")
    if isinstance(value, dict):
        return {str(k): _plain(v, (*place, str(k))) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(v, (*place, n)) for n, v in enumerate(value)]
    if isinstance(value, int) and abs(value) >= LARGEST:
        return math.inf if value > 0 else -math.inf
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if value is None or isinstance(value, bool | int | float):
        return value
    name = shorten(".".join(map(str, place)))
    raise S2SError(f"{name} is of type {type(value).__name__}, which no option has.")


@cache
def _adapter(cls: Any) -> TypeAdapter[Any]:
    return TypeAdapter(cls)
