"""Journeys through the Beam lab in a real headless Chromium, with the shipped checkpoints."""

from __future__ import annotations

import itertools
import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Download, Locator, Page, TimeoutError, expect

from pages.lab.panels import PANELS
from tests.pages import BAHDANAU, LSTM, idle, rerun, visit
from tests.sentences import missed, parted

SECONDS = 1000.0


@pytest.fixture
def lab(page, url):
    """Open the lab with these values in its address."""

    def open_lab(**query) -> Page:
        return visit(
            page, f"{url}/beam_lab?{urlencode({'text': parted(), 'model': BAHDANAU} | query)}"
        )

    return open_lab


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


def pill(page: Page, group: str, n: int) -> Locator:
    """The n-th choice of a group."""
    return page.get_by_role("radiogroup", name=group).get_by_role("radio").nth(n)


def test_the_tree_lights_paths_and_leads_to_what_if(lab):
    page = lab()
    frame = page.locator(".tree .frame").bounding_box()
    assert frame["y"] < 620  # the panel is on the first screen
    nodes = page.locator(".tree .node")
    nodes.nth(7).hover()
    sentence = page.locator(".tree .status .strong").inner_text()
    depth = page.locator(".tree .node.lit").count()
    assert depth >= 1
    assert page.locator(".tree .edge.lit").count() == depth
    expect(page.locator(".tree .status")).to_contain_text("total")
    with rerun(page):
        nodes.nth(7).click()
    expect(page.get_by_text("Before the last change above, now below.")).to_be_visible()
    expect(page).to_have_url(re.compile("panel=whatif.*edits=|edits=.*panel=whatif"))
    assert sentence.split()[0] in page.get_by_test_id("stMain").inner_text()


def test_the_tree_by_keyboard_and_as_files(lab):
    page = lab(pruned=2)
    page.locator(".tree .node").first.focus()
    page.keyboard.press("ArrowDown")
    expect(page.locator(".tree .node.lit")).to_have_count(2)
    page.keyboard.press("ArrowUp")
    expect(page.locator(".tree .node.lit")).to_have_count(1)
    drawing = downloaded(page, page.get_by_role("button", name="SVG"))
    assert drawing.suggested_filename == "beam-tree.svg"
    assert "<svg" in drawing.path().read_text(encoding="utf-8")[:200]
    photograph = downloaded(page, page.get_by_role("button", name="PNG"))
    assert photograph.path().read_bytes()[:4] == b"\x89PNG"
    with rerun(page):
        page.get_by_text("The same numbers as a table").click()
    numbers = downloaded(page, page.get_by_role("button", name="Numbers (CSV)"))
    lines = numbers.path().read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("step,text so far,token,log-probability,total")
    assert sum("pruned" in line for line in lines) > 10


@pytest.mark.parametrize("text", ["Yes.", "I think that nobody has ever really understood it."])
def test_words_of_the_tree_never_collide(lab, text):
    page = lab(text=text, pruned=3, beam=8)
    boxes = page.locator(".tree .node rect").evaluate_all(
        "all => all.map(r => [r.x.baseVal.value, r.y.baseVal.value, r.width.baseVal.value])"
    )
    rows: dict[float, list] = {}
    for x, y, width in boxes:
        rows.setdefault(y, []).append((x, x + width))
    for row in rows.values():
        row.sort()
        assert all(a[1] <= b[0] for a, b in itertools.pairwise(row))
    frame = page.locator(".tree .frame")
    if frame.evaluate("e => e.scrollWidth > e.clientWidth + 4"):
        expect(page.locator(".tree .more")).to_contain_text("more to the right")


def test_the_camera_saves_svg(lab):
    page = lab(panel="greedy")
    with rerun(page):
        page.get_by_text("The same numbers as a table").click()
    with rerun(page):
        page.get_by_text("SVG", exact=True).click()
    figure = page.locator(".js-plotly-plot").first
    figure.hover()
    picture = downloaded(page, figure.locator(".modebar-btn[data-title*='Download']"))
    assert picture.suggested_filename == "greedy-and-beam.svg"
    assert "<svg" in picture.path().read_text(encoding="utf-8")[:400]


