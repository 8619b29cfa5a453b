"""The Beam lab through AppTest: every panel, for every architecture, task and way of searching."""

from __future__ import annotations

import shutil

import pytest
import torch

from pages.lab.panels import PANELS
from s2s import checkpoint
from s2s.config import Config, DataConfig
from s2s.models import build
from tests.conftest import ARCHITECTURES
from tests.pages import LSTM, box, code, labelled, opened, part, press, said

SENTENCE = "There is nothing that can be done about it now."


def lab(**query):
    """The page with these values in its address."""
    return opened("beam_lab", **query)


def shown(page) -> str:
    """Which panel is open."""
    return page.session_state["kept"].panel


def test_a_first_visit_opens_with_an_example_searched():
    page = lab()
    assert box(page).value
    assert part(page, "tree")["nodes"]
    assert not page.query_params


def test_an_emptied_box_invites():
    page = lab()
    box(page).set_value("").run()
    assert "See every hypothesis" in said(page)
    press(page, "Where is the nearest train station?")
    assert box(page).value == "Where is the nearest train station?"
    assert shown(page) == "tree"


def test_a_panel_is_one_click_away_and_in_the_address():
    page = lab(text=SENTENCE)
    labelled(page.get("button_group"), "Prove").set_value("checks").run()
    assert not page.exception
    assert code(page, "panel") == "checks"
    labelled(page.get("button_group"), "Watch").set_value("tree").run()
    assert code(page, "panel") is None


WAYS = {
    "beam": {},
    "greedy": {"beam": "1"},
    "wide": {"beam": "16"},
    "gnmt and constraints": {
        "length_norm": "gnmt",
        "coverage": "0.3",
        "block_ngram": "2",
        "repetition_penalty": "1.5",
        "min_length": "3",
    },
    "cut": {"max_length": "3"},
    "one token": {"max_length": "1"},
    "sample": {"method": "sample", "seed": "7"},
    "prefix": {"prefix": "Il"},
}


@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize("panel", list(PANELS))
def test_every_panel_for_every_way_of_searching(panel, way):
    page = lab(text=SENTENCE, panel=panel, target="Rien à faire.", **WAYS[way])
    assert shown(page) == panel
    assert "left out" not in said(page)
    if panel == "checks":
        assert ":red[" not in said(page)


@pytest.mark.parametrize("panel", list(PANELS))
def test_every_panel_without_attention(panel):
    page = lab(text=SENTENCE, panel=panel, target="Rien à faire.", model=LSTM)
    assert page.radio[0].value == LSTM
    if panel in ("own", "rerank"):
        assert "no attention" in said(page)
    if panel == "checks":
        assert "this model has no attention" in said(page)
        assert ":red[" not in said(page)


@pytest.fixture(scope="module")
def zoo(tmp_path_factory, tokenizer):
    """A tiny checkpoint of every architecture."""
    folder = tmp_path_factory.mktemp("zoo")
    for name, (architecture, options) in ARCHITECTURES.items():
        torch.manual_seed(4)
        model = build(architecture, tokenizer.vocabulary, options)
        with torch.no_grad():
            model.embedding.weight.mul_(3)
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
def test_every_architecture(monkeypatch, zoo, name):
    monkeypatch.setenv("S2S_CHECKPOINTS", str(zoo))
    for panel in PANELS:
        page = lab(text="the old cat sees a dog", panel=panel, model=name, target="THE CAT")
        assert page.radio[0].value == name
        assert shown(page) == panel
        if panel == "exact":
            press(page, "Search exactly")
            assert "prefixes in" in page.get("progress")[0].proto.text


@pytest.fixture
def tasks(monkeypatch, tmp_path, tiny_chat, tiny_summarizer):
    """A dialogue model and a summarizer, side by side."""
    for folder in (tiny_chat, tiny_summarizer):
        shutil.copytree(folder, tmp_path / folder.name)
    monkeypatch.setenv("S2S_CHECKPOINTS", str(tmp_path))


@pytest.mark.parametrize("panel", list(PANELS))
@pytest.mark.parametrize("model", ["tiny-chat", "tiny-sum"])
def test_every_panel_for_every_task(tasks, model, panel):
    text = "the old cat sees\na small dog near my green house " + "and sleeps there " * 40
    query = {"said" if model == "tiny-chat" else "document": text, "groups": "2", "beam": "4"}
    page = lab(model=model, panel=panel, target="THE CAT", **query)
    assert page.radio[0].value == model
    assert shown(page) == panel
    if panel == "exact":
        press(page, "Search exactly")
    if panel == "checks":
        assert ":red[" not in said(page)


def test_a_summary_has_a_kind_and_a_conversation_has_turns(tasks):
    page = lab(document="the cat", model="tiny-sum", kind="headline", panel="take")
    assert "'the cat'" in page.code[0].value
    assert "'headline'" in page.code[0].value
    page = lab(said="the cat\nthe dog", model="tiny-chat", panel="take")
    assert "'the cat', 'the dog'" in page.code[0].value


def test_an_example_of_a_summary_brings_its_kind(tasks):
    page = lab(model="tiny-sum", document="x")
    next(b for b in page.button if b.label.startswith("Lena")).click().run()
    assert not page.exception
    assert labelled(page.selectbox, "Kind of output").value == "dialogue"
    assert box(page).value.startswith("Lena:")


@pytest.mark.parametrize("panel", ["tree", "steps", "own", "whatif"])
@pytest.mark.parametrize(
    "text",
    [
        *(" ", "\x00", "<script>alert(1)</script>", "**x** $y$ :smile: [a](b) `c`"),
        *("漢字です。次の文。", "مرحبا بالعالم", "👨‍👩‍👧 🎉", "x" * 12_000, "?", "\u202eabc"),
        *("Yes. No. Perhaps!", "![x](//127.0.0.1:9/t.png) :red[x]"),
    ],
    ids=[
        *("space", "nul", "html", "markdown", "cjk", "arabic", "emoji", "endless", "mark", "bidi"),
        *("three", "image"),
    ],
)
def test_hostile_text_breaks_nothing_and_is_kept(panel, text):
    page = lab(panel=panel, text="Yes.")
    box(page).set_value(text).run()
    assert not page.exception
    assert box(page).value == text
    if panel == "own" and text.strip("\0 "):
        labelled(page.text_area, "Your own output").set_value(text).run()
    assert not page.exception
    assert "<script" not in said(page)
    assert "](//" not in said(page)


def test_the_second_sentence_of_a_paragraph():
    page = lab(text="Good morning. How are you? I am fine.", panel="steps", sentence="1")
    assert labelled(page.selectbox, "Sentence to look into").value == 1
    assert "alive" in said(page)


def test_a_hundred_thousand_characters_are_cut_and_told():
    page = lab()
    box(page).set_value("Good morning. " * 7200).run()
    assert "the first 10,000 are read" in said(page).replace("\\", "")


def test_no_checkpoint_is_explained(monkeypatch, tmp_path):
    monkeypatch.setenv("S2S_CHECKPOINTS", str(tmp_path))
    assert "There is no checkpoint" in said(lab())
