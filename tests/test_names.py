"""Rare names of a source that an answer lacks."""

from __future__ import annotations

import pytest

from s2s.pipeline import Pipeline
from s2s.text.names import lost, names
from s2s.text.remarks import KINDS, on_names

ANY = lambda _: True  # noqa: E731


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Yesterday Kowalczyk met Anna Szymborska.", ["Kowalczyk", "Anna", "Szymborska"]),
        (
            "Kowalczyk slept. Szymborska did not.",
            [],
        ),  # the first word of a sentence has a capital anyway
        ("He said: “Kowalczyk slept.”", []),
        ("We saw Kowalczyk's dog.", ["Kowalczyk"]),
        ("The Old Man And The Sea By Hemingway", []),  # a title
        ("I saw NATO, UNESCO and McDonald.", []),  # abbreviations change from language to language
        ("昨天我见到了他。", []),
        ("", []),
    ],
)
def test_names_stand_within_a_sentence(text, found):
    assert names(text, ANY) == found


@pytest.mark.parametrize(
    ("text", "other", "missing"),
    [
        ("We met Kowalczyk there.", "Nous y avons vu Kowalczyk.", []),
        ("We met Kowalczyk there.", "Nous y avons vu KOWALCZYK.", []),
        ("We met Kowalczyk there.", "Nous y avons vu Kwalik.", ["Kowalczyk"]),
        ("We went to Kathmandu.", "Nous sommes allés à Katmandou.", ["Kathmandu"]),
        ("We went to Copenhagen.", "Nous sommes allés à Copenhague.", []),
        ("We met Élodie there.", "We met Elodie there.", []),
        ("We met Kowalczyk there.", "我们见到了他。", []),  # in another script it looks different
    ],
)
def test_a_form_of_the_name_is_the_name(text, other, missing):
    assert lost(text, other, ANY) == missing


def test_frequent_names_are_the_model_s_own_affair():
    assert (
        lost("We went to Germany.", "Nous sommes allés en Allemagne.", lambda w: w != "Germany")
        == []
    )


def test_the_remark_names_them():
    (remark,) = on_names("We met Kowalczyk there.", "Nous y avons vu Kwalik.", ANY)
    assert remark.kind in KINDS
    assert remark.found == ("Kowalczyk",)
    assert "Kowalczyk" in remark
    assert on_names("We met Kowalczyk there.", "Kowalczyk", ANY) == []


def test_an_answer_says_which_names_it_lacks(tiny_checkpoint):
    result = Pipeline(tiny_checkpoint)("the cat sees Szymborska near Wawrzyniec.")
    (found,) = [w.found for w in result.warnings if w.kind == "names"]
    assert found == ("Szymborska", "Wawrzyniec")
