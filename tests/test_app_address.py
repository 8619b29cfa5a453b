"""What stands in the address, and which models a page finds."""

from __future__ import annotations

import shutil

import pytest
import streamlit as st
from streamlit.runtime.scriptrunner import StopException

from pages.parts import answer as answer_of
from pages.parts.cache import cards
from pages.parts.frame import carry_out, stop
from tests.pages import (
    LSTM,
    box,
    code,
    labelled,
    opened,
    part,
    parts,
    said,
    settings,
    type_into,
)

SENTENCE = "Where is the nearest train station?"
FIRST_SCREEN = ["answer", "lines", "step"]


@pytest.fixture
def page():
    return opened()


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


def test_the_default_model_attends_and_scores_best():
    found = cards()[0]
    taken = next(card for card in found if card.name == opened().radio[0].value)
    rivals = [c for c in found if c.languages == taken.languages and c.attends]
    assert taken == max(rivals, key=lambda card: card.score)


@pytest.mark.parametrize(
    "name",
    ["translate", "dialogue", "summarize", "attention_lab", "beam_lab", "batch", "learn", "train"],
)
def test_a_page_never_runs_without_its_frame(name):
    """At a second run AppTest asks for the page's own file, as whoever is first on a fresh server may."""
    page = opened(name)
    page.session_state["pinned"] = "by nobody"
    page.run()
    assert not page.exception
    assert page.session_state["pinned"] != "by nobody"


def test_a_page_that_ends_early_has_its_address_written():
    """st.stop() ends what can be sent as well, so no page uses it."""
    ended = []
    carry_out(stop, lambda: ended.append(True))
    assert ended == [True]
    with pytest.raises(StopException):  # a visitor's Stop: nothing can be sent any more
        carry_out(leave, lambda: ended.append(True))
    assert ended == [True]


def leave():
    raise StopException


@pytest.mark.parametrize(
    ("page", "typed"),
    [("learn", "   "), ("learn", "\n"), ("translate", " "), ("attention_lab", " ")],
)
def test_what_is_chosen_on_a_page_with_nothing_to_read_is_in_the_address(page, typed):
    found = opened(page, text="A cat.", **({"lesson": "cells"} if page == "learn" else {}))
    type_into(found, typed)
    assert code(found, "text") != "A cat."
    labelled(found.radio, "Model").set_value(LSTM).run()
    assert not found.exception
    assert code(found, "model") == LSTM


def test_what_was_typed_is_in_the_address_before_it_is_decoded(monkeypatch):
    found = opened(text="A cat.")
    seen = []

    def stopped(*_args, **_more):
        seen.append(st.query_params["text"])
        raise StopException

    monkeypatch.setattr(answer_of, "decode", stopped)
    box(found).set_value("Two cats sleep.").run()
    assert seen == ["Two cats sleep."]
