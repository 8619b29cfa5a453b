"""Lessons 7 to 12: what is moved moves the numbers, and each exercise accepts its own truth."""

from __future__ import annotations

import ast
import importlib
import json
import re

import pytest

from pages.lessons.beyond import ELSEWHERE, PAIRS
from tests.pages import LSTM, code, labelled, opened, said

SENTENCE = "I would like a cup of coffee with milk, please."
LATER = ("attention", "training", "search", "measuring", "trouble", "beyond")


def lesson(name: str, **query):
    return opened("learn", lesson=name, text=SENTENCE, **query)


def drawn(page, nth: int = 0) -> list[dict]:
    """The series of a figure."""
    return json.loads(page.get("plotly_chart")[nth].proto.spec)["data"]


def heights(page, nth: int = 0) -> list:
    return [series["y"] for series in drawn(page, nth)]


def slide(page, label: str, value):
    """Move a slider of numbers or of tokens."""
    for kind in (page.slider, page.select_slider, page.number_input):
        for widget in kind:
            if widget.label == label:
                widget.set_value(value).run()
                assert not page.exception
                return page
    raise AssertionError(f"no slider {label!r}")


# --------------------------------------------------------------------------------------- exercises
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("name", LATER)
def test_an_exercise_accepts_its_truth_and_nothing_else(name, language, monkeypatch):
    module, truths = importlib.import_module(f"pages.lessons.{name}"), []
    asked = module.number_exercise

    def spy(code, text, truth, within, **values):
        truths.append((truth, within))
        asked(code, text, truth, within, **values)

    monkeypatch.setattr(module, "number_exercise", spy)
    page = lesson(name, lang=language)
    truth, within = truths[-1]
    label = {"en": "Your answer, a number", "zh": "您的答案（一个数）"}[language]
    right, wrong = {"en": ("Right.", "Not yet"), "zh": ("正确。", "还不对")}[language]
    labelled(page.text_input, label).set_value(f"{truth:.4f}").run()
    assert right in said(page)
    labelled(page.text_input, label).set_value(f"{truth + 3 * within:.4f}").run()
    assert wrong in said(page)


# ------------------------------------------------------------------------------------------ figures
def test_a_temperature_changes_the_weights_and_not_the_model_s_own():
    page = lesson("attention", tau="2")
    own, warm = heights(page)
    assert max(warm) < max(own)
    slide(page, "Temperature τ", 0.2)
    again, cold = heights(page)
    assert again == own
    assert max(cold) > max(own)
    assert code(page, "tau") == "0.2"


def test_another_head_looks_elsewhere():
    page = lesson("attention")
    before = heights(page)[0]
    slide(page, "Head", 4)
    assert heights(page)[0] != before
    assert "head 4" in said(page)


def test_a_model_without_attention_lends_the_page_to_another():
    assert "This lesson needs attention" in said(lesson("attention", model=LSTM))


def test_smoothing_costs_and_a_reference_is_read():
    page = lesson("training", smooth="0")
    plain_, smoothed = heights(page)
    assert smoothed == pytest.approx(plain_)
    slide(page, "Label smoothing ε", 0.5)
    assert sum(heights(page)[1]) > sum(plain_)
    box = labelled(page.text_input, "A right answer for your sentence")
    box.set_value("Bonjour.").run()
    assert len(heights(page)[0]) != len(plain_)
    assert code(page, "reference") == "Bonjour."


def test_the_length_penalty_is_what_the_scores_are_divided_by():
    """At 0 the first output is the one with the highest total."""
    page = lesson("search", alpha_now="0")
    first, others = drawn(page)
    assert first["y"][0] == max([*first["y"], *others["y"]])
    before = first["y"][0]
    slide(page, "Length penalty α", 2.0)
    first, _others = drawn(page)
    assert before < first["y"][0] < 0


def test_a_reference_like_the_output_is_worth_a_hundred():
    page = lesson("measuring")
    output = labelled(page.selectbox, "Output that is measured").options[0].split("· ", 1)[1]
    labelled(page.text_input, "Reference").set_value(output).run()
    assert not page.exception
    assert heights(page)[0] == [1, 1, 1, 1, 1, 1]
    assert "says 100.00" in said(page)


def test_by_hand_and_by_sacrebleu_stand_side_by_side():
    page = lesson("measuring", reference="I'd rather have some tea, if you please.")
    hand = re.search(r"\\mathrm\{BLEU\} &= ([\d.]+)\n", said(page))[1]
    theirs = re.search(r"says ([\d.]+)\.", said(page))[1]
    assert hand == theirs


def test_a_gain_below_1_vanishes_and_one_above_explodes():
    for gain, ends in (("0.8", lambda y: y[-1] < 1e-3 * y[0]), ("1.2", lambda y: y[-1] > y[0])):
        page = lesson("trouble", gain=gain)
        linear = drawn(page)[0]["y"]
        assert ends(linear)
        assert rf"\text{{linear}} &\; {float(gain):.3f}" in said(page)


def test_an_open_gate_lets_the_gradient_through():
    page = lesson("trouble")
    before = {series["name"]: series["y"][-1] for series in drawn(page)}
    slide(page, "Bias of the keeping gates", 5.0)
    after = {series["name"]: series["y"][-1] for series in drawn(page)}
    assert after["LSTM"] > before["LSTM"]
    assert after["GRU"] > before["GRU"]
    assert after["RNN"] == before["RNN"]


def test_copying_adds_up_token_by_token():
    page = lesson("beyond")
    numbers = re.search(
        r"([\d.]+) \\cdot ([\d.]+) \+ \(1 - [\d.]+\) \\cdot ([\d.]+) = ([\d.]+)", said(page)
    )
    gen, vocabulary, mass, p = map(float, numbers.groups())
    assert gen * vocabulary + (1 - gen) * mass == pytest.approx(p, abs=2e-3)


# ---------------------------------------------------------------------------------- hostile visitors
@pytest.mark.parametrize("name", ["training", "measuring"])
@pytest.mark.parametrize("reference", ["<b>$x$ **y** :smile: `z`", "?", "漢字です。", "mot " * 400])
def test_a_lesson_bears_any_reference(name, reference):
    page = lesson(name, reference=reference)
    assert "<b>" not in said(page).split("<style>")[0]
    assert page.get("plotly_chart")


@pytest.mark.parametrize("gain", ["0.5", "1.6"])
@pytest.mark.parametrize("keeping", ["-2", "6"])
def test_the_ends_of_every_slider_hold(gain, keeping):
    for far in ("10", "150"):
        page = lesson("trouble", gain=gain, far=far, keeping=keeping, bound="0.05")
        assert "nan" not in said(page).split("<style>")[0]


# --------------------------------------------------------------------------------- other frameworks
def test_what_is_not_run_is_at_least_python_and_says_so():
    for _ours, theirs in PAIRS:
        ast.parse((ELSEWHERE / f"{theirs}.txt").read_text(encoding="utf-8"))
    assert {f"{theirs}.txt" for _, theirs in PAIRS} == {f.name for f in ELSEWHERE.iterdir()}
    page = lesson("beyond")
    assert sum("not run here" in c.value for c in page.caption) == len(PAIRS)