def test_playback_by_keys_and_slider(lab):
    page = lab(panel="steps")
    step = page.get_by_text(re.compile(r"^Step \d+ of"))
    expect(step).to_have_text(re.compile("^Step 1 of"))
    step.click()  # keys belong to the page, not to a field
    for n in (2, 3):
        with rerun(page):
            page.keyboard.press("n")
        expect(step).to_have_text(re.compile(f"^Step {n} of"))
    with rerun(page):
        page.keyboard.press("b")
    expect(step).to_have_text(re.compile("^Step 2 of"))
    with rerun(page):
        page.get_by_role("slider", name="Step").focus()
        page.keyboard.press("ArrowRight")
    expect(step).to_have_text(re.compile("^Step 3 of"))
    assert "at=3" in page.url
    visit(page, page.url)
    expect(step).to_have_text(re.compile("^Step 3 of"))


def test_the_autopsy_says_where_and_what_it_cost(lab):
    page = lab(panel="greedy")
    expect(page.get_by_text(re.compile(r"^They part at step \d+"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"on the beam is ahead|never overtakes"))).to_be_visible()
    expect(page.locator("[data-changed]").first).to_be_visible()


def test_ones_own_output_is_forced_and_comes_back(lab):
    page = lab(panel="own")
    own = page.get_by_role("textbox", name="Your own output")
    with rerun(page):
        own.fill("Le vieil homme d'à côté joue du piano. <b>x</b>")
        own.press("Control+Enter")
    tokens = page.locator("[data-rank]")
    ranks = [int(t.get_attribute("data-rank")) for t in tokens.all()]
    assert 1 in ranks
    assert max(ranks) > 50  # the mark-up
    assert "target=" in page.url
    visit(page, page.url)
    assert page.locator("[data-rank]").count() == len(ranks)


def test_what_if_goes_on_comes_back_and_is_in_the_address(lab):
    page = lab(panel="whatif")
    with rerun(page):
        pill(page, "Token to change", 7).click()
    with rerun(page):
        pill(page, "Instead of", 0).click()
    expect(page.get_by_text("Before the last change above, now below.")).to_be_visible()
    expect(page).to_have_url(re.compile("edits=7-"))
    once = page.url
    with rerun(page):
        pill(page, "Token to change", 2).click()
    with rerun(page):
        page.get_by_label("or type what should stand there").fill("grand-père")
        page.get_by_role("button", name="Write it").click()
    expect(page).to_have_url(re.compile("~2-"))
    with rerun(page):
        page.get_by_role("button", name="Undo").click()
    expect(page).to_have_url(once)
    visit(page, page.url)
    expect(page.get_by_text("Before the last change above, now below.")).to_be_visible()


def test_exact_search_finds_what_the_beam_missed(lab):
    page = lab(panel="exact", model=LSTM, text=missed(), beam=1)
    page.get_by_role("button", name="Search exactly").click()
    verdict = page.get_by_text(re.compile(r"A better one exists, by \d"))
    expect(verdict.first).to_be_visible()
    expect(page.get_by_text("the best there is")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("hiding a")).to_be_visible()


def test_exact_search_can_be_stopped(lab):
    page = lab(panel="exact", model=LSTM, goal="same")
    page.get_by_role("button", name="Search exactly").click()
    status = page.get_by_text(re.compile(r"[\d,]+ prefixes in"))
    expect(status).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    idle(page)
    stood = status.inner_text()
    expect(page.get_by_text(re.compile("best possible is at most")).first).to_be_visible()
    assert status.inner_text() == stood
    page.get_by_role("button", name="Go on").click()
    expect(status).not_to_have_text(stood)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()


def test_the_trace_can_be_taken(lab):
    page = lab(panel="take")
    trace = downloaded(page, page.get_by_role("button", name="Trace (JSON)"))
    assert '"schema": "s2s-trace/' in trace.path().read_text(encoding="utf-8")[:80]


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("panel", list(PANELS))
def test_no_panel_runs_off_the_side(lab, page, width, panel):
    page.set_viewport_size({"width": width, "height": 900})
    lab(target="Le vieil homme.", edits="2-500", panel=panel)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1
