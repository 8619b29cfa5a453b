"""What an option is: a type, a range, a unit and one line of help, all in one place.

A class made by ``@options`` is a frozen pydantic dataclass, checked whenever one is made, also by
``dataclasses.replace``. A field is ``name: Annotated[type, option("help", ge=…, le=…)] = default``.
Widgets, ``--help``, sentences about wrong values and the JSON schema all read what stands there.
"""

from s2s.options.schema import (
    Bounds,
    Row,
    Span,
    bounds,
    choices,
    describe,
    help_of,
    schema,
    span,
    spans,
)
from s2s.options.settings import (
    MAX_SEED,
    from_dict,
    option,
    options,
    override,
    parse,
    rule,
    to_dict,
)
from s2s.options.words import shown

__all__ = [
    "MAX_SEED",
    "Bounds",
    "Row",
    "Span",
    "bounds",
    "choices",
    "describe",
    "from_dict",
    "help_of",
    "option",
    "options",
    "override",
    "parse",
    "rule",
    "schema",
    "shown",
    "span",
    "spans",
    "to_dict",
]
