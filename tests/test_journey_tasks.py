"""Dialogue and Summarize in a real headless Chromium, with the shipped checkpoints."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from s2s.tasks import TASKS
from tests.test_journey import browser, idle, page, url  # noqa: F401 (fixtures)

NEWS = TASKS["summarization"].examples[1].text


def test_talk_look_inside_change_ones_mind_and_come_back(page, url):  # noqa: F811
    page.goto(f"{url}/dialogue")
    box = page.get_by_placeholder("Say something")
    box.fill("Hi! How was your weekend?")
    box.press("Enter")
    messages = page.get_by_test_id("stChatMessage")
    expect(messages).to_have_count(2)
    box.fill("I went to the beach with my dog.")
    box.press("Enter")
    expect(messages).to_have_count(4)
    # look inside the second reply
    page.get_by_role("button", name="Look inside").nth(1).click()
    expect(page.get_by_text("Attention by turn")).to_be_visible()
    expect(page.locator(".js-plotly-plot .xtick text").first).to_be_attached()
    expect(page.get_by_role("heading", name="Greedy beside beam")).to_be_visible()
    idle(page)
    # another reply
    reply = messages.nth(3).get_by_test_id("stMarkdownContainer").first
    before = reply.inner_text()
    page.get_by_role("button", name="Another reply").click()
    expect(reply).not_to_have_text(before)
    idle(page)
    # edit the first turn: what followed is gone
    page.get_by_role("button", name="Edit").first.click()
    change = page.get_by_label("Say instead").first
    change.fill("Good morning! Did you sleep well?")
    change.press("Enter")
    expect(messages).to_have_count(2)
    expect(messages.first).to_contain_text("Good morning")
    idle(page)
    # the address restores the conversation
    said = messages.nth(1).get_by_test_id("stMarkdownContainer").first.inner_text()
    expect(page).to_have_url(re.compile("turn="))
    page.reload()
    expect(messages).to_have_count(2)
    expect(messages.nth(1)).to_contain_text(said)
    # and clearing forgets it
    page.get_by_role("button", name="Clear").click()
    expect(messages).to_have_count(0)


def test_summarize_see_copies_and_come_back(page, url):  # noqa: F811
    page.goto(f"{url}/summarize")
    page.get_by_label("Text to summarize", exact=True).fill(NEWS)
    page.get_by_role("button", name="Summarize", exact=False).last.click()
    expect(page.get_by_role("heading", name="Copied or written")).to_be_visible()
    expect(page.get_by_text("Text, as far as it was read")).to_be_visible()
    expect(page.locator(".js-plotly-plot .xtick text").first).to_be_attached()
    idle(page)
    summary = page.get_by_test_id("stHtml").first.inner_text()
    assert summary.strip()
    page.get_by_role("combobox", name="Kind of summary").click()
    page.get_by_role("option", name="News headline").click()
    page.get_by_role("button", name="Summarize", exact=False).last.click()
    idle(page)
    headline = page.get_by_test_id("stHtml").first.inner_text()
    page.reload()
    expect(page.get_by_role("heading", name="Copied or written")).to_be_visible()
    idle(page)
    assert page.get_by_test_id("stHtml").first.inner_text() == headline


def test_a_file_can_be_summarized(page, url):  # noqa: F811
    page.goto(f"{url}/summarize")
    page.get_by_text("From a file").click()
    page.locator("input[type=file]").set_input_files(
        {"name": "news.txt", "mimeType": "text/plain", "buffer": NEWS.encode()}
    )
    expect(page.get_by_role("heading", name="Copied or written")).to_be_visible()
    expect(page.get_by_label("Text to summarize")).to_have_value(NEWS)


def test_four_hundred_tokens_have_a_picture_of_their_own(page, url):  # noqa: F811
    page.goto(f"{url}/summarize")
    page.get_by_label("Text to summarize", exact=True).fill(NEWS * 8)
    page.get_by_role("button", name="Summarize", exact=False).last.click()
    expect(page.get_by_text("the strip shows all of it")).to_be_visible()
    heatmap = page.locator(".js-plotly-plot:has(.heatmaplayer image)").first
    expect(heatmap.locator(".xtick text").first).to_be_attached(timeout=30_000)
    idle(page)
    area = heatmap.locator(".nsewdrag").first
    area.scroll_into_view_if_needed()
    box = area.bounding_box()
    labels = [heatmap.locator(".xtick text").all_inner_texts()]
    for start, end in ((100, 500), (500, 100)):  # the window may lie at one end already
        page.mouse.move(box["x"] + start, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + end, box["y"] + box["height"] / 2, steps=5)
        page.mouse.up()
        page.wait_for_timeout(300)
        labels.append(heatmap.locator(".xtick text").all_inner_texts())
    assert labels[1] != labels[0] or labels[2] != labels[1]
