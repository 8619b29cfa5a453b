"""Every page and panel on opened networks, through AppTest; and one journey in a real browser."""

from __future__ import annotations

import os

import pytest

pytest.importorskip("transformers")

from playwright.sync_api import expect

from pages.attention.panels import PANELS as LOOKS
from pages.lab.panels import PANELS
from s2s.commands.add import add
from tests.opened import folder
from tests.pages import answer, opened, part, parts, rerun, said, visit
from tests.server import serve

TEXT = "Good morning, my old friend."
NAMES = {  # checkpoint → the field of its task, and the page
    "opus-en-fr": ("text", "translate"),
    "t5-en-fr": ("text", "translate"),
    "bart": ("document", "summarize"),
    "blenderbot": ("said", "dialogue"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Four opened networks; outputs are short, so that panels are quick."""
    found, before = tmp_path_factory.mktemp("home"), os.environ.get("S2S_CHECKPOINTS")
    os.environ["S2S_CHECKPOINTS"] = str(found)
    add(str(folder("marian")), "opus-en-fr", "", "", "", None, False, False)
    add(str(folder("t5")), "t5-en-fr", "", "", "", None, False, False)
    add(str(folder("bart")), "bart", "", "", "", None, False, False)
    add(str(folder("blenderbot")), "blenderbot", "", "", "", None, False, False)
    os.environ.pop("S2S_CHECKPOINTS")
    if before is not None:
        os.environ["S2S_CHECKPOINTS"] = before
    return found


@pytest.fixture(autouse=True)
def at_home(monkeypatch, home):
    monkeypatch.setenv("S2S_CHECKPOINTS", str(home))


def asked(page: str, name: str, **query):
    return opened(page, model=name, max_length="8", **{NAMES[name][0]: TEXT}, **query)


@pytest.mark.parametrize("name", ["opus-en-fr", "t5-en-fr", "bart"])
def test_its_task_has_a_page(name):
    page = asked(NAMES[name][1], name)
    assert {"answer", "lines", "step"} <= set(parts(page))
    assert answer(page)
    assert not page.error


def test_a_conversation_with_an_opened_network():
    page = opened("dialogue", model="blenderbot", max_length="8")
    page.chat_input[0].set_value(TEXT).run()
    assert not page.exception
    page.chat_input[0].set_value("How are you?").run()
    assert not page.exception
    assert not page.error
    assert {"lines", "step"} <= set(parts(page))
    assert "all turns as one text" in said(page)


@pytest.mark.parametrize("name", list(NAMES))
@pytest.mark.parametrize("panel", list(PANELS))
def test_every_panel_of_the_beam_lab(name, panel):
    page = asked("beam_lab", name, panel=panel)
    assert not page.error
    if panel == "checks":
        assert ":red[" not in said(page)
        assert ":green[" in said(page)


@pytest.mark.parametrize("name", list(NAMES))
@pytest.mark.parametrize("look", list(LOOKS))
def test_every_panel_of_the_attention_lab(name, look):
    page = asked("attention_lab", name, look=look, cuts="h1-2~c0-1~e1-0~d0-2", gold="1-1")
    assert not page.error


def test_all_kinds_of_heads_are_drawn():
    for which in ("cross", "encoder", "decoder"):
        page = asked("attention_lab", "opus-en-fr", look="heads", which=which)
        grid = part(page, "heads")["grid"]
        assert (len(grid), len(grid[0])) == (2, 4)


def test_a_summary_has_no_kinds_to_choose():
    page = asked("summarize", "bart")
    assert "Make of it" not in [box.label for box in page.selectbox]
    assert not page.error


def test_networks_of_one_pair_are_compared():
    page = asked("attention_lab", "opus-en-fr", look="networks")
    assert "No other model" not in said(page)


def test_a_network_that_went_away_is_named(home, tmp_path, monkeypatch):
    import shutil

    there = tmp_path / "home"
    shutil.copytree(home, there)
    monkeypatch.setenv("S2S_CHECKPOINTS", str(there))
    config = there / "opus-en-fr" / "config.json"
    text = config.read_text(encoding="utf-8")
    config.write_text(text.replace(str(folder("marian")), str(tmp_path / "gone")), encoding="utf-8")
    page = opened("translate", model="opus-en-fr", text=TEXT)
    assert len(page.error) == 1  # one sentence; other models still answer
    page = opened("translate", model="t5-en-fr", text=TEXT, max_length="8")
    assert answer(page)


def test_a_journey(browser):
    """Type, see attention, look at heads, switch one off, walk through the search."""
    with serve() as url:
        tab = browser.new_context(viewport={"width": 1280, "height": 800})
        page = tab.new_page()
        from tests.pages import count_frames

        count_frames(page)
        visit(page, f"{url}/?model=opus-en-fr&max_length=8")
        box = page.get_by_role("textbox", name="Text to translate")
        with rerun(page):
            box.fill(TEXT)
            box.press("Control+Enter")
        expect(page.locator(".answer .text")).not_to_be_empty()
        assert page.locator(".lines .row.src .word").count() == 8  # the end is one
        visit(page, f"{url}/attention_lab?model=opus-en-fr&max_length=8&text=Good%20morning.")
        expect(page.get_by_text("Layer").first).to_be_visible()
        visit(
            page, f"{url}/beam_lab?model=opus-en-fr&max_length=8&text=Good%20morning.&panel=checks"
        )
        expect(page.get_by_text("attention rows sum to 1")).to_be_visible()
        assert not page.get_by_test_id("stException").count()
        tab.close()
