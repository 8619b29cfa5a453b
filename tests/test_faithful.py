"""What is read of a text and what is said about the answer: lines, abbreviations, capitals, numbers, limits."""

from __future__ import annotations

import json
import pickle
from dataclasses import replace

import pytest

from s2s.config import Augment, DataConfig, SearchOptions
from s2s.export.json import as_json
from s2s.pipeline import Pipeline
from s2s.text.capitals import ordinary, shouted
from s2s.text.numbers import lacking
from s2s.text.remarks import KINDS, Remark, on_numbers
from s2s.text.sentences import split_text
from s2s.text.source import Source
from tests.conftest import save_tiny

GREEDY = SearchOptions(beam=1)
FRENCH = "en", "fr"


@pytest.fixture(scope="module")
def pipeline(tiny_checkpoint):
    return Pipeline(tiny_checkpoint)


def kinds(result) -> list[str]:
    return [warning.kind for warning in result.warnings]


# ------------------------------------------------------------------------------------------ lines
@pytest.mark.parametrize(
    "text",
    [
        "apples\npears\nbananas",
        "- two eggs\n- a small dog, which sleeps there all day and all night\n- the cat",
        "1. the cat\n2. the dog\n3. the house",
        "the old cat sees a small dog near my green house\nthe small dog sleeps there all day near it",
        "Dear Anna,\nhow are you",
    ],
)
def test_lines_of_a_list_stay_lines(pipeline, text):
    result = pipeline(text, GREEDY)
    assert [s.source.text for s in result.sentences] == text.split("\n")
    assert result.text.count("\n") == text.count("\n")


def test_running_text_broken_at_a_width_is_one_sentence(pipeline):
    lines = ["The old cat that sees a small dog near my", "green house sleeps there all day."]
    assert [s.source.text for s in pipeline("\n".join(lines)).sentences] == [" ".join(lines)]


# ---------------------------------------------------------------------------------- abbreviations
@pytest.mark.parametrize(
    "text",
    [
        "See vol. 4 for details.",
        "It took approx. ten days.",
        "Approx. ten people came.",
        "He lives at no. 5 in town.",
        "See fig. 3 and ch. 2, pp. 3-5.",
        "Dr. Smith and Prof. Jones met Mrs. Brown.",
        "Use fruit, e.g. apples.",
        "J. R. R. Tolkien and George W. Bush read it.",
        "1. Apples and pears",
    ],
)
def test_an_abbreviation_ends_no_sentence(text):
    assert [sentence for sentence, _ in split_text(text)] == [text]


@pytest.mark.parametrize(
    "text",
    [
        "He said no.|Then he left.",
        "He said no.|We left.",
        "Give it to me.|He left.",
        "We meet at 5 p.m.|Tomorrow is fine.",
        "I took plan B.|Then I went.",
        "I like it a lot.|Do you?",
    ],
)
def test_other_full_stops_still_end_one(text):
    assert [sentence for sentence, _ in split_text(text.replace("|", " "))] == text.split("|")


def test_abbreviations_are_the_languages_own():
    assert len(split_text("Mme. Curie dort.", "fr")) == 1
    assert len(split_text("Ask Mme. He knows.", "en")) == 2


# --------------------------------------------------------------------------------------- capitals
@pytest.mark.parametrize(
    ("text", "small"),
    [
        ("WHERE IS THE STATION?", "Where is the station?"),
        ("GOOD MORNING", "Good morning"),
        ("STOP! I AM HERE.", "Stop! I am here."),
        ("“NO ENTRY”", "“No entry”"),
    ],
)
def test_capitals_are_read_in_ordinary_case(text, small):
    assert shouted(text)
    assert ordinary(text) == small


@pytest.mark.parametrize(
    "text", ["OK", "NASA is here", "I", "A4", "你好 OK", "USA", "123", "", "Where?"]
)
def test_an_abbreviation_is_no_shouting(text):
    assert not shouted(text)


def test_a_model_that_never_saw_capitals_reads_the_same_in_both(pipeline):
    loud, small = pipeline("THE CAT SEES A DOG", GREEDY), pipeline("The cat sees a dog", GREEDY)
    assert loud.text == small.text.upper()
    assert loud.sentences[0].trace.source == small.sentences[0].trace.source
    assert loud.sentences[0].source.text == "THE CAT SEES A DOG"
    assert kinds(loud)[0] == "capitals"
    assert "capitals" not in kinds(small)


def test_a_model_that_saw_capitals_is_left_alone(tmp_path, tokenizer):
    data = DataConfig(max_src=30, max_tgt=12, augment=Augment(capitals=0.04))
    seeing = Pipeline(save_tiny(tmp_path, "seeing", "bahdanau", tokenizer, data=data))
    result = seeing("THE CAT SEES A DOG", GREEDY)
    assert "capitals" not in kinds(result)
    assert list(result.sentences[0].trace.source[:-1]) == tokenizer.encode("THE CAT SEES A DOG")


def test_capitals_of_one_turn_are_read_as_one(tiny_chat):
    chat = Pipeline(tiny_chat)
    result = chat(Source(("THE CAT SLEEPS", "the dog")), GREEDY)
    assert "capitals" in kinds(result)
    assert result.text == chat(Source(("The cat sleeps", "the dog")), GREEDY).text


