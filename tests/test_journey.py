"""Journeys through Translate in a real headless Chromium, with the shipped checkpoints."""

from __future__ import annotations

import itertools
import re

import pytest
from playwright.sync_api import Page, expect

from tests.pages import LSTM, lit, rerun, visit

SENTENCE = "My brother has never been to Paris."
SHORT = "Where is the nearest train station?"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
LONG = (
    "When the old fisherman who had lived in the small village by the sea for more than seventy years "
    "finally decided to sell his boat, his neighbours could not believe it, because everyone knew that "
    "he had always said that he would rather die on the water than spend a single day sitting in front "
    "of the television with his cat and his memories."
)


def box(page: Page):
    return page.get_by_role("textbox", name="Text to translate")


def type_text(page: Page, text: str) -> None:
    """One key translates."""
    with rerun(page):
        box(page).fill(text)
        box(page).press("Control+Enter")


def words(page: Page, side: str):
    return page.locator(f".lines .row.{side} .word")


def answer(page: Page):
    return page.locator(".answer .text")


def test_type_see_lines_hover_choose_compare_reload(page, url):
    visit(page, url)
    type_text(page, SENTENCE)
    expect(answer(page)).to_contain_text("Paris")
    # the picture and its step are on the first screen, without scrolling
    for part in (page.locator(".lines .stage"), page.locator(".step .bars")):
        seen = part.bounding_box()
        assert seen["y"] + seen["height"] <= 800
    # hovering a word of either side lights its partners on the other, and in the answer
    words(page, "src").filter(has_text="Paris").hover()
    assert "Paris" in lit(words(page, "tgt"))
    assert "Paris" in " ".join(lit(page.locator(".answer .word")))
    expect(page.locator(".lines .status")).to_contain_text("Paris was looked at by")
    words(page, "tgt").filter(has_text="Paris").hover()
    assert "Paris" in lit(words(page, "src"))
    # so does hovering the answer
    page.locator(".answer .word").filter(has_text="Paris").hover()
    assert "Paris" in lit(words(page, "src"))
    # a click chooses the step, beside the picture and in the address
    with rerun(page):
        words(page, "tgt").nth(0).click()
    expect(page.locator(".step .title")).to_contain_text("Step 1 of")
    expect(page).to_have_url(re.compile("step=0"))
    with rerun(page):
        page.get_by_role("button", name="Next step").click()
    expect(page.locator(".step .title")).to_contain_text("Step 2 of")
    # greedy beside beam, then two models
    expect(
        page.get_by_text(re.compile("They part at token|found the same sentence"))
    ).to_be_visible()
    with rerun(page):
        page.get_by_text("Compare two models").click()
    expect(page.locator(".lines")).to_have_count(2)
    expect(page.locator(".lines").nth(1).locator("circle")).to_be_attached()  # the one vector
    with rerun(page):
        page.get_by_test_id("stSidebar").get_by_text("Force both through").click()
    rows = [
        page.locator(".lines").nth(n).locator(".row.tgt .word").all_text_contents() for n in (0, 1)
    ]
    assert rows[0] == rows[1]
    # reload from the address
    before = page.locator(".answer .text").first.inner_text()
    visit(page, page.url)
    expect(box(page)).to_have_value(SENTENCE)
    expect(page.locator(".lines")).to_have_count(2)
    assert page.locator(".answer .text").first.inner_text() == before


