"""The table of the syllabus is true: every lesson, function and figure that it names exists."""

from __future__ import annotations

import importlib
import re
from pathlib import Path

import pytest

from pages.parts import address

ROOT = Path(__file__).resolve().parent.parent
ROW = re.compile(
    r"^\| (?P<heading>.+?) \| `(?P<lesson>\w+)` \| (?P<function>\S+) \| (?P<figure>\S+) \|$"
)
NONE = "—"
LINES = (ROOT / "docs" / "syllabus.md").read_text(encoding="utf-8").splitlines()
ROWS = [row.groupdict() for line in LINES if (row := ROW.match(line))]


def named(text: str) -> object:
    """The object that a cell names. Raises ImportError or AttributeError."""
    module, _dot, name = text.strip("`").rpartition(".")
    return getattr(importlib.import_module(module), name)


def test_no_row_is_overlooked():
    cells = [line for line in LINES if line.startswith("| ") and "| --- |" not in line]
    assert len(cells) == len(ROWS) + len([line for line in cells if line.startswith("| heading")])
    numbers = [m[0] for row in ROWS if (m := re.match(r"[\d.]+(?= )", row["heading"]))]
    assert len(numbers) == len(set(numbers)) == 76
    assert numbers == sorted(numbers, key=lambda n: [*map(int, n.split("."))])


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["heading"].split(" ")[0])
def test_what_a_heading_names_exists(row):
    assert row["lesson"] in address.LESSONS
    if row["function"] != NONE:
        assert named(row["function"]) is not None
    if row["figure"] != NONE:
        assert row["figure"].startswith("`s2s.figures.")
        assert callable(named(row["figure"]))


def test_every_lesson_has_a_heading():
    assert {row["lesson"] for row in ROWS} == set(address.LESSONS)
