"""The judge of the load benchmark: it must tell a stranger's answer from a wrong one."""

from __future__ import annotations

import pytest

from benchmarks.load import Known
from benchmarks.visitor import Visitor

ANSWERS = {"A dog.": "Un chien.", "A cat.": "Un chat.", "A cow.": "Une vache."}


@pytest.mark.parametrize(
    ("found", "change"),
    [
        ("right", {}),
        ("right", {"texts": ["A dog.", "A cat."]}),  # one's own, typed before
        ("foreign", {"texts": ["A dog.", "A cow."]}),
        ("foreign", {"answer": "Une vache."}),
        ("wrong", {"answer": "Un chien rouge."}),
        ("missing", {"answered": None}),
        ("failed", {"failed": "KeyError"}),
    ],
)
def test_what_a_visitor_got_is_called_by_its_name(found, change):
    known = Known([])
    known.answers = ANSWERS
    visitor = Visitor("http://127.0.0.1:9")
    visitor.typed, visitor.texts = {"A cat."}, ["A dog.", "Un chien."]
    visitor.answer, visitor.answered = "Un chien.", 0.4
    for name, value in change.items():
        setattr(visitor, name, value)
    assert known.verdict("A dog.", visitor) == found
