"""A journey through the later lessons in a real headless Chromium, with the shipped checkpoints."""

from __future__ import annotations

import re
from urllib.parse import urlencode

from playwright.sync_api import expect

from tests.pages import rerun, visit

TEXT = "I would like a cup of coffee with milk, please."


def test_move_a_temperature_change_the_language_measure_and_answer(page, url):
    visit(page, f"{url}/learn?{urlencode({'lesson': 'attention', 'text': TEXT})}")
    expect(page.get_by_role("heading", name="7 · Attention")).to_be_visible()
    expect(page.locator(".katex").first).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_contain_text("τ = 0.5")
    knob = page.get_by_role("slider", name="Temperature τ")
    knob.focus()
    with rerun(page):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".js-plotly-plot").first).to_contain_text("τ = 0.55")
    expect(page).to_have_url(re.compile("tau=0.55"))
    with rerun(page):  # the same lesson in the other language, where it was
        page.get_by_role("button", name="中文").click()
    expect(page.get_by_role("heading", name="7 · 注意力")).to_be_visible()
    expect(page).to_have_url(re.compile("(?=.*lang=zh)(?=.*tau=0.55)"))
    with rerun(page):
        page.get_by_role("button", name="English").click()
    with rerun(page):
        page.get_by_role("radiogroup", name="Lessons").get_by_text("10 · Measuring").click()
    expect(page.get_by_role("heading", name="10 · Measuring")).to_be_visible()
    reference = page.get_by_role("textbox", name="Reference")
    reference.fill("Je voudrais un café au lait.")
    with rerun(page):
        reference.press("Enter")
    expect(page.locator("blockquote").nth(1)).to_have_text("Je voudrais un café au lait.")
    question = page.locator("[class*=st-key-exercise]")
    words, wanted = map(
        int, re.findall(r"only (\d+) words where the reference has (\d+)", question.inner_text())[0]
    )
    answer = question.get_by_role("textbox")
    answer.fill(f"{2.718281828 ** (1 - wanted / words):.3f}")
    with rerun(page):
        answer.press("Enter")
    expect(question.get_by_text("Right.")).to_be_visible()
    visit(page, page.url)  # a link restores what was written
    expect(page.locator("blockquote").nth(1)).to_have_text("Je voudrais un café au lait.")
    page.get_by_role("button", name="11 · Trouble").first.click()
    expect(page.get_by_role("heading", name="11 · Trouble")).to_be_visible()
    expect(page.locator(".js-plotly-plot").first).to_contain_text("LSTM")
