"""The first minutes of a visitor, in a real headless Chromium: keys, fingers, languages turned round."""

from __future__ import annotations

import itertools
import re
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from tests.pages import idle, rerun, visit

PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
INTO, OUT_OF = "translate-en-zh-transformer", "translate-zh-en-transformer"
ENGLISH, CHINESE = "My brother is a teacher.", "我的弟弟从来没有去过北京。"


def box(page: Page):
    return page.get_by_role("textbox", name="Text to translate")


def answer(page: Page) -> str:
    return page.locator(".answer .text").inner_text().strip()


def pair(page: Page):
    return page.get_by_test_id("stSelectbox").first


def test_the_text_box_has_the_first_key(page, url):
    visit(page, url)
    expect(box(page)).to_be_focused()
    before = answer(page)
    with rerun(page):
        page.keyboard.type(" I am tired.")
        page.keyboard.press("Control+Enter")
    assert box(page).input_value().endswith(" I am tired.")
    assert answer(page) != before
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('[data-testid=stMain]')")


@pytest.mark.parametrize("context", [PHONE], indirect=True)
def test_no_keyboard_covers_a_phone_before_it_is_asked_for(page, url):
    visit(page, url)
    page.wait_for_timeout(500)
    expect(box(page)).not_to_be_focused()


@pytest.mark.parametrize(
    "context", [{"viewport": {"width": 1280, "height": 800}}, PHONE], indirect=True
)
def test_languages_are_turned_round(page, url, context):
    visit(page, f"{url}/?model={INTO}&text={quote(ENGLISH)}")
    said = answer(page)
    assert re.search("[\u4e00-\u9fff]", said)
    swap = page.get_by_role("button", name="Swap")
    with rerun(page):
        swap.tap() if context.get("has_touch") else swap.click()
    expect(box(page)).to_have_value(said)
    expect(page).to_have_url(re.compile(OUT_OF))
    assert re.search("[a-z]", answer(page))
    visit(page, page.url)  # the address brings the direction back
    expect(box(page)).to_have_value(said)


def test_another_language_is_chosen_from_the_list(page, url):
    visit(page, f"{url}/?text={quote(ENGLISH)}")
    pair(page).click()
    with rerun(page):
        page.get_by_role("option", name="English → Chinese").click()
    assert re.search("[\u4e00-\u9fff]", answer(page))
    expect(box(page)).to_have_value(ENGLISH)  # what was typed stays
    expect(page.get_by_test_id("stMain").get_by_text("Chinese", exact=True).first).to_be_visible()


@pytest.mark.parametrize("view", ["lines", "matrix"])
@pytest.mark.parametrize(("model", "text"), [(OUT_OF, CHINESE), (INTO, ENGLISH)])
def test_chinese_is_drawn_word_by_word(page, url, model, text, view):
    visit(page, f"{url}/?model={model}&view={view}&text={quote(text)}")
    if view == "lines":
        labels = page.locator(f".lines .row.{'src' if model == OUT_OF else 'tgt'} .word")
    else:
        labels = page.locator(f".js-plotly-plot .{'x' if model == OUT_OF else 'y'}tick text")
    expect(labels.first).to_be_visible()
    idle(page)
    written = [label for label in labels.all_text_contents() if re.search("[\u4e00-\u9fff]", label)]
    assert len(written) > 3
    boxes = sorted(
        (label.bounding_box() for label in labels.all()), key=lambda b: (b["y"] // 8, b["x"])
    )
    for a, b in itertools.pairwise(boxes):  # none is drawn over its neighbour
        beside = b["x"] >= a["x"] + a["width"] - 1
        below = b["y"] >= a["y"] + a["height"] * 0.6
        assert beside or below or b["x"] + b["width"] <= a["x"] + 1


def test_an_address_in_a_message_is_no_link(page, url):
    evil = quote("www.evil.example https://evil.example me@evil.example")
    visit(page, f"{url}/?max_length={evil}")
    expect(page.get_by_test_id("stAlert").filter(has_text="evil").first).to_be_visible()
    assert page.locator("[data-testid=stMain] a[href*=evil]").count() == 0


def test_the_header_of_the_pane_is_one_row(page, url):
    """Whatever the languages are called: both panes begin at one height."""
    visit(page, f"{url}/?model={OUT_OF}&text={quote(CHINESE)}")
    idle(page)  # boxes are asked for one after another: nothing may still be settling
    tops = [
        page.get_by_role("button", name=name).bounding_box()["y"]
        for name in ("Swap", "Examples", "Translate")
    ]
    assert max(tops) - min(tops) < 12
    pane, told = box(page).bounding_box(), page.locator(".answer").bounding_box()
    assert abs(pane["y"] - told["y"]) < 12
