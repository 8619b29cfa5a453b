"""The Beam lab through AppTest: every panel, for every architecture and way of searching."""

from __future__ import annotations

import math
import shutil
from pathlib import Path

import pytest
import streamlit as st
import torch
from streamlit.testing.v1 import AppTest

from pages.lab.exact import BUDGETS
from pages.lab.panels import PANELS
from s2s import checkpoint
from s2s.config import Config, DataConfig
from s2s.models import build
from tests.conftest import ARCHITECTURES
from tests.sentences import parted

ROOT = Path(__file__).resolve().parent.parent
SENTENCE = "There is nothing that can be done about it now."
LSTM = "translate-en-fr-lstm"


def lab(**query) -> AppTest:
    """The page with these values in its URL."""
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.switch_page("pages/beam_lab.py")
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def texts(page) -> str:
    """Everything that is written on the page."""
    kinds = ("markdown", "caption", "info", "warning", "error", "success", "subheader", "title")
    found = [e.value for kind in kinds for e in getattr(page, kind)]
    return "\n".join(found + [e.proto.body for e in page.get("html")])


def press(page, label: str):
    next(b for b in page.button if b.label == label).click().run()
    assert not page.exception
    return page


def test_an_empty_page_invites():
    page = lab()
    assert "See every hypothesis" in texts(page)
    example = page.button_group(key="example")
    example.set_value(example.options[0]).run()
    assert page.text_area(key="text").value == example.options[0]
    assert [h.value for h in page.subheader] == ["Beam tree"]


