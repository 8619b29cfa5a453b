"""The main journeys in a real headless Chromium, with the shipped checkpoints."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Download, Locator, Page, TimeoutError, expect, sync_playwright

from tests.browser import FLAGS, executable
from tests.server import serve

SENTENCE = "She told me that she had never been to Paris."
SECONDS = 1000.0


@pytest.fixture(scope="module")
def url():
    with serve() as address:
        yield address


@pytest.fixture(scope="module")
def browser():
    path = executable()
    assert path, "no Chromium: run `make browser`"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser):
    """A fresh page that fails the test on any error in the page or request to elsewhere."""
    page = browser.new_page(viewport={"width": 1280, "height": 1000})
    page.set_default_timeout(30 * SECONDS)
    expect.set_options(timeout=30 * SECONDS)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
    page.on(
        "request",
        lambda r: (
            None
            if r.url.startswith(("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:"))
            else problems.append(f"request to {r.url}")
        ),
    )
    yield page
    page.close()
    assert not problems


def type_text(page: Page, text: str) -> None:
    page.get_by_label("Text to translate").fill(text)
    page.get_by_role("button", name="Translate", exact=False).last.click()


def answer(page: Page) -> str:
    return page.get_by_test_id("stHtml").first.inner_text()


def idle(page: Page) -> None:
    """Wait until the app has finished its rerun."""
    for _ in range(3):  # a rerun may be about to begin, or to be followed by another
        page.wait_for_timeout(200)
        app = page.get_by_test_id("stApp")
        expect(app).to_have_attribute("data-test-script-state", "notRunning")


def downloaded(page: Page, button: Locator) -> Download:
    """What a click on ``button`` saves. A late rerun can replace the file under the click."""
    for wait in (10, 10, 30):
        try:
            with page.expect_download(timeout=wait * SECONDS) as got:
                button.click()
            return got.value
        except TimeoutError:
            continue
    raise AssertionError("nothing was downloaded")


def pill(page: Page, group: str, n: int):
    """The n-th pill of a group."""
    return page.get_by_role("radiogroup", name=group).get_by_role("radio").nth(n)


def test_type_translate_look_inside_and_come_back(page, url):
    # type and translate
    page.goto(url)
    expect(page.get_by_text("Nothing to translate yet")).to_be_visible()
    type_text(page, SENTENCE)
    heatmap = page.locator(".js-plotly-plot").first
    expect(heatmap).to_be_visible()
    idle(page)
    assert "Paris" in answer(page)
    expect(page.get_by_text("tokens a second")).to_be_visible()

    # choose another candidate: the heatmap's rows are that candidate's words
    rows_before = heatmap.locator(".ytick").all_text_contents()
    pill(page, "Candidate to look into", 3).click()
    idle(page)
    heatmap = page.locator(".js-plotly-plot").first
    expect(heatmap).to_be_visible()
    assert heatmap.locator(".ytick").all_text_contents() != rows_before

    # choose a token by its pill …
    pill(page, "Output token", 2).click()
    idle(page)
    expect(page.get_by_text(re.compile(r"^Step 3:"))).to_be_visible()
    # … and by a cell of the heatmap
    cell = page.locator(".js-plotly-plot").first.locator(".scatterlayer .point").first
    cell.scroll_into_view_if_needed()
    box = cell.bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(page.locator(".hoverlayer .hovertext")).to_be_visible()  # values on hover
    page.mouse.down()
    page.mouse.up()
    expect(page.get_by_text(re.compile(r"^Step 1:"))).to_be_visible()

    # greedy beside beam
    expect(page.get_by_text("Greedy beside beam")).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Greedy · log-probability"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"^Beam · log-probability"))).to_be_visible()
    parted = page.locator("[data-parting]").count()
    same = page.get_by_text("Both found the same sentence").count()
    assert (parted, same) in ((2, 0), (0, 1), (1, 0))

    # reload from the URL
    before = answer(page)
    page.goto(page.url)
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    idle(page)
    assert page.get_by_label("Text to translate").input_value() == SENTENCE
    assert answer(page) == before


def test_options_and_model_are_in_the_url(page, url, browser):
    page.goto(f"{url}/?text=Good+morning.")
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    page.get_by_role("combobox", name=re.compile("Model")).click()
    page.get_by_role("option", name=re.compile("LSTM")).click()
    expect(page.get_by_text("This model has no attention").first).to_be_visible()
    page.get_by_text("sample", exact=True).click()
    idle(page)
    assert "model=" in page.url
    assert "method=sample" in page.url
    other = browser.new_page()
    other.goto(page.url)
    expect(other.get_by_text("This model has no attention").first).to_be_visible()
    expect(other.get_by_text("Samples").first).to_be_visible()
    other.close()


def test_an_example_is_one_click(page, url):
    page.goto(url)
    page.get_by_text("Where is the nearest train station?").click()
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    idle(page)
    assert "gare" in answer(page)


def test_the_keyboard_alone_chooses_a_token(page, url):
    page.goto(f"{url}/?text=Good+morning.")
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    idle(page)
    pill(page, "Output token", 0).focus()
    page.keyboard.press("Space")
    expect(page.get_by_text(re.compile(r"^Step 1:"))).to_be_visible()
    idle(page)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Space")
    expect(page.get_by_text(re.compile(r"^Step 2:"))).to_be_visible()


@pytest.mark.parametrize(
    "text",
    ["<img src=x onerror=alert(1)><b>bold</b>", "漢字です。", "مرحبا بالعالم", "**a** $x$ :smile:"],
    ids=["html", "cjk", "arabic", "markdown"],
)
def test_hostile_text_is_shown_as_text(page, url, text):
    dialogs = []
    page.on("dialog", lambda d: (dialogs.append(d.message), d.dismiss()))
    page.goto(url)
    type_text(page, text)
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    idle(page)
    assert page.get_by_label("Text to translate").input_value() == text
    assert not dialogs
    assert page.locator("[data-testid=stMain] img[src=x]").count() == 0


@pytest.mark.parametrize("width", [390, 1280])
def test_nothing_runs_off_the_side(page, url, width):
    page.set_viewport_size({"width": width, "height": 900})
    page.goto(f"{url}/?text=" + SENTENCE.replace(" ", "+"))
    expect(page.locator(".js-plotly-plot").first).to_be_visible()
    idle(page)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
