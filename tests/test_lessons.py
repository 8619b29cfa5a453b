"""The lessons through AppTest, in every language; their texts; and that what they show is computed."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from pages.lessons.catalogue import LESSONS
from pages.lessons.papers import PAPERS
from pages.lessons.prose import FOLDER, PLACE, text_of
from pages.parts import address
from s2s.locale import LANGUAGES
from tests.pages import code, labelled, opened, press, said, type_into

ROOT = Path(__file__).resolve().parent.parent
HAN = re.compile(r"[\u4e00-\u9fff]")
SENTENCE = "The cat that I saw was asleep."
PAGES = [ROOT / "pages" / "learn.py", *sorted((ROOT / "pages" / "lessons").glob("*.py"))]


def lesson(name: str, **query):
    return opened("learn", lesson=name, text=SENTENCE, **query)


def said_shortly(page) -> str:
    """What stands on the page, without style sheets."""
    return said(page).split("<style>")[0]


# ------------------------------------------------------------------------------------------- texts
def test_every_lesson_has_its_place_in_the_order():
    assert [c for c in address.LESSONS if c in LESSONS] == list(LESSONS)


def test_every_text_belongs_to_a_lesson_and_every_lesson_has_one_a_language():
    assert {f.name for f in FOLDER.iterdir()} == {f"{c}.{x}.md" for c in LESSONS for x in LANGUAGES}


@pytest.mark.parametrize("name", LESSONS)
def test_the_texts_of_a_lesson_are_built_alike(name):
    """Section by section: the same places, the same equations, as many answers to choose from."""
    first, *others = (text_of(name, language) for language in LANGUAGES)
    for other in others:
        assert list(other.sections) == list(first.sections)
        assert {"exercise", "hint", "right"} <= set(first.sections)
        for section, body in first.sections.items():
            twin = other.sections[section]
            assert set(PLACE.findall(twin)) == set(PLACE.findall(body)), section
            assert twin.count("$$") == body.count("$$"), section
            assert twin.count("\n- ") == body.count("\n- "), section


@pytest.mark.parametrize("name", LESSONS)
def test_chinese_texts_are_chinese(name):
    text = text_of(name, "zh")
    for body in (text.title, text.about, *text.sections.values()):
        prose = re.sub(r"\$\$.*?\$\$|\$[^$]*\$|`[^`]*`", "", body, flags=re.DOTALL)
        assert HAN.search(prose)
        assert not re.search(r"[\u4e00-\u9fff] ?[,;:!?]|[\u4e00-\u9fff]\.(\s|$)", prose), (
            "half-width"
        )
        assert not re.search(r"[\u4e00-\u9fff] ?\((?!\))", prose), "half-width brackets"


def test_every_string_on_screen_is_wrapped():
    """In the files of the lessons, no English literal goes to Streamlit by itself."""
    for file in PAGES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
                continue
            if not (isinstance(node.func.value, ast.Name) and node.func.value.id == "st"):
                continue
            shown = [*node.args[:1]] + [
                w.value for w in node.keywords if w.arg in ("label", "help", "placeholder", "alt")
            ]
            for part in shown:
                pieces = part.values if isinstance(part, ast.JoinedStr) else [part]
                for piece in pieces:
                    text = piece.value if isinstance(piece, ast.Constant) else ""
                    bare = str(text).startswith("pages/") or not re.search("[A-Za-z]{3}", str(text))
                    assert bare, f"{file}:{part.lineno}"


def test_every_paper_that_is_cited_is_listed():
    for file in PAGES:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "references":
                assert all(part.value in PAPERS for part in node.args)


# ------------------------------------------------------------------------------------------- pages
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", LESSONS)
def test_every_lesson_in_every_language(name, language):
    page = lesson(name, lang=language)
    text = text_of(name, language)
    assert text.title in page.header[0].value
    words = said_shortly(page)
    assert text.about in words
    assert not PLACE.search(words)
    assert page.get("plotly_chart"), "a lesson has a figure"
    assert page.code or page.get("code"), "a lesson shows its code"
    labels = [
        e.label
        for kind in ("button", "radio", "expander", "text_input")
        for e in page.get(kind)
        if e.label
        if not str(e.key).startswith(("example-", "language-"))
    ]
    if language == "zh":
        assert [x for x in labels if not HAN.search(x)] == [], "not translated"


HOSTILE = ("", "?", "<b>$x$ **y** `z` \\frac{1}{0} :smile:", "漢字です。", "word " * 300)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_bears_any_sentence(name):
    page = lesson(name)
    for text in HOSTILE:
        type_into(page, text)
        assert "<b>" not in said_shortly(page)


@pytest.mark.parametrize("name", LESSONS)
def test_a_lesson_bears_any_model(name):
    for model in ("translate-zh-en-transformer", "translate-en-fr-lstm"):
        lesson(name, model=model)


def test_the_overview_leads_to_every_lesson():
    page = opened("learn")
    for name in LESSONS:
        assert any(text_of(name, "en").title in b.label for b in page.button)
    first = next(iter(LESSONS))
    labelled(
        page.button, f"{address.LESSONS.index(first) + 1} · {text_of(first, 'en').title}"
    ).click().run()
    assert code(page, "lesson") == first


def test_the_switch_changes_the_language_and_keeps_the_place():
    page = lesson("cells", place="2")
    press(page, "中文")
    assert code(page, "lang") == "zh"
    assert (code(page, "lesson"), code(page, "place"), code(page, "text")) == (
        "cells",
        "2",
        SENTENCE,
    )
    assert HAN.search(page.header[0].value)
    page.switch_page("pages/attention_lab.py").run()
    assert code(page, "lang") == "zh"  # it travels
    press(page, "English")
    assert code(page, "lang") is None


def test_the_sentence_travels():
    page = lesson("text", model="translate-en-fr-bahdanau")
    for other in ("translate", "attention_lab", "beam_lab"):
        page.switch_page(f"pages/{other}.py").run()
        assert page.text_area[0].value == SENTENCE
        assert code(page, "model") == "translate-en-fr-bahdanau"


def test_a_strange_lesson_is_left_out():
    assert "is not one of" in said_shortly(opened("learn", lesson="cooking"))


def test_a_strange_language_is_left_out():
    page = opened("learn", lang="xx")
    assert "is not one of" in said_shortly(page)
    assert page.header[0].value == "Learn sequence-to-sequence models"


# --------------------------------------------------------------------------------------- exercises
def test_an_exercise_checks_and_hints():
    page = lesson("cells")
    box = labelled(page.text_input, "Your answer, a number")
    box.set_value("7").run()
    assert "Not yet" in said_shortly(page)
    hint = next(m.value for m in page.markdown if "×" in m.value)
    gate = float(re.search(r"0\.\d+", hint)[0])
    labelled(page.text_input, "Your answer, a number").set_value(f"{gate**3:.3f}").run()
    assert "Right." in said_shortly(page)
    page.switch_page("pages/translate.py").run()
    page.switch_page("pages/learn.py").run()
    assert "Right." in said_shortly(page)  # nothing typed is lost


def test_a_choice_is_checked():
    page = lesson("encoder")
    wanted = text_of("encoder", "en").section("choices").splitlines()[1][2:]
    ask = next(r for r in page.radio if wanted in r.options)
    ask.set_value(0).run()
    assert "Not yet" in said_shortly(page)
    next(r for r in page.radio if wanted in r.options).set_value(1).run()
    assert "Right." in said_shortly(page)


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("seq2seq", "The output is written as far as"),
        ("embeddings", "The piece that is looked at"),
        ("cells", "The cell has read as far as"),
        ("encoder", "Each direction has read as far as its step"),
        ("decoder", "The decoder writes"),
    ],
)
def test_a_slider_moves_the_numbers(name, label):
    page = lesson(name)
    before = said_shortly(page)
    slider = labelled(page.select_slider, label)
    slider.set_value(2).run()
    assert not page.exception
    assert said_shortly(page) != before
    assert {code(page, "place"), code(page, "wrote")} == {"2", None}  # a link restores it


def test_the_vocabulary_as_it_was_learned():
    page = lesson("text", joins="0")
    assert ">·<" in said(page)  # characters: each space stands alone
    assert "cell" in said_shortly(page)


def test_the_bottleneck_is_measured_when_asked_for():
    page = lesson("decoder")
    charts = len(page.get("plotly_chart"))
    press(page, "Measure it on your sentence")
    assert len(page.get("plotly_chart")) == charts + 1
    assert code(page, "measured") == "1"


def test_a_lesson_says_which_model_it_takes_instead():
    assert "This lesson needs an LSTM" in said_shortly(lesson("cells", cell="lstm"))
    own = lesson("cells", cell="lstm", model="translate-en-fr-lstm")
    assert "This lesson needs" not in said_shortly(own)


def test_where_no_model_fits_the_lesson_says_so(monkeypatch, tiny_checkpoint):
    monkeypatch.setenv("S2S_CHECKPOINTS", str(tiny_checkpoint.parent))
    lesson("cells")
    assert "no model here has that" in said_shortly(lesson("decoder"))
