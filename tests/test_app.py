"""Translate through AppTest, with the shipped checkpoints."""

from __future__ import annotations

import shutil

import pytest
import streamlit as st

from tests.pages import (
    BAHDANAU,
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
    assert code(page, "rival") == LSTM
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


# ------------------------------------------------------------------------------------------ address
def test_the_address_restores_text_model_and_options():
    page = opened(text=SENTENCE, beam="3", alpha="0.5", model=LSTM)
    assert box(page).value == SENTENCE
    assert page.slider[0].value == 3
    assert page.radio[0].value == LSTM
    settings(page)
    assert labelled(page.slider, "Length penalty α").value == 0.5


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("beam", "999999"),
        ("beam", "0"),
        ("beam", ["2", "3"]),
        ("alpha", "x"),
        ("alpha", "nan"),
        ("max_length", "1e999"),
        ("min_length", "-5"),
        ("top_k", "9" * 400),
        ("seed", "1e999"),
        ("model", "../../etc"),
        ("length_norm", "per token"),
        ("view", "![x](//127.0.0.1:9/t.png)"),
        ("sentence", "-1"),
        ("step", "Infinity"),
        ("rival", ["a", "b"]),
    ],
)
def test_nonsense_in_the_address_is_left_out_and_told(name, value):
    page = opened(text="Hello.", **{name: value})
    assert parts(page) == FIRST_SCREEN
    assert "was left out" in said(page).replace("\\", "")
    assert name not in page.query_params
    assert "![x](" not in said(page)


def test_codes_of_nobody_are_let_be():
    page = opened(text="Hello.", utm_source="mail")
    assert "left out" not in said(page)


def test_text_and_options_travel(page):
    type_into(page, SENTENCE)
    page.slider[0].set_value(3).run()
    page.switch_page("pages/beam_lab.py").run()
    assert box(page).value == SENTENCE
    assert page.slider[0].value == 3
    page.switch_page("pages/dialogue.py").run()
    page.switch_page("pages/translate.py").run()
    assert box(page).value == SENTENCE
    assert page.slider[0].value == 3
    assert code(page, "beam") == "3"


def test_a_long_text_is_not_in_the_address(page):
    type_into(page, "Good morning. " * 500)
    assert "text" not in page.query_params
    assert "too long for an address" in said(page)
    page.slider[0].set_value(2).run()
    assert len(box(page).value) == 14 * 500


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


# ------------------------------------------------------------------------------------------- models
@pytest.fixture
def checkpoints(monkeypatch, tmp_path, tiny_checkpoint):
    """A folder of our own with a tiny checkpoint, ``good``."""
    shutil.copytree(tiny_checkpoint, tmp_path / "good")
    monkeypatch.setenv("S2S_CHECKPOINTS", str(tmp_path))
    yield tmp_path
    st.cache_resource.clear()


def test_no_checkpoint_is_explained(monkeypatch, tmp_path):
    monkeypatch.setenv("S2S_CHECKPOINTS", str(tmp_path))
    assert "no checkpoint for translation" in said(opened())


@pytest.mark.parametrize(
    ("file", "content"),
    [
        ("config.json", "{"),
        ("config.json", "[" * 100_000),
        ("config.json", '{"name": ' + "9" * 5000 + "}"),
        ("config.json", '{"name": "x", "task": "nope"}'),
        ("metrics.json", "null"),
        ("metrics.json", "[]"),
        ("metrics.json", '{"tests": null}'),
        ("metrics.json", '{"tests": {"a": {"bleu": null}}}'),
        ("metrics.json", '{"tests": {"a": 5}}'),
    ],
)
def test_one_bad_folder_does_not_hide_the_others(checkpoints, file, content):
    shutil.copytree(checkpoints / "good", checkpoints / "bad")
    (checkpoints / "bad" / file).write_text(content)
    page = opened(text=SENTENCE, model="good")
    assert parts(page) == FIRST_SCREEN


def test_two_checkpoints_with_one_title_can_be_told_apart(checkpoints):
    shutil.copytree(checkpoints / "good", checkpoints / "other")
    page = opened(text=SENTENCE, model="other")
    assert page.radio[0].value == "other"
    page.radio[0].set_value("good").run()
    assert page.radio[0].value == "good"


def test_a_broken_checkpoint_is_explained_and_loses_nothing(checkpoints):
    (checkpoints / "good" / "tokenizer.model").write_bytes(b"broken")
    page = opened(text=SENTENCE)
    assert "tokenizer" in said(page)
    assert code(page, "text") == SENTENCE


def test_weights_trained_anew_answer_anew(checkpoints, tokenizer):
    import torch

    from s2s import checkpoint

    page = opened(text=SENTENCE)
    before = part(page, "lines")
    old = checkpoint.load(checkpoints / "good")
    torch.manual_seed(99)
    fresh = {k: v + torch.randn_like(v) for k, v in old.model.state_dict().items()}
    checkpoint.save(checkpoints / "good", old.config, fresh, tokenizer)
    page.run()
    after = part(page, "lines")
    assert before["id"] != after["id"]
    assert before["alpha"] != after["alpha"]


def test_ranges_reach_as_far_as_a_checkpoints_own_options(checkpoints):
    import json

    path = checkpoints / "good" / "config.json"
    config = json.loads(path.read_text())
    config["search"] |= {"max_length": 200, "beam": 20, "alpha": 3.0}
    path.write_text(json.dumps(config))
    page = opened(text=SENTENCE)
    assert page.slider[0].value == 20
    settings(page)
    assert labelled(page.number_input, "Maximum length").value == 200


def test_the_default_model_is_one_with_attention():
    assert opened().radio[0].value == BAHDANAU
