"""Variants of pairs, and templates: what changes, what must not."""

from __future__ import annotations

import random
import re

import pytest

from s2s.config import Augment
from s2s.data.augmentation import (
    Variants,
    calendar,
    capitals,
    casual,
    find_names,
    numbers,
    renaming,
    typos,
)
from s2s.data.templates import CALENDARS, COUNTRIES, ENGLISH, fill, is_template
from s2s.text.source import Source
from tests.conftest import sourced


def pair(src: str, tgt: str = ""):
    return Source((src,)), tgt


def several(vary, given, n=200):
    """What a variant makes of one pair."""
    rng = random.Random(1)
    return [found for _ in range(n) if (found := vary(given, rng)) is not None]


# ------------------------------------------------------------------------------ how people type
def test_casual_is_how_people_type():
    given = pair("Where is Tom's dog?", "Où est le chien de Tom ?")
    found = several(casual, given)
    assert {s.text for s, _ in found} == {
        "where is tom's dog",
        "where is toms dog",
        "Where is Tom's dog",
        "Where is Toms dog",
    }
    assert {t for _, t in found} == {given[1]}
    assert sum(s.text.islower() for s, _ in found) > len(found) / 2


def test_casual_leaves_something_and_reads_every_turn():
    rng = random.Random(0)
    assert casual(pair("?!"), rng)[0].parts == ("?!",)
    found = several(casual, (Source(("Hi!", "Is it YOU?"), "any"), "Yes."))
    assert (Source(("hi!", "is it you"), "any"), "Yes.") in found


def test_capitals_stand_on_both_sides():
    assert capitals(pair("Where's été?", "Où ?"), random.Random()) == pair("WHERE'S ÉTÉ?", "OÙ ?")


def test_a_slip_of_the_finger_is_small_and_never_at_the_end():
    given = pair("Please open the window 2025 voilà now.", "x")
    for (source,), tgt in ((s.parts, t) for s, t in several(typos, given)):
        before, after = given[0].text.split(), source.split()
        changed = [(b, a) for b, a in zip(before, after, strict=True) if b != a]
        assert tgt == "x"
        assert len(changed) <= 2
        for b, a in changed:
            assert b in ("Please", "open", "window")
            assert a[0] == b[0]
            assert abs(len(a) - len(b)) <= 1


def test_short_words_have_no_slips():
    assert {s.text for s, _ in several(typos, pair("I am he, no?"))} == {"I am he, no?"}


# -------------------------------------------------------------------------------- other values
@pytest.mark.parametrize(
    ("src", "tgt"),
    [
        ("In 1998 he had 25 dogs and 25 cats.", "En 1998 il avait 25 chiens et 25 chats."),
        ("Room 407, 15:30", "Chambre 407, 15:30"),
        ("12 of 13", "13 de 12"),
    ],
)
def test_both_sides_get_the_same_new_numbers(src, tgt):
    found = several(numbers, pair(src, tgt))
    assert len({s.text for s, _ in found}) > 50
    for source, target in found:
        old, new = (
            [re.findall(r"\d+", t) for t in two] for two in ((src, tgt), (source.text, target))
        )
        assert re.sub(r"\d+", "#", source.text) == re.sub(r"\d+", "#", src)
        assert re.sub(r"\d+", "#", target) == re.sub(r"\d+", "#", tgt)
        assert [len(n) for n in new[0]] == [len(n) for n in old[0]]
        where = dict(zip(old[0], new[0], strict=True))  # one new number for each old one
        assert new[0] == [where[n] for n in old[0]]
        assert new[1] == [where[n] for n in old[1]]


def test_numbers_that_differ_or_rule_grammar_stay():
    assert several(numbers, pair("three of 12", "douze")) == []
    assert several(numbers, pair("12 and 13", "12")) == []
    assert {s.text for s, _ in several(numbers, pair("1 dog", "1 chien"))} == {"1 dog"}
    assert all(s.text[0] == "0" for s, _ in several(numbers, pair("007", "007")))


