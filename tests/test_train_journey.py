"""A journey through the Train page in a real headless Chromium."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.pages import idle, visit

LOSS = re.compile(r"^with attention: step \d+ of \d+ · loss ([\d.]+)")


def test_watch_it_learn_stop_go_on_and_open_it_in_the_lab(page, url):
    visit(page, f"{url}/train?toy=copy&steps=150")
    page.get_by_role("button", name="Start").click()
    bar = page.get_by_text(LOSS)
    expect(bar).to_be_visible(timeout=120_000)
    expect(page.get_by_text("Attention and outputs after step")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_text("Stopped. Resume goes on")).to_be_visible(timeout=60_000)
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_text("Done.")).to_be_visible(timeout=180_000)
    idle(page)
    expect(page.get_by_text("with attention: step 150 of 150").first).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(3)
    code = re.search("run=([0-9a-f]{32})", page.url)[1]
    visit(page, page.url)  # a reload finds it again
    expect(page.get_by_text("with attention: step 150 of 150").first).to_be_visible()
    page.get_by_role("button", name="Open in the Attention lab").first.click()
    expect(page).to_have_url(re.compile(f"attention_lab.*model=toy-{code}-attention"))
    expect(page.get_by_text("Layer 1, head 1 · entropy")).to_be_visible()
    expect(page.get_by_role("radio", name="Copy · with attention")).to_be_checked()
    visit(page, page.url)
    expect(page.get_by_text("Layer 1, head 1 · entropy")).to_be_visible()


@pytest.mark.parametrize("width", [390, 1280])
def test_the_page_does_not_run_off_the_side(page, url, width):
    page.set_viewport_size({"width": width, "height": 900})
    visit(page, f"{url}/train?toy=own")
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
