"""A reader in a real browser: a lesson, the language switch, a slider, an exercise, and back to translating."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.pages import rerun, visit

SENTENCE = "The cat that I saw was asleep."
PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True}


def test_a_lesson_is_read_in_two_languages(page, url):
    visit(page, f"{url}/learn?lesson=cells&text={SENTENCE}")
    expect(page.get_by_role("heading", name="4 · Recurrent cells")).to_be_visible()
    expect(page.locator(".katex-display").first).to_be_visible()
    assert page.locator(".katex-error").count() == 0
    with rerun(page):
        page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="4 · 循环单元")).to_be_visible()
    expect(page).to_have_url(re.compile("lang=zh"))
    expect(page.get_by_role("link", name="学习").first).to_be_visible()  # the header speaks it too
    page.reload()  # the address says it all
    expect(page.get_by_role("heading", name="4 · 循环单元")).to_be_visible()
    with rerun(page):
        page.get_by_role("slider").first.press("ArrowLeft")
    expect(page).to_have_url(re.compile(r"place=\d"))
    with rerun(page):
        page.get_by_role("button", name="5 · 编码器").last.click()  # the one below the lesson
    expect(page.get_by_role("heading", name="5 · 编码器")).to_be_in_viewport()
    with rerun(page):
        page.locator("label").filter(has_text="后向状态").click()
    expect(page.get_by_text("正确。")).to_be_visible()
    with rerun(page):
        page.go_back()
    with rerun(page):
        page.get_by_role("button", name="English").click()
    expect(page).not_to_have_url(re.compile("lang="))


@pytest.mark.parametrize("context", [PHONE], indirect=True)
def test_a_lesson_fits_a_phone(page, url):
    for lesson in ("seq2seq", "cells"):
        visit(page, f"{url}/learn?lesson={lesson}")
        expect(page.locator(".katex-display").first).to_be_visible()
        wide = "document.querySelector('[data-testid=stMain]').scrollWidth - innerWidth"
        assert page.evaluate(wide) <= 0
    bar = page.locator(".st-key-phone-nav a")
    expect(bar).to_have_count(8)
    bar.last.scroll_into_view_if_needed()  # the row scrolls by itself
    box = bar.last.bounding_box()
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 391
