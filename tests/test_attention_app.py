"""The Attention lab through AppTest: every panel, for every architecture and task."""

from __future__ import annotations

import shutil

import pytest
import torch

from pages.attention.panels import PANELS
from s2s import checkpoint
from s2s.config import Config, DataConfig
from s2s.models import build
from tests.conftest import ARCHITECTURES
from tests.pages import (
    BAHDANAU,
    LSTM,
    ROOT,
    code,
    labelled,
    opened,
    part,
    parts,
    press,
    said,
    type_into,
)

TRANSFORMER = "translate-en-fr-transformer"
TEXT = "The old man has lost his keys."


def lab(look: str, model: str = TRANSFORMER, text: str = TEXT, **query):
    return opened("attention_lab", look=look, model=model, text=text, **query)


@pytest.mark.parametrize("model", [TRANSFORMER, BAHDANAU, LSTM])
@pytest.mark.parametrize("look", list(PANELS))
def test_every_panel_for_every_shipped_architecture(look, model):
    page = lab(look, model)
    if model == LSTM and look in ("heads", "align"):
        assert "no attention" in said(page)


@pytest.fixture(scope="module")
def zoo(tmp_path_factory, tokenizer):
    """A tiny checkpoint of every architecture."""
    folder = tmp_path_factory.mktemp("looks")
    for name, (architecture, options) in ARCHITECTURES.items():
        torch.manual_seed(4)
        model = build(architecture, tokenizer.vocabulary, options)
        config = Config(
            name=name,
            title=name,
            architecture=architecture,
            model=options,
            data=DataConfig(max_src=40, max_tgt=14),
        )
        checkpoint.save(folder / name, config, model.state_dict(), tokenizer)
    return folder


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_every_panel_for_every_architecture(monkeypatch, zoo, name):
    monkeypatch.setenv("S2S_CHECKPOINTS", str(zoo))
    for look in PANELS:
        lab(look, name, "the old cat sees", cuts="h1-2", gold="1-1")


@pytest.mark.parametrize("look", list(PANELS))
@pytest.mark.parametrize("model", ["tiny-chat", "tiny-sum"])
def test_every_panel_for_every_task(monkeypatch, tmp_path, tiny_chat, tiny_summarizer, look, model):
    for folder in (tiny_chat, tiny_summarizer):
        shutil.copytree(folder, tmp_path / folder.name)
    monkeypatch.setenv("S2S_CHECKPOINTS", str(tmp_path))
    name = "said" if model == "tiny-chat" else "document"
    opened("attention_lab", look=look, model=model, **{name: "the old cat\nsees my house"})


def test_a_head_is_chosen_and_stands_in_the_address():
    page = lab("heads", layer="2", head="3", view="matrix")
    thumbs = part(page, "heads")
    assert (len(thumbs["grid"]), len(thumbs["grid"][0])) == (3, 6)
    assert thumbs["chosen"] == [2, 3]
    assert "Layer 2, head 3" in said(page)
    assert code(page, "layer") == "2"
    assert len(page.dataframe[0].value) == 18
    labelled(page.button_group, "Kind of attention").set_value("encoder").run()
    assert not page.exception
    assert len(page.dataframe[0].value) == 36
    assert code(page, "which") == "encoder"
    assert code(page, "layer") is None  # another kind: no head is chosen yet


def test_one_head_is_drawn_at_once():
    page = lab("heads", BAHDANAU)
    assert parts(page) == ["lines"]


def test_own_links_give_every_head_an_error_rate():
    page = lab("align", gold="1-1 2-2 3-3p")
    table = page.dataframe[-1].value
    assert len(table) == 19
    assert list(table["AER"]) == sorted(table["AER"])
    broken = lab("align", gold="1-99")
    assert "links words that are not there" in said(broken).replace("\\", "")


def test_another_output_is_aligned():
    page = lab("align", target="Le vieux a perdu ses clés.")
    assert code(page, "target") == "Le vieux a perdu ses clés."


