"""The prose of a lesson: one Markdown file a language, in sections, with places for live numbers.

``texts/<code>.<language>.md`` begins with a heading and one line that says what the lesson is about. Then
``<!-- name -->`` opens a section, and ``<<name>>`` in it is a place that the lesson fills.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from pages.parts.text import plain

FOLDER = Path(__file__).parent / "texts"
MARK = re.compile(r"^<!-- (\w+) -->$", re.MULTILINE)
PLACE = re.compile(r"<<(\w+)>>")


class Tex(str):
    """A value that is LaTeX or Markdown made by the lesson itself: it goes in as it stands."""


@dataclass(frozen=True)
class Text:
    """A lesson's words in one language."""

    title: str
    about: str
    sections: dict[str, str]

    def section(self, name: str, **values: str | float) -> str:
        """A section with its places filled: numbers to three decimals, words as plain text."""
        return PLACE.sub(lambda m: shown(values[m[1]]), self.sections[name])


def shown(value: str | float) -> str:
    """A value as it stands in the prose."""
    if isinstance(value, str):
        return value if isinstance(value, Tex) else plain(value)
    return str(value) if isinstance(value, int) else f"{value:.3f}"


def vector(values, most: int = 4) -> Tex:
    """The first numbers of a vector, as LaTeX."""
    first = [f"{float(v):.2f}" for v in values[:most]]
    return Tex("[" + r",\; ".join(first + [r"\ldots"] * (len(values) > most)) + "]")


def scientific(value: float, digits: int = 3) -> Tex:
    """A number of any size so that ``digits`` or so of its figures are seen, as LaTeX."""
    if value == 0 or 10.0 ** (1 - digits) <= abs(value) < 10_000:
        return Tex(f"{value:.{digits}f}")
    shown, power = f"{value:.{digits - 1}e}".split("e")
    return Tex(rf"{shown} \cdot 10^{{{int(power)}}}")


@lru_cache
def text_of(code: str, language: str) -> Text:
    """The text of a lesson in a language."""
    parts = MARK.split((FOLDER / f"{code}.{language}.md").read_text(encoding="utf-8"))
    title, about = parts[0].strip().split("\n", 1)
    sections = {name: body.strip() for name, body in zip(parts[1::2], parts[2::2], strict=True)}
    return Text(title.removeprefix("# "), about.strip(), sections)