NAMED = sourced(
    [
        ("Tom saw Mary.", "Tom a vu Marie."),
        ("I saw Alice.", "J'ai vu Alice."),
        ("He lives in Boston.", "Il habite à Boston."),
        ("Attention Rose!", "Attention Rose !"),
        ("Pay attention to the rose.", "Fais attention à la rose."),
    ]
)


def test_a_name_gives_way_to_another():
    names = find_names(NAMED)
    assert sorted(names) == ["Alice", "Boston", "Tom"]  # the others are ordinary words as well
    assert names["Tom"] == ["Boston", "Tom"]  # a vowel would ask for another article
    found = several(renaming(names), NAMED[0])
    assert sourced([("Boston saw Mary.", "Boston a vu Marie.")])[0] in found
    assert len(set(found)) > 20  # invented ones too
    for source, target in found:
        new = source.text.split()[0]
        assert target == f"{new} a vu Marie."
        assert new[0] not in "AEIOUYH"
    assert several(renaming(names), NAMED[4]) == []


def test_a_name_within_another_word_stays():
    found = several(renaming({"Tom": ["Bo"]}), pair("Tom's Tommy and Tom", "Tom et Tommy, Tom"))
    assert pair("Bo's Tommy and Bo", "Bo et Tommy, Bo") in found
    assert all("Tommy" in s.text and "Tommy" in t for s, t in found)


@pytest.mark.parametrize(
    ("src", "tgt", "pattern"),
    [
        ("See you on Monday.", "À lundi.", r"À ({day})\."),
        ("Monday is here.", "Lundi est là.", r"({Day}) est là\."),
        ("the rain of April", "la pluie d'avril", r"la pluie (d'(?:avril|août|octobre)|de {consonant})"),
        ("the rain of May", "la pluie de mai", r"la pluie (d'(?:avril|août|octobre)|de {consonant})"),
        ("April showers", "D'avril on se souvient", r"(D'(?:avril|août|octobre)|De {consonant}) on se souvient"),
        ("It is early October.", "C'est le début d'octobre.", r"C'est le début (d'(?:avril|août|octobre)|de {consonant})\."),
    ],
)  # fmt: skip
def test_another_day_or_month_with_its_elision(src, tgt, pattern):
    days, months = CALENDARS["fr"]
    vowels = ("avril", "août", "octobre")
    fitting = pattern.format(
        day="|".join(days),
        Day="|".join(d.capitalize() for d in days),
        consonant="(?:" + "|".join(m for m in months if m not in vowels) + ")",
    )
    found = several(calendar("fr"), pair(src, tgt))
    assert len(set(found)) in (6, 11)
    for source, target in found:
        assert re.fullmatch(fitting, target), target
        here = [w for part in ENGLISH for w in part if re.search(rf"\b{w}\b", source.text)]
        there = [w for part in (days, months) for w in part if re.search(rf"(?i)\b{w}\b", target)]
        at = [(p, part.index(here[0])) for p, part in enumerate(ENGLISH) if here[0] in part]
        assert [CALENDARS["fr"][p][i] for p, i in at] == there


def test_the_calendar_of_chinese():
    found = several(calendar("zh"), pair("We met in May.", "我们5月见面了。"))
    assert pair("We met in December.", "我们12月见面了。") in found
    assert len(set(found)) == 11
    found = several(calendar("zh"), pair("It is December.", "现在是12月。"))
    assert pair("It is February.", "现在是2月。") in found
    assert len(set(found)) == 11


@pytest.mark.parametrize(
    ("src", "tgt"),
    [
        ("Monday or Tuesday", "lundi ou mardi"),
        ("on Monday", "demain"),
        ("on Monday", "mardi"),
        ("May I?", "Puis-je ?"),
        ("Monday, lundi", "lundi, lundi"),
    ],
)
def test_what_is_not_one_and_the_same_day_stays(src, tgt):
    assert several(calendar("fr"), pair(src, tgt)) == []


