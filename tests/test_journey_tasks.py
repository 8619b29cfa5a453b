"""Dialogue and Summarize in a real headless Chromium, with the shipped checkpoints."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from s2s.tasks import TASKS
from tests.pages import lit, rerun, visit

NEWS = next(e.text for e in TASKS["summarization"].examples if e.kind == "headline")
MINE = "A text of my own, pasted with care."
SAID = (
    "I went to the beach with my dog.",
    "He likes to swim in the sea.",
    "Do you have a pet?",
    "What is its name?",
    "That is a nice name.",
)


def messages(page):
    return page.get_by_test_id("stChatMessage")


def test_five_turns_without_the_mouse(page, url):
    visit(page, f"{url}/dialogue")
    expect(messages(page)).to_have_count(2)  # an example, answered
    page.get_by_test_id("stChatInput").locator("textarea").focus()
    for n, text in enumerate(SAID):
        with rerun(page):
            page.keyboard.type(text)
            page.keyboard.press("Enter")
        expect(messages(page)).to_have_count(4 + 2 * n)
        expect(messages(page).nth(2 + 2 * n)).to_contain_text(text)
        newest = messages(page).last.bounding_box()
        entry = page.get_by_test_id("stChatInput").bounding_box()
        assert newest["y"] + newest["height"] <= entry["y"]  # in view, above the box
        assert entry["y"] + entry["height"] <= 800
    assert "I went to the beach" in page.url.replace("+", " ").replace("%20", " ")


def test_look_inside_change_ones_mind_and_come_back(page, url):
    visit(page, f"{url}/dialogue?turn=Hi%21+How+was+your+weekend%3F")
    expect(messages(page)).to_have_count(2)
    with rerun(page):
        page.get_by_role("button", name="Look inside").click()
    expect(page.locator(".lines .row.src .word").first).to_contain_text("you")
    page.locator(".lines .row.tgt .word").nth(1).hover()
    assert lit(page.locator(".lines .row.src .word"))
    # another reply
    reply = messages(page).nth(1).get_by_test_id("stMarkdownContainer").first
    before = reply.inner_text()
    with rerun(page):
        page.get_by_role("button", name="Another reply").first.click()
    expect(reply).not_to_have_text(before)
    # the panel closes
    with rerun(page):
        page.get_by_role("button", name="Close").click()
    expect(page.locator(".lines")).to_have_count(0)
    # edit the first turn: what followed is gone
    messages(page).first.get_by_role("button").click()
    change = page.get_by_label("Say instead").first
    with rerun(page):
        change.fill("Good morning! Did you sleep well?")
        change.press("Enter")
    expect(messages(page)).to_have_count(2)
    expect(messages(page).first).to_contain_text("Good morning")
    said = messages(page).nth(1).get_by_test_id("stMarkdownContainer").first.inner_text()
    # the address restores the conversation, and clearing forgets it
    expect(page).to_have_url(re.compile("turn="))
    visit(page, page.url)
    expect(messages(page)).to_have_count(2)
    expect(messages(page).nth(1)).to_contain_text(said)
    with rerun(page):
        page.get_by_role("button", name="Clear the conversation").click()
    expect(messages(page)).to_have_count(0)


def test_the_lab_shows_the_same_search(page, url):
    visit(page, f"{url}/dialogue?turn=Do+you+like+music%3F&inside=1")
    reply = messages(page).nth(1).get_by_test_id("stMarkdownContainer").first.inner_text()
    with rerun(page):
        page.get_by_role("button", name="See the whole search in the Beam lab").click()
    expect(page.locator(".tree")).to_be_visible()
    main = page.get_by_test_id("stMain")  # its answer, or, in full precision another one, and why
    expect(
        main.locator("bdi, [data-testid=stCaptionContainer]").filter(has_text=reply).first
    ).to_be_visible()
    with rerun(page):
        page.get_by_role("link", name="Dialogue").first.click()
    expect(messages(page)).to_have_count(2)


@pytest.mark.parametrize(
    "text", ["![x](//127.0.0.1:9/t.png) <b>b</b> $x$ :red[x]", "مرحبا بك", "你好。"]
)
def test_turns_are_shown_as_typed(page, url, text):
    visit(page, f"{url}/dialogue")
    entry = page.get_by_test_id("stChatInput").locator("textarea")
    with rerun(page):
        entry.fill(text)
        entry.press("Enter")
    expect(messages(page).nth(2)).to_contain_text(text)
    assert messages(page).nth(2).locator("img[src*='127.0.0.1:9']").count() == 0


def document(page):
    return page.get_by_role("textbox", name="Text to summarize")


def test_summarize_change_the_kind_and_come_back(page, url):
    visit(page, f"{url}/summarize")
    with rerun(page):
        document(page).fill(NEWS)
        document(page).press("Control+Enter")
    expect(page.get_by_text("Copied or written")).to_be_visible()
    with rerun(page):
        page.get_by_role("combobox", name="Make of it").click()
        page.get_by_role("option", name="News headline").click()
    expect(page.get_by_text("It makes one headline")).to_be_visible()
    headline = page.locator(".answer .text").inner_text()
    assert headline.strip()
    visit(page, page.url)
    assert page.locator(".answer .text").inner_text() == headline
    expect(document(page)).to_have_value(NEWS)


def test_an_example_is_undone_by_one_click(page, url):
    visit(page, f"{url}/summarize")
    with rerun(page):
        document(page).fill(MINE)
        document(page).press("Control+Enter")
    page.get_by_role("button", name="Examples").click()
    with rerun(page):
        page.get_by_role("button", name="Example: an e-mail").click()
    expect(document(page)).to_have_value(re.compile("budget"))
    page.keyboard.press("Escape")
    with rerun(page):
        page.get_by_role("button", name="Undo").click()
    expect(document(page)).to_have_value(MINE)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_file_can_be_summarized(page, url, encoding):
    text = f"{NEWS} Café."
    visit(page, f"{url}/summarize")
    page.get_by_role("button", name="From a file").click()
    with rerun(page):
        page.locator("input[type=file]").set_input_files(
            {"name": "news.txt", "mimeType": "text/plain", "buffer": text.encode(encoding)}
        )
    expect(document(page)).to_have_value(text)


def test_four_hundred_pieces_fit_the_window(page, url):
    visit(page, f"{url}/summarize")
    with rerun(page):
        document(page).fill(NEWS * 8)
        document(page).press("Control+Enter")
    with rerun(page):
        page.get_by_text("Pieces", exact=True).click()
    assert page.locator(".lines .row.src .word").count() > 300
    assert page.locator(".lines .stage").bounding_box()["height"] <= 400
    page.locator(".lines .row.tgt .word").nth(2).hover()
    frame = page.locator(".lines .row.src").bounding_box()
    seen = [w.bounding_box() for w in page.locator(".lines .row.src .word.lit").all()]
    assert any(frame["y"] <= b["y"] <= frame["y"] + frame["height"] for b in seen)
    with rerun(page):
        page.get_by_text("Matrix", exact=True).click()
    plot = page.locator(".js-plotly-plot[data-linked]")
    plot.wait_for()
    first = plot.locator(".xtick text").first.text_content()
    area = plot.locator(".nsewdrag").first.bounding_box()
    labels = [plot.locator(".xtick text").all_text_contents()]
    for start, end in ((60, 400), (400, 60)):  # the window may lie at one end already
        page.mouse.move(area["x"] + start, area["y"] + 100)
        page.mouse.down()
        page.mouse.move(area["x"] + end, area["y"] + 100, steps=5)
        page.mouse.up()
        labels.append(plot.locator(".xtick text").all_text_contents())
    assert first
    assert labels[1] != labels[0] or labels[2] != labels[1]
