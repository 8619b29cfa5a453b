"""Journeys through the Attention lab in a real headless Chromium, with the shipped checkpoints."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from pages.attention.panels import PANELS
from tests.pages import BAHDANAU, rerun, visit

TRANSFORMER = "translate-en-fr-transformer"
# seconds of work on any machine, so that a click on Stop is never late
LONG = (
    "The old man who lived in the small house near the river has lost his keys and his hat, and the "
    "young woman who works in the big shop at the corner of the street has found them on the table "
    "in the kitchen of her mother, where nobody else had looked for them since the end of the week."
)
TEXT = "The old man has lost his keys."


def lab(page: Page, url: str, look: str, model: str = TRANSFORMER, **query) -> Page:
    """Open a panel."""
    values = {"text": TEXT, "model": model, "look": look} | query
    return visit(page, f"{url}/attention_lab?{urlencode(values)}")


def test_choose_a_head_see_it_large_and_reload(page, url):
    lab(page, url, "heads")
    board = page.locator(".heads .board")
    expect(board.locator("canvas")).to_have_count(18)
    painted = board.locator("canvas").first.evaluate(
        "c => c.getContext('2d').getImageData(0, 0, c.width, c.height).data.some(v => v > 0)"
    )
    assert painted
    with rerun(page):
        board.get_by_role("button", name="Layer 2, head 3").click()
    expect(page.get_by_text("Layer 2, head 3 · entropy")).to_be_visible()
    expect(page).to_have_url(re.compile("layer=2"))
    chosen = board.locator("[aria-pressed=true]")
    expect(chosen).to_have_attribute("aria-label", "Layer 2, head 3")
    # by keyboard to the next head
    chosen.focus()
    page.keyboard.press("ArrowRight")
    with rerun(page):
        page.keyboard.press("Enter")
    expect(page.get_by_text("Layer 2, head 4 · entropy")).to_be_visible()
    with rerun(page):
        page.get_by_text("Source looks at itself").click()
    expect(board.locator("canvas")).to_have_count(36)
    with rerun(page):
        board.get_by_role("button", name="Layer 1, head 5").click()
    with rerun(page):
        page.get_by_text("Matrix", exact=True).click()
    expect(page.locator(".js-plotly-plot")).to_be_visible()
    expect(page).to_have_url(re.compile("(?=.*text=The)(?=.*layer=1)(?=.*view=matrix)"))
    visit(page, page.url)
    expect(page.get_by_text("Layer 1, head 5 · entropy")).to_be_visible()


def test_the_words_that_mattered_are_found_with_progress(page, url):
    lab(page, url, "why", BAHDANAU)
    expect(page.get_by_text("Hide the word it looked at most")).to_be_visible()
    picture = page.locator(".js-plotly-plot").first
    expect(picture.locator(".ytick text")).to_have_text(
        ["attention", "grad × input", "int. gradients", "word left out"]
    )
    with rerun(page):
        page.get_by_role("radiogroup").get_by_text("homme", exact=True).click()
    expect(page).to_have_url(re.compile("word=2"))
    expect(page.get_by_text(re.compile("Hide the word it looked at most, man"))).to_be_visible()


def test_long_work_is_stopped_and_goes_on(page, url):
    page.goto(
        f"{url}/attention_lab?{urlencode({'text': LONG, 'model': TRANSFORMER, 'look': 'why'})}"
    )
    stop = page.locator(".st-key-attribution-stop button")
    stop.wait_for(timeout=120_000)
    stop.click()
    expect(page.get_by_text(re.compile(r"stopped at \d+%"))).to_be_visible()
    expect(page.get_by_text("Hide the word it looked at most")).to_have_count(0)
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_text("Hide the word it looked at most")).to_be_visible(timeout=180_000)


def test_where_it_has_seen_this(page, url):
    lab(page, url, "states")
    near = page.locator("[data-near=true]")
    expect(near).to_have_count(6)
    with rerun(page):
        page.get_by_role("radiogroup").get_by_text("clés", exact=True).click()
    expect(page).to_have_url(re.compile("word=6"))
    expect(near.filter(has_text="clés").first).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    expect(page.locator(".js-plotly-plot .textpoint").first).to_be_visible()


def test_surgery_is_done_shared_and_undone(page, url):
    lab(page, url, "surgery")
    answer = page.get_by_text("Le vieil homme", exact=False).first.inner_text()
    with rerun(page):
        page.get_by_role("button", name="man", exact=True).click()
    expect(page.get_by_role("button", name="Hidden: man")).to_be_visible()
    expect(page.locator("[data-changed=true]").first).to_be_visible()
    with rerun(page):
        page.get_by_role("button", name="The whole layer").click()
    expect(page).to_have_url(re.compile("(?=.*text=The)(?=.*cuts=h2-3~c)"))
    visit(page, page.url)  # the link brings all of it back
    undo = page.locator(".st-key-made button")
    expect(undo).to_have_count(8)  # one word, six heads, undo all
    with rerun(page):
        page.get_by_role("button", name="Hidden: man").click()
    expect(undo).to_have_count(7)
    with rerun(page):
        page.get_by_role("button", name="Undo all").click()
    expect(page.get_by_text("Nothing is changed yet")).to_be_visible()
    assert "cuts" not in page.url
    assert page.get_by_text("Le vieil homme", exact=False).first.inner_text() == answer


def test_three_networks_write_the_same_words(page, url):
    lab(page, url, "networks")
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    pictures = page.locator(".js-plotly-plot")
    expect(pictures.first.locator(".ytick text").first).to_be_visible()
    rows = pictures.first.locator(".ytick text").all_text_contents()
    for n in (1, 2):
        expect(pictures.nth(n).locator(".ytick text")).to_have_text(rows)
    expect(page.get_by_text("no attention: what hiding each word costs").first).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_no_panel_runs_off_the_side(page, url, width):
    page.set_viewport_size({"width": width, "height": 900})
    for look in PANELS:
        lab(page, url, look, cuts="h2-3~c0-1", gold="1-1 2-2")
        main = page.get_by_test_id("stMain")
        assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1, look
