"""Translate through AppTest, with the shipped checkpoints."""

from __future__ import annotations

import pytest

from tests.pages import (
    LSTM,
    answer,
    box,
    code,
    labelled,
    opened,
    part,
    parts,
    press,
    said,
    settings,
    type_into,
    unfold,
)

SENTENCE = "Where is the nearest train station?"
FIRST_SCREEN = ["answer", "lines", "step"]


@pytest.fixture
def page():
    return opened()


def test_a_first_visit_opens_with_an_example_answered(page):
    assert box(page).value
    assert parts(page) == FIRST_SCREEN
    assert answer(page)
    assert not page.query_params  # an example need not stand in the address


def test_an_emptied_box_invites(page):
    type_into(page, "  ")
    assert parts(page) == []
    assert "Nothing to translate yet" in said(page)


def test_answer_picture_and_step_stand_first(page):
    type_into(page, SENTENCE)
    assert parts(page) == FIRST_SCREEN
    assert "gare" in answer(page)
    lines = part(page, "lines")
    assert lines["src"][-1] == lines["tgt"][-1] == "end"
    assert all(sum(row) == pytest.approx(1, abs=0.01) for row in lines["alpha"])
    assert len(lines["alpha"]) == len(lines["tgt"])
    assert not page.get("plotly_chart")
    assert not page.dataframe  # the first screen is light


def test_words_of_the_answer_carry_their_probability(page):
    type_into(page, SENTENCE)
    (sentence,) = part(page, "answer")["sentences"]
    text = "".join(before + word for before, word, _, _ in sentence["words"])
    assert text == answer(page)
    assert all(0 < p <= 1 for _, _, p, _ in sentence["words"])


def test_the_step_lists_what_else_was_considered(page):
    type_into(page, SENTENCE)
    for step in part(page, "step")["steps"]:
        fates = [fate for _, _, fate in step["alternatives"]]
        assert fates.count("chosen") == 1
        chances = [p for _, p, _ in step["alternatives"]]
        assert sum(chances) <= 1.001
    shown = part(page, "step")["step"]
    steps = part(page, "step")["steps"]
    own = [next(p for _, p, f in s["alternatives"] if f == "chosen") for s in steps]
    assert own[shown] == min(own)  # it opens where the model was least sure


def test_an_example_is_one_click_away(page):
    press(page, SENTENCE)
    assert box(page).value == SENTENCE
    assert "gare" in answer(page)


def test_matrix_and_pieces(page):
    labelled(page.get("button_group"), "Picture of attention").set_value("matrix").run()
    assert not page.exception
    assert parts(page) == ["answer", "matrix", "step"]
    assert len(page.get("plotly_chart")) == 1
    labelled(page.get("button_group"), "Unit").set_value("pieces").run()
    assert code(page, "view") == "matrix"
    assert code(page, "unit") == "pieces"


def test_a_model_without_attention_says_so(page):
    type_into(page, SENTENCE)
    page.radio[0].set_value(LSTM).run()
    assert "no attention" in said(page)
    assert part(page, "lines")["alpha"] is None
    assert box(page).value == SENTENCE


def test_two_models_side_by_side(page):
    type_into(page, SENTENCE)
    labelled(page.toggle, "Compare two models").set_value(True).run()
    assert not page.exception
    assert parts(page) == ["answer", "lines", "answer", "lines"]
    assert "LSTM without attention" in said(page)
    labelled(page.toggle, "Force both through the same words").set_value(True).run()
    first, second = part(page, "lines"), part(page, "lines", 1)
    assert first["tgt"] == second["tgt"]  # rows match
    assert "is surer" in said(page)


def test_beam_size_is_the_number_of_candidates(page):
    for beam in (3, 1):
        page.slider[0].set_value(beam).run()
        assert not page.exception
        assert f"All candidates ({beam})" in [e.label for e in page.expander]
    assert "Beam size 1 is greedy" in said(page)


def test_a_candidate_is_opened_and_left(page):
    page = opened(text=SENTENCE, candidate="2")
    assert "Candidate 3" in said(page)
    press(page, "Back to the answer")
    assert "Candidate 3" not in said(page)
    unfold(page, "candidates")
    assert len(page.dataframe[0].value) == 5


def test_every_option_can_be_used(page):
    type_into(page, "The old man plays the piano. He is happy!")
    for kind, label, value in (
        ("button_group", "Length normalisation", "gnmt"),
        ("slider", "Length penalty α", 0.6),
        ("slider", "Block repeated n-grams", 2),
        ("slider", "Repetition penalty", 1.2),
        ("slider", "Coverage penalty β", 0.2),
        ("number_input", "Minimum length", 3),
        ("number_input", "Maximum length", 20),
    ):
        settings(page)
        labelled(page.get(kind), label).set_value(value).run()
    labelled(page.text_input, "Begin the output with").set_value("Le").run()
    assert not page.exception
    assert answer(page).startswith("Le")
    assert code(page, "length_norm") == "gnmt"
    assert "7 of them changed" in said(page)
    settings(page)
    press(page, "Back to the model's own")
    assert "length_norm" not in page.query_params


def test_a_minimum_over_the_maximum_is_mended():
    page = opened(text=SENTENCE, min_length="9", max_length="4")
    assert "minimum length is over" in said(page)
    assert parts(page) == FIRST_SCREEN


def test_sampling():
    page = opened(text=SENTENCE, method="sample", top_k="20", seed="3")
    assert parts(page) == FIRST_SCREEN
    assert "**Greedy beside beam**" in said(page)
    assert ">Beam<" not in said(page)


def test_a_paragraph_has_a_sentence_to_choose(page):
    type_into(page, "Good morning. How are you? I am fine.")
    assert len(part(page, "answer")["sentences"]) == 3
    labelled(page.selectbox, "Sentence to look into").select_index(1).run()
    assert part(page, "lines")["src"][0] == "How"
    assert code(page, "sentence") == "1"


def test_greedy_reads_the_very_source_of_the_beam():
    text = "Mr. Smith has vol. 4 of it. He met Dr. Brown at approx. ten. Why? Nobody knows."
    page = opened(text=text, sentence="1")
    assert "split" not in said(page)


# -------------------------------------------------------------------------------------------- texts
@pytest.mark.parametrize(
    "text",
    [
        " ",
        "\x00",
        "<script>alert(1)</script><b>bold</b>",
        "**x** $y$ :smile: [a](b) `c` :red[x]",
        "![x](//127.0.0.1:9/t.png)",
        "漢字です。次の文。",
        "مرحبا بالعالم",
        "👨‍👩‍👧 🎉",
        "x" * 12_000,
        "word " * 300,
        "?",
        "\u202eabc",
    ],
    ids=[
        *("space", "nul", "html", "markdown", "image", "cjk", "arabic", "emoji"),
        *("endless", "long", "mark", "bidi"),
    ],
)
def test_hostile_text_breaks_nothing_and_is_kept(page, text):
    type_into(page, text)
    assert box(page).value == text
    assert "<script" not in said(page)
    assert "](//" not in said(page)


def test_too_long_a_text_says_how_much_was_read(page):
    type_into(page, "Good morning. " * 1000)
    assert "first 10,000" in said(page).replace("\\", "")