def test_the_matrix_is_linked_with_words_and_step(page, url):
    visit(page, f"{url}/?text={SHORT.replace(' ', '+')}&view=matrix")
    plot = page.locator(".js-plotly-plot[data-linked]")
    plot.wait_for()
    area = plot.locator(".nsewdrag").first.bounding_box()
    page.mouse.move(area["x"] + 20, area["y"] + 20)
    hover = page.locator(".hoverlayer .hovertext")
    expect(hover).to_contain_text("output")
    expect(hover).to_contain_text("source")
    assert lit(page.locator(".answer .word"))  # the first row's word
    with rerun(page):
        page.mouse.click(area["x"] + 20, area["y"] + 20)
    expect(page.locator(".step .title")).to_contain_text("Step 1 of")
    outline = plot.locator("[data-outline=row]").bounding_box()
    assert outline["y"] < area["y"] + 20 < outline["y"] + outline["height"]
    expect(plot.locator("[data-outline=column]")).to_be_visible()
    # and the other way round
    page.locator(".answer .word").nth(3).hover()
    expect(plot.locator("[data-outline=looked]")).to_be_visible()


@pytest.mark.parametrize("context", [PHONE], indirect=True)
def test_on_a_phone_a_tap_opens_the_tapped_step(page, url):
    visit(page, f"{url}/?text={SHORT.replace(' ', '+')}")
    for n in (1, 3, 0):
        with rerun(page):
            words(page, "tgt").nth(n).tap()
        name = words(page, "tgt").nth(n).inner_text()
        first = "|".join(
            re.escape(name[:end]) for end in range(1, len(name) + 1)
        )  # its first token
        expect(page.locator(".step .token")).to_have_text(re.compile(f"^({first})$"))
        assert lit(words(page, "src"))
    with rerun(page):
        page.get_by_text("Matrix", exact=True).tap()
    plot = page.locator(".js-plotly-plot[data-linked]")
    plot.wait_for()
    plot.scroll_into_view_if_needed()
    for n in (2, 0, 3):  # each tap counts, none comes late
        row = page.locator(".js-plotly-plot .ytick text").nth(n).bounding_box()
        area = plot.locator(".nsewdrag").first.bounding_box()
        with rerun(page):
            page.touchscreen.tap(area["x"] + area["width"] / 2, row["y"] + row["height"] / 2)
        expect(page.locator(".step .title")).to_contain_text(f"Step {n + 1} of")


def test_the_keyboard_alone_reaches_words_and_steps(page, url):
    visit(page, f"{url}/?text={SHORT.replace(' ', '+')}")
    words(page, "tgt").nth(0).focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect(words(page, "tgt").nth(2)).to_be_focused()
    assert lit(words(page, "src"))
    with rerun(page):
        page.keyboard.press("Enter")
    expect(page.locator(".step .title")).to_contain_text("Step 3 of")
    expect(words(page, "tgt").nth(2)).to_be_focused()
    # "r" and "c" are the page's keys elsewhere; in a text they are letters
    box(page).focus()
    page.keyboard.type("rc")
    assert "rc" in box(page).input_value()


def test_nothing_typed_is_lost(page, url):
    visit(page, url)
    box(page).fill("I lost my keys in the garden.")  # and not submitted
    with rerun(page):
        slider = page.get_by_role("slider", name="Beam size")
        slider.focus()
        slider.press("ArrowLeft")
    expect(box(page)).to_have_value("I lost my keys in the garden.")
    expect(answer(page)).to_contain_text("clés")
    box(page).fill("I lost my umbrella.")
    page.get_by_role("link", name="Dialogue").first.click()
    page.get_by_test_id("stChatInput").wait_for()
    page.get_by_role("link", name="Translate").first.click()
    expect(box(page)).to_have_value("I lost my umbrella.")
    expect(page).to_have_url(re.compile("umbrella"))
    page.reload()
    expect(box(page)).to_have_value("I lost my umbrella.")
    box(page).press_sequentially(" And my")  # typed, not sent
    page.reload()
    expect(box(page)).to_have_value("I lost my umbrella. And my")


def test_back_steps_through_earlier_translations(page, url):
    visit(page, url)
    type_text(page, "Good morning.")
    first = answer(page).inner_text()
    page.wait_for_timeout(2100)  # an address as old as this is not taken for a stale one
    type_text(page, "Good night.")
    page.wait_for_timeout(2100)
    with rerun(page):
        page.go_back()
    expect(box(page)).to_have_value("Good morning.")
    expect(answer(page)).to_have_text(first)