# -------------------------------------------------------------------------------------- templates
def test_a_repeated_placeholder_is_another_value_the_same_on_both_sides():
    template = pair("{name} met {name} and {surname}.", "{name} a rencontré {name} et {surname}.")
    assert is_template(template[0])
    distinct = 0
    for _ in range(50):
        source, target = fill(template, ("en", "fr"), ["Tom", "Ann", "Bo"], random.Random(_))
        left = re.fullmatch(r"(.+) met (.+) and (.+)\.", source.text)
        right = re.fullmatch(r"(.+) a rencontré (.+) et (.+)\.", target)
        assert left.groups() == right.groups()
        distinct += left[1] != left[2]
    assert distinct > 25


@pytest.mark.parametrize("other", ["fr", "zh"])
def test_values_that_languages_write_differently(other):
    for seed in range(40):
        template = pair("{weekday} {month} {country} {int}", "{weekday}|{month}|{country}|{int}")
        source, target = fill(template, ("en", other), ["Tom"], random.Random(seed))
        weekday, month, rest = source.text.split(" ", 2)
        country, number = rest.rsplit(" ", 1)
        there = target.split("|")
        for n, word in ((0, weekday), (1, month)):
            assert CALENDARS[other][n][ENGLISH[n].index(word)] == there[n]
        known = {c[0]: c for c in COUNTRIES}
        assert there[2] == known[country][{"fr": 1, "zh": 2}[other]]
        assert there[3] == number


def test_amounts_and_first_days_as_the_french_write_them():
    money = re.compile(r"\d{1,3}( \d{3})*(,\d\d)?")
    days = set()
    for seed in range(200):
        source, target = fill(
            pair("{money} {ordinal}", "{money}|{ordinal}"),
            ("en", "fr"),
            ["Tom"],
            random.Random(seed),
        )
        amount, day = target.split("|")
        assert money.fullmatch(amount)
        assert re.sub(r"\D", "", amount) == re.sub(r"\D", "", source.text.split()[0])
        days.add((source.text.split()[1], day))
    assert ("1st", "1er") in days
    assert {("2nd", "2"), ("3rd", "3"), ("11th", "11"), ("21st", "21"), ("13th", "13")} <= days


def test_an_unknown_placeholder_stays_as_it_is():
    assert fill(pair("{nothing}", "{nothing}"), ("en", "fr"), ["Tom"], random.Random(0)) == pair(
        "{nothing}", "{nothing}"
    )


# ------------------------------------------------------------------------------------- how many
@pytest.mark.parametrize("share", [0.0, 0.25, 1.0, 2.5])
def test_shares_are_met_and_spread(share):
    variants = Variants(Augment(typos=share), "fr", {}, "seed")
    counts = [len(list(variants.of(pair(f"window number {n}", "x")))) for n in range(400)]
    assert sum(counts) == pytest.approx(400 * share, abs=3)
    assert max(counts) <= int(share) + 2
    assert sum(counts[:200]) == pytest.approx(200 * share, abs=20)


def test_variants_hang_on_their_seed_alone():
    def made(seed):
        variants = Variants(Augment(casual=0.5, typos=0.5, no_source=0.3), "fr", {}, seed)
        return [v for n in range(50) for v in variants.of(pair(f"Open window {n}.", f"x{n}"))]

    assert made("a") == made("a") != made("b")
    assert any(not source for source, _ in made("a"))


def test_a_variant_that_changes_nothing_is_none():
    variants = Variants(Augment(numbers=1.0, casual=1.0), "fr", {}, "seed")
    assert list(variants.of(pair("dogs and 1 cat", "x 1"))) == []


def test_a_conversation_begins_behind_the_turns_of_another():
    talk = [(["a"], "b"), (["a", "b", "c"], "d"), (["e"], "f"), (["g"], "h")]
    pairs = [(Source(tuple(turns)), reply) for turns, reply in talk]
    made = Variants(Augment(subjects=1.0), "en", {}, "seed")
    found = [[source.parts for source, _ in made.of(pair)] for pair in pairs]
    assert found[:2] == [[], []]
    assert found[2] in ([("c", "d", "e")], [("a", "b", "c", "d", "e")])
    assert found[3] == [("e", "f", "g")]
