"""Every page through AppTest, with the shipped checkpoints."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parent.parent
SENTENCE = "Where is the nearest train station?"


@pytest.fixture
def page():
    return AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()


def translate(page, text):
    page.text_area(key="text").set_value(text)
    next(b for b in page.button if b.label == "Translate").click().run()
    assert not page.exception
    return page


def html(page) -> str:
    return "".join(element.proto.body for element in page.get("html"))


def headings(page) -> list[str]:
    return [h.value for h in page.subheader]


PANELS = ["Candidates", "Attention", "One step", "Greedy beside beam"]


def test_an_empty_page_invites(page):
    assert not page.exception
    assert headings(page) == []
    assert any("Nothing to translate yet" in c.value for c in page.caption)


def test_answer_first_then_what_is_inside(page):
    translate(page, SENTENCE)
    assert headings(page) == PANELS
    assert "gare" in html(page)
    status = next(c.value for c in page.caption if "tokens a second" in c.value)
    assert "Bahdanau" in status
    assert len(page.dataframe[0].value) == 5


def test_an_example_is_one_click_away(page):
    example = page.button_group(key="example")
    example.set_value(example.options[0]).run()
    assert not page.exception
    assert page.text_area(key="text").value == example.options[0]
    assert headings(page) == PANELS


def test_model_without_attention_says_so(page):
    translate(page, SENTENCE)
    page.selectbox(key="model").select("translate-en-fr-lstm").run()
    assert not page.exception
    assert any("no attention" in i.value for i in page.info)
    assert page.text_area(key="text").value == SENTENCE


def test_beam_size_is_the_number_of_candidates(page):
    translate(page, SENTENCE)
    page.slider(key="beam").set_value(3).run()
    assert len(page.dataframe[0].value) == 3
    page.slider(key="beam").set_value(1).run()
    assert not page.exception
    assert any("Beam size 1 is greedy" in i.value for i in page.info)


def test_every_option_can_be_used(page):
    translate(page, "The old man plays the piano. He is happy!")
    page.selectbox(key="length_norm").select("gnmt").run()
    page.slider(key="alpha").set_value(0.6).run()
    page.slider(key="block_ngram").set_value(2).run()
    page.slider(key="repetition_penalty").set_value(1.2).run()
    page.slider(key="coverage").set_value(0.2).run()
    page.number_input(key="min_length").set_value(3).run()
    page.number_input(key="max_length").set_value(20).run()
    page.text_input(key="prefix").set_value("Le").run()
    assert not page.exception
    assert headings(page) == PANELS
    assert ">Le" in html(page)


def test_a_minimum_over_the_maximum_is_mended(page):
    translate(page, SENTENCE)
    page.number_input(key="max_length").set_value(4).run()
    page.number_input(key="min_length").set_value(9).run()
    assert not page.exception
    assert any("minimum length is over" in w.value for w in page.warning)
    assert headings(page) == PANELS


def test_sampling(page):
    translate(page, SENTENCE)
    page.button_group(key="method").set_value("sample").run()
    page.number_input(key="top_k").set_value(20).run()
    assert not page.exception
    assert headings(page) == PANELS


def test_a_paragraph_has_a_sentence_to_choose(page):
    translate(page, "Good morning. How are you? I am fine.")
    assert len(page.selectbox(key="sentence").options) == 3
    page.selectbox(key="sentence").select_index(1).run()
    assert not page.exception


def test_the_url_restores_text_model_and_options():
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.query_params["text"] = SENTENCE
    page.query_params["beam"] = "3"
    page.query_params["alpha"] = "0.5"
    page.query_params["model"] = "English → French · LSTM without attention"
    page.run()
    assert not page.exception
    assert page.text_area(key="text").value == SENTENCE
    assert len(page.dataframe[0].value) == 3
    assert page.slider(key="alpha").value == 0.5
    assert page.selectbox(key="model").value == "translate-en-fr-lstm"


def test_nonsense_in_the_url_is_ignored():
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.query_params["text"] = "Hello."
    page.query_params["beam"] = "999999"
    page.query_params["alpha"] = "x"
    page.query_params["model"] = "../../etc"
    page.run()
    assert not page.exception
    assert headings(page) == PANELS


@pytest.mark.parametrize(
    "text",
    [
        " ",
        "\x00",
        "<script>alert(1)</script><b>bold</b>",
        "**x** $y$ :smile: [a](b) `c`",
        "漢字です。次の文。",
        "مرحبا بالعالم",
        "👨‍👩‍👧 🎉",
        "x" * 12_000,
        "word " * 300,
        "?",
        "\u202eabc",
    ],
    ids=[
        "space",
        "nul",
        "html",
        "markdown",
        "cjk",
        "arabic",
        "emoji",
        "endless",
        "long",
        "mark",
        "bidi",
    ],
)
def test_hostile_text_breaks_nothing_and_is_kept(page, text):
    translate(page, text)
    assert page.text_area(key="text").value == text
    assert "<script" not in html(page)


def test_too_long_a_text_says_how_much_was_read(page):
    translate(page, "Good morning. " * 1000)
    assert any("first 10,000" in w.value for w in page.warning)


def test_no_checkpoint_is_explained(monkeypatch, tmp_path):
    import streamlit as st

    monkeypatch.setenv("S2S_CHECKPOINTS", str(tmp_path))
    st.cache_data.clear()
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    st.cache_data.clear()
    assert not page.exception
    assert any("no checkpoint for translation" in e.value for e in page.error)


def test_one_unreadable_folder_does_not_hide_the_others(monkeypatch, tiny_checkpoint, tmp_path):
    import shutil

    import streamlit as st

    for name in ("bad", "good"):
        shutil.copytree(tiny_checkpoint, tmp_path / name)
    (tmp_path / "bad" / "config.json").write_text("{")
    monkeypatch.setenv("S2S_CHECKPOINTS", str(tmp_path))
    st.cache_data.clear()
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60).run()
    translate(page, SENTENCE)
    st.cache_data.clear()
    assert any("config.json cannot be read" in w.value for w in page.warning)
    assert headings(page) == PANELS


def test_a_broken_checkpoint_is_explained_and_loses_nothing(monkeypatch, tiny_checkpoint, tmp_path):
    import shutil

    import streamlit as st

    shutil.copytree(tiny_checkpoint, tmp_path / "tiny")
    (tmp_path / "tiny" / "tokenizer.model").write_bytes(b"broken")
    monkeypatch.setenv("S2S_CHECKPOINTS", str(tmp_path))
    st.cache_data.clear()
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.query_params["text"] = SENTENCE
    page.run()
    st.cache_data.clear()
    assert not page.exception
    assert any("tokenizer" in e.value for e in page.error)
    assert page.text_area(key="text").value == SENTENCE