WAYS = {
    "beam": {},
    "greedy": {"beam": "1"},
    "wide": {"beam": "16"},
    "gnmt and constraints": {
        "length_norm": "GNMT",
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
    assert [h.value for h in page.subheader] == [panel]
    if panel == "Checks":
        assert ":red[" not in texts(page)


@pytest.mark.parametrize("panel", list(PANELS))
def test_every_panel_without_attention(panel):
    title = "English → French · LSTM without attention"
    page = lab(text=SENTENCE, panel=panel, target="Rien à faire.", model=title)
    assert page.selectbox(key="model").value == LSTM
    if panel in ("Your own output", "Re-rank"):
        assert "no attention" in texts(page)
    if panel == "Checks":
        assert "this model has no attention" in texts(page)
        assert ":red[" not in texts(page)


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
    st.cache_data.clear()
    st.cache_resource.clear()
    try:
        for panel in PANELS:
            page = lab(text="the old cat sees a dog", panel=panel, model=name, target="THE CAT")
            assert page.selectbox(key="model").value == name
            assert [h.value for h in page.subheader] == [panel]
            if panel == "Exact search":
                press(page, "Search exactly")
                assert "prefixes in" in page.get("progress")[0].proto.text
    finally:
        st.cache_data.clear()
        st.cache_resource.clear()


@pytest.fixture
def tasks(monkeypatch, tmp_path, tiny_chat, tiny_summarizer):
    """A dialogue model and a summarizer, side by side."""
    for folder in (tiny_chat, tiny_summarizer):
        shutil.copytree(folder, tmp_path / folder.name)
    monkeypatch.setenv("S2S_CHECKPOINTS", str(tmp_path))
    st.cache_data.clear()
    st.cache_resource.clear()
    yield
    st.cache_data.clear()
    st.cache_resource.clear()


@pytest.mark.parametrize("panel", list(PANELS))
@pytest.mark.parametrize("model", ["tiny-chat", "tiny-sum"])
def test_every_panel_for_every_task(tasks, model, panel):
    way = {"chat_groups": "2", "sum_groups": "2", "chat_beam": "4", "sum_beam": "4"}
    text = "the old cat sees\na small dog near my green house " + "and sleeps there " * 40
    page = lab(text=text, model=model, panel=panel, target="THE CAT", **way)
    assert page.selectbox(key="model").value == model
    assert [h.value for h in page.subheader] == [panel]
    if panel == "Exact search":
        press(page, "Search exactly")
    if panel == "Checks":
        assert ":red[" not in texts(page)


def test_a_summary_has_a_kind_and_a_conversation_has_turns(tasks):
    page = lab(text="the cat", model="tiny-sum", kind="News headline", panel="Take away")
    assert "Source(parts=('the cat',), kind='headline'" in page.code[0].value
    page = lab(text="the cat\nthe dog", model="tiny-chat", panel="Take away")
    assert "Source(parts=('the cat', 'the dog')" in page.code[0].value


def test_an_example_of_a_summary_brings_its_kind(tasks):
    page = lab(model="tiny-sum")
    example = page.button_group(key="example")
    example.set_value(example.options[0]).run()
    assert not page.exception
    assert page.selectbox(key="kind").value == "dialogue"
    assert page.text_area(key="text").value.startswith("Lena:")


def test_a_step_can_be_walked():
    page = lab(text=SENTENCE, panel="Step by step")
    assert "Step 1 of" in texts(page)
    page.slider(key="step").set_value(4).run()
    assert "Step 4 of" in texts(page)
    press(page, "Next")
    assert page.slider(key="step").value == 5
    press(page, "Back")
    assert "Step 4 of" in texts(page)


def test_a_step_from_a_longer_search_is_mended():
    page = lab(text=SENTENCE, panel="Step by step", step="12")
    assert page.slider(key="step").value == 12
    page.text_area(key="text").set_value("Yes.")
    press(page, "Search")
    assert page.slider(key="step").value <= 12
    assert "alive" in texts(page)


def test_the_autopsy_tells_a_story():
    page = lab(text=parted(), panel="Greedy and beam")
    words = texts(page)
    assert "They part at step" in words
    assert "The beam" in words
    greedy = lab(text=parted(), panel="Greedy and beam", beam="1")
    assert "*is* greedy" in texts(greedy)


def test_a_reference_brings_chrf():
    page = lab(text=SENTENCE, panel="Beam width", reference="Il n'y a rien à faire.")
    assert "chrF" in page.dataframe[0].value.columns
    assert len(page.dataframe[0].value) == 16


def test_reranking_changes_the_order_only():
    page = lab(text=SENTENCE, panel="Re-rank")
    before = page.dataframe[0].value
    norm = next(s for s in page.selectbox if s.key.startswith("rerank-norm"))
    norm.select("none").run()
    after = page.dataframe[0].value
    assert sorted(before["output"]) == sorted(after["output"])
    assert list(after["log-probability"]) == sorted(after["log-probability"], reverse=True)
    assert list(after["score"]) == pytest.approx(list(after["log-probability"]), abs=1e-4)


def test_ones_own_output_is_judged_token_by_token():
    page = lab(text=SENTENCE, panel="Your own output")
    page.text_area(key="target").set_value("Il n'y a rien à faire <b>maintenant</b>.")
    press(page, "Force the model through it")
    assert "data-rank=" in texts(page)
    assert "<b>maintenant" not in texts(page)
    own = page.get("html")[0].proto.body
    assert own
    page.text_area(key="target").set_value("x " * 3000)
    press(page, "Force the model through it")
    assert "limit is 1,000" in texts(page)
    assert page.text_area(key="target").value == "x " * 3000


def test_the_models_own_output_is_recognised():
    page = lab(text="Good morning.", panel="Beam tree")
    output = page.get("html")[0].proto.body.split(">")[1].split("<")[0]
    again = lab(text="Good morning.", panel="Your own output", target=output)
    assert "the model's own output" in texts(again)


def test_what_if_goes_on_and_is_undone():
    page = lab(text=SENTENCE, panel="What if")
    assert len(page.dataframe[0].value) == 1
    at = next(g for g in page.button_group if g.key.startswith("at-"))
    at.set_value(at.options[2] if isinstance(at.options[2], int) else 2).run()
    other = next(g for g in page.button_group if g.key.startswith("other-"))
    other.set_value(0).run()
    assert not page.exception
    assert len(page.dataframe[0].value) == 2
    path = page.query_params["edits"]
    again = lab(text=SENTENCE, panel="What if", edits=path[0] if isinstance(path, list) else path)
    assert list(again.dataframe[0].value["output"]) == list(page.dataframe[0].value["output"])
    press(again, "Undo")
    assert len(again.dataframe[0].value) == 1
    assert "edits" not in again.query_params


@pytest.mark.parametrize("edits", ["nonsense", "999-5", "0-99999999", "0-0", "0-7999-7999~500-1"])
def test_a_broken_path_is_told(edits):
    page = lab(text=SENTENCE, panel="What if", edits=edits)
    assert "begins anew" in texts(page)
    assert len(page.dataframe[0].value) == 1


def test_the_path_ends_with_its_sentence():
    page = lab(text=SENTENCE, panel="What if", edits="0-500")
    assert len(page.dataframe[0].value) == 2
    page.text_area(key="text").set_value("Good morning.")
    press(page, "Search")
    assert len(page.dataframe[0].value) == 1


def test_exact_search_comes_to_a_verdict():
    page = lab(text="Good morning.", panel="Exact search")
    press(page, "Search exactly")
    for _ in range(50):
        if any(b.label == "Again" for b in page.button):
            break
        page.run()
    assert "Proven best" in texts(page) or "the best there is" in texts(page)


def test_exact_search_stops_at_its_budget():
    page = lab(
        text="Good morning.",
        panel="Exact search",
        goal="score",
        alpha="2.0",
        model="English → French · LSTM without attention",
    )
    page.selectbox(key="budget").select("5,000 prefixes").run()
    press(page, "Search exactly")
    for _ in range(100):
        if any(b.label in ("Go on", "Again") for b in page.button):
            break
        page.run()
    assert any(b.label == "Go on" for b in page.button)
    assert "at most" in texts(page)
    press(page, "Go on")


def test_exact_search_stops_in_time(monkeypatch):
    monkeypatch.setitem(BUDGETS, "10 seconds", (math.inf, 1.0))
    page = lab(
        text=SENTENCE,
        panel="Exact search",
        goal="score",
        budget="10 seconds",
        model="English → French · LSTM without attention",
    )
    press(page, "Search exactly")
    ticks = 0
    while ticks < 20 and not any(b.label == "Go on" for b in page.button):
        page.run()
        ticks += 1
    assert 1 <= ticks <= 4  # a second of searching in slices of a third


def test_the_python_is_there():
    page = lab(text=SENTENCE, panel="Take away", edits="0-500")
    assert f"pipeline({SENTENCE!r}" in page.code[0].value
    assert "Edit(0, (500,))" in page.code[0].value


@pytest.mark.parametrize("panel", ["Beam tree", "Step by step", "Your own output", "What if"])
@pytest.mark.parametrize(
    "text",
    [
        " ",
        "\x00",
        "<script>alert(1)</script>",
        "**x** $y$ :smile: [a](b) `c`",
        "漢字です。次の文。",
        "مرحبا بالعالم",
        "👨‍👩‍👧 🎉",
        "x" * 12_000,
        "?",
        "\u202eabc",
        "Yes. No. Perhaps!",
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
        "mark",
        "bidi",
        "three",
    ],
)
def test_hostile_text_breaks_nothing_and_is_kept(panel, text):
    page = lab(panel=panel, text="Yes.")
    page.text_area(key="text").set_value(text)
    press(page, "Search")
    assert page.text_area(key="text").value == text
    if panel == "Your own output" and text.strip("\0 "):
        page.text_area(key="target").set_value(text)
        if page.button:
            page.button[-1].click().run()
    assert not page.exception
    assert "<script" not in texts(page)


def test_the_second_sentence_of_a_paragraph():
    page = lab(text="Good morning. How are you? I am fine.", panel="Step by step")
    page.selectbox(key="sentence").select_index(1).run()
    assert not page.exception
    assert "alive" in texts(page)


def test_a_hundred_thousand_characters_are_cut_and_told():
    page = lab()
    page.text_area(key="text").set_value("Good morning. " * 7200)
    press(page, "Search")
    assert "the first 10,000 are read" in texts(page)


def test_no_checkpoint_is_explained(monkeypatch, tmp_path):
    monkeypatch.setenv("S2S_CHECKPOINTS", str(tmp_path))
    st.cache_data.clear()
    page = lab()
    st.cache_data.clear()
    assert "There is no checkpoint" in texts(page)