def test_the_word_that_is_asked_about_travels():
    page = lab("why", word="2")
    assert "Hide the word it looked at most" in said(page)
    assert "Integrated gradients add up" in said(page)
    assert page.dataframe[0].value["method"].iloc[0] == "attention"
    assert code(page, "word") == "2"


def test_surgery_is_done_undone_and_linked():
    page = lab("surgery")
    assert "Nothing is changed yet" in said(page)
    press(page, "Switch off")
    assert code(page, "cuts") == "c0-0"
    press(page, "Pin")
    assert code(page, "cuts").startswith("c0-0~p0-1-0-1-100")
    again = lab("surgery", cuts=code(page, "cuts"))
    undo = [b for b in again.button if b.key and b.key.startswith("undo-")]
    assert len(undo) == 2
    undo[0].click().run()
    assert code(again, "cuts") == "p0-1-0-1-100"
    undo = [b for b in again.button if b.key and b.key.startswith("undo-")]
    undo[0].click().run()
    assert code(again, "cuts") is None
    assert "Nothing is changed yet" in said(again)


def test_hiding_by_a_click():
    page = lab("surgery")
    labelled(page.button_group, "Hide source words").set_value([2]).run()
    assert not page.exception
    assert code(page, "cuts") == "h2-3"


@pytest.mark.parametrize("cuts", ["nonsense", "h90-99", "c9-9", "h0-8"])
def test_what_does_not_fit_is_taken_back(cuts):
    page = lab("surgery", cuts=cuts)
    assert "taken back" in said(page)
    assert code(page, "cuts") is None


def test_another_sentence_leaves_no_change_behind():
    page = lab("surgery", cuts="h1-2", gold="1-1")
    type_into(page, "Good morning.")
    assert code(page, "cuts") is None
    assert code(page, "gold") is None
    assert "Nothing is changed yet" in said(page)


def test_the_nearest_training_pairs_hang_on_the_chosen_word():
    page = lab("states", word="2")
    shown = said(page)
    assert shown.count('data-near="true"') == 6
    assert "homme</b>" in shown
    assert "CC BY" in shown.replace("\\", "")
    assert code(page, "word") == "2"
    assert said(lab("states", word="3")) != shown
    ended = said(lab("states", word="8"))
    assert "Ends of sentences are not kept" in ended
    assert 'data-near="true"' not in ended


def test_without_an_index_the_plane_is_the_sentences_own(monkeypatch, zoo):
    monkeypatch.setenv("S2S_CHECKPOINTS", str(zoo))
    page = lab("states", "transformer", "the old cat sees")
    assert "No index of training pairs" in said(page).replace("\\", "")
    assert "this sentence's states" in said(page).replace("\\", "")


def test_a_broken_index_is_said_and_the_rest_goes_on(monkeypatch, tmp_path):
    shutil.copytree(ROOT / "checkpoints" / BAHDANAU, tmp_path / BAHDANAU)
    (tmp_path / BAHDANAU / "states.tsv.gz").write_bytes(b"nonsense")
    monkeypatch.setenv("S2S_CHECKPOINTS", str(tmp_path))
    page = lab("states", BAHDANAU)
    assert "cannot be read" in said(page)
    assert "No index of training pairs" in said(page).replace("\\", "")


def test_networks_are_forced_through_the_same_words():
    page = lab("networks", gold="1-1 2-2")
    table = page.dataframe[0].value
    assert len(table) == 3
    assert {"entropy, bits", "AER", "log-probability"} <= set(table.columns)
    assert len(page.dataframe[1].value.columns) == 4


@pytest.mark.parametrize("look", list(PANELS))
@pytest.mark.parametrize("text", ["?", "<b>x</b> **y** $z$", "漢字です。", "مرحبا", "\u202eabc 🎉"])
def test_hostile_text_breaks_nothing(look, text):
    page = lab(look, BAHDANAU, text)
    assert page.text_area[0].value == text
