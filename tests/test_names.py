"""Rare names of a source that an answer lacks."""

from __future__ import annotations

import pytest

from s2s.pipeline import Pipeline
from s2s.text.names import lost, names
from s2s.text.remarks import KINDS, on_names, on_unseen

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
        (
            "He came on Wednesday, in January.",
            [],
        ),  # translated, whatever a vocabulary knows of them
        (
            "The Director of Public Prosecutions met an Austrian in Northern Ireland.",
            ["Director", "Public", "Ireland"],
        ),
        ("She wore a T-shirt.", []),
        ("We saw O'Hara-like Anna.", ["Anna"]),
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
        ("We went to the Swedish Academy.", "Nous sommes allés à l'Académie suédoise.", []),
        ("We went to Edinburgh.", "Nous sommes allés près d’Édimbourg.", []),
        ("We went to Bavaria.", "Nous sommes allés en Bavière.", []),
        ("We saw Bed-Wetters-like Bed-bugs.", "Nous avons vu des Bed-bugs.", []),
        ("We went to New Zealand.", "Nous sommes allés en Nouvelle-Zélande.", []),
        ("We met Lakkha there.", "Nous y avons vu Lakha.", ["Lakkha"]),  # no accent: misspelt
        ("We met Edinger there.", "Nous y avons vu Éliane.", ["Edinger"]),
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


# ------------------------------------------------------------------------------ characters nobody knows
@pytest.mark.parametrize(
    ("source", "output", "missing"),
    [
        ("I like 🦜 and 🙂.", "J'aime les perroquets.", ("🦜", "🙂")),
        ("I like 🦜.", "J'aime les 🦜.", ()),
        ("I like cats.", "J'aime.", ()),
    ],
)
def test_a_sign_that_was_never_seen_is_missed_if_the_output_lacks_it(source, output, missing):
    found = on_unseen(source, output, [c for c in source if not c.isascii()])
    assert [tuple(r.found) for r in found] == [missing] * bool(missing)
    assert all(r.kind == "unseen" and r.kind in KINDS for r in found)


@pytest.mark.parametrize(
    ("text", "unknown"),
    [
        ("the old cat ﷺ sees", ["ﷺ"]),
        ("the 漢 cat 漢 Ω", ["漢", "Ω"]),
        ("the ½ cat of Sámi 20 °", ["°"]),
        ("the cat — “sees” … \x00\u202e € 7", []),  # punctuation, marks and currencies are none
        ("", []),
    ],
)
def test_letters_and_signs_that_a_vocabulary_lacks(tokenizer, text, unknown):
    assert tokenizer.unknown(text) == unknown


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("the old cat 🦜 sees a small dog", {"unseen"}),
        ("漢字漢字漢字漢字漢字", {"characters"}),  # of a whole sentence it is said once
        ("the old cat sees a small dog", set()),
    ],
)
def test_an_answer_says_which_signs_it_lacks(tiny_checkpoint, text, kinds):
    found = {w.kind for w in Pipeline(tiny_checkpoint)(text).warnings}
    assert found & {"unseen", "characters"} == kinds