# ---------------------------------------------------------------------------------------- numbers
@pytest.mark.parametrize(
    ("source", "output", "missing"),
    [
        ("It costs 9,000,000.", "Ça coûte 9 000.", ["9,000,000"]),
        ("In 1984 and 1985.", "En 1984.", ["1985"]),
        ("555 555 555", "555 5 cinq5", ["555 555 555"]),
        ("Room 12, floor 3", "Salle 12", ["3"]),
    ],
)
def test_numbers_that_an_answer_lacks_are_named(source, output, missing):
    assert lacking(source, output, "fr") == missing
    (remark,) = on_numbers(source, output, FRENCH, whole=True)
    assert remark.kind == "numbers"
    assert all(number in remark for number in missing)


@pytest.mark.parametrize(
    ("source", "output"),
    [
        ("It costs 9,000,000.50 euros.", "Ça coûte 9 000 000,50 euros."),
        ("3 apples and 1 pear", "trois pommes et une poire"),
        ("At 3:30 pm", "À 15 h 30"),
        ("3 million people", "3 000 000 de personnes"),
        ("Call 555-1234.", "Appelez le 555 1234."),
        ("No number.", "Pas de 5."),
        ("The 2nd day", "Le deuxième jour"),
        ("In the 1980s", "Dans les années 80"),
        ("Since the 19th century", "Depuis le XIXe siècle"),
        ("The games began at 10:00 am.", "Les matchs ont commencé à 10 heures."),
        ("At 12.00 GMT", "À 12 h GMT"),
        ("５ dogs", "5 chiens"),
        ("³ and ٣ and 1" + "0" * 5000, "³ et ٣ et 1" + "0" * 5000),
    ],
)
def test_numbers_written_in_another_way_are_not(source, output):
    assert on_numbers(source, output, FRENCH, whole=True) == []


def test_a_summary_may_leave_out_numbers_but_not_invent_them():
    assert on_numbers("In 1984, 3 men.", "3 men", ("en", "en"), whole=False) == []
    (remark,) = on_numbers("9,000,000 people", "9,000 people", ("en", "en"), whole=False)
    assert remark.found == ("9,000",)


# ------------------------------------------------------------------------------------ in all forms
def test_json_warnings_say_what_they_are_about(pipeline):
    result = pipeline("THE CAT SEES 9,000 DOGS.\n漢字", SearchOptions(beam=2, max_length=3))
    out = json.loads(json.dumps(as_json(result)))["warnings"]
    assert {w["kind"] for w in out} <= set(KINDS)
    assert {"capitals", "characters"} <= {w["kind"] for w in out}
    assert ["9,000"] in [w["found"] for w in out if w["kind"] == "numbers"]
    assert [w["text"] for w in out] == list(result.warnings)


def test_a_remark_survives_pickling():
    remark = pickle.loads(pickle.dumps(Remark("text", "limit", ["1"])))
    assert (remark, remark.kind, remark.found) == ("text", "limit", ("1",))


# ----------------------------------------------------------------------------------------- bounds
@pytest.mark.parametrize(("beam", "shortest"), [(16, 100), (64, 0), (5, 300)])
def test_one_input_asks_for_so_much_and_no_more(pipeline, beam, shortest):
    text = "\n".join(f"{a}{b}" for a in "abcdefghij" for b in "klmnopqrst")
    options = SearchOptions(beam=beam, min_length=shortest)
    result = pipeline(text, options, record=False, most=3000)
    assert 1 <= len(result.sentences) <= 3000 // (beam * 12) + 1
    assert "budget" in kinds(result)
    assert f"{3000:,}" in next(w for w in result.warnings if w.kind == "budget")


def test_the_same_sentence_again_costs_nothing(pipeline):
    assert len(pipeline("The cat. " * 500, GREEDY, record=False, most=100).sentences) == 500


# ------------------------------------------------------------------------------------- surrogates
@pytest.mark.parametrize("text", ["ok \ud800", "\udfff\ud800 a. b", "the cat\udc80\nthe dog"])
def test_halves_of_surrogate_pairs_are_no_text(pipeline, tiny_chat, tiny_summarizer, text):
    for each in (pipeline, Pipeline(tiny_chat), Pipeline(tiny_summarizer)):
        result = each(text, GREEDY, prefix="a\ud800")
        json.dumps(as_json(result), ensure_ascii=False).encode()
        assert "\ufffd" in result.sentences[0].source.text + result.sentences[-1].source.text
        each.score(text, "THE \ud800")


# ------------------------------------------------------------------------------- one text, two ways
def test_the_same_text_in_other_pieces_is_said(pipeline):
    sentence = pipeline("The cat.", SearchOptions(beam=3)).sentences[0]
    twice = replace(sentence, outputs=("a", "b", "a"), hypotheses=sentence.hypotheses[:3])
    assert twice.same_as == (None, None, 0)
    assert replace(sentence, outputs=("a", "a", "a")).same_as == (None, 0, 0)
    assert replace(sentence, outputs=("a", "b", "c")).same_as == (None, None, None)