def test_model_and_settings_are_in_the_address(page, url):
    visit(page, f"{url}/?text=Good+morning.")
    with rerun(page):
        page.get_by_text("LSTM without attention").click()
    expect(page.get_by_text("This model has no attention").first).to_be_visible()
    with rerun(page):
        page.get_by_text("Search settings").click()
    with rerun(page):
        page.get_by_text("Sample", exact=True).click()
    with rerun(page):
        page.get_by_text("softer (GNMT)").click()
    assert f"model={LSTM}" in page.url
    assert "method=sample" in page.url
    assert "length_norm=gnmt" in page.url
    expect(page.get_by_text("2 of them changed")).to_be_visible()
    visit(page, page.url)
    expect(page.get_by_text("Samples").first).to_be_visible()


HOSTILE = "![x](//127.0.0.1:9/t.png) <b>b</b> <img src=x onerror=alert(1)> $x$ :red[x] [a](//x.y)"


@pytest.mark.parametrize(
    "text", [HOSTILE, "漢字です。次の文。", "مرحبا بالعالم"], ids=["html", "cjk", "rtl"]
)
def test_any_text_is_shown_as_typed(page, url, text):
    visit(page, url)
    type_text(page, text)
    expect(box(page)).to_have_value(text)
    typed = "".join(text.split())
    shown = "".join(words(page, "src").all_text_contents()[:-1])
    assert shown
    assert typed.startswith("".join(shown.split()))
    assert page.locator("[data-testid=stMain] img").count() == 0
    assert page.locator("[data-testid=stMain] a[href*='x.y']").count() == 0
    words(page, "src").first.hover()
    expect(page.locator(".lines .status")).to_contain_text("was looked at by")


def test_a_long_sentence_fits_the_window_with_labels_in_view(page, url):
    visit(page, f"{url}/?text={LONG.replace(' ', '+')}")
    stage = page.locator(".lines .stage").bounding_box()
    assert stage["height"] <= 400
    last = words(page, "tgt").last
    last.scroll_into_view_if_needed()
    last.hover()
    assert lit(words(page, "src"))
    frame = page.locator(".lines .row.src").bounding_box()
    seen = [w.bounding_box() for w in page.locator(".lines .row.src .word.lit").all()]
    assert any(frame["y"] <= b["y"] <= frame["y"] + frame["height"] for b in seen)
    with rerun(page):
        page.get_by_text("Matrix", exact=True).click()
    page.locator(".js-plotly-plot[data-linked]").wait_for()
    plot = page.locator(".js-plotly-plot").bounding_box()
    assert plot["height"] <= 420
    labels = page.locator(".js-plotly-plot .ytick text").all()
    tops = sorted(label.bounding_box()["y"] for label in labels)
    assert all(b - a > 11 for a, b in itertools.pairwise(tops))  # none overprints another


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("more", ["", "&view=matrix", f"&rival={LSTM}"])
def test_nothing_runs_off_the_side(page, url, width, more):
    page.set_viewport_size({"width": width, "height": 900})
    visit(page, f"{url}/?text={SENTENCE.replace(' ', '+')}{more}")
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1


def test_the_answer_is_copied(page, url):
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    visit(page, f"{url}/?text=Good+morning.")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == answer(page).inner_text().strip()


def test_every_page_has_its_name_in_the_tab(page, url):
    for path, title in (
        ("", "Translate · s2s"),
        ("dialogue", "Dialogue · s2s"),
        ("summarize", "Summarize · s2s"),
        ("beam_lab", "Beam lab · s2s"),
    ):
        visit(page, f"{url}/{path}")
        expect(page).to_have_title(title)
        assert page.get_by_test_id("stSidebarLogo").count() == 1
