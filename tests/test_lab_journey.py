"""Journeys through the Beam lab in a real headless Chromium, with the shipped checkpoints."""

from __future__ import annotations

import re
from urllib.parse import urlencode

import pytest
from playwright.sync_api import expect

from tests.sentences import missed, parted
from tests.test_journey import (  # noqa: F401 (fixtures)
    browser,
    downloaded,
    idle,
    page,
    pill,
    url,
)

expect.set_options(timeout=30_000)  # machines may be busy: only the order of things is tested
LSTM = "English → French · LSTM without attention"


@pytest.fixture
def lab(page, url):  # noqa: F811
    """Open the lab with these values in its URL."""

    def visit(**query):
        page.goto(f"{url}/beam_lab?{urlencode({'text': parted()} | query)}")
        page.get_by_role("heading", level=3).first.wait_for()
        idle(page)
        return page

    return visit


def test_the_tree_is_drawn_and_lists_its_facts(lab):
    page = lab()  # noqa: F811
    tree = page.locator(".js-plotly-plot").first
    expect(tree.locator(".textpoint text").first).to_be_visible()
    words = " ".join(tree.locator(".textpoint text").all_text_contents())
    assert "#1" in words
    assert "#5" in words
    before = tree.locator(".textpoint text").count()
    page.get_by_role("radiogroup", name="Pruned candidates").get_by_role("radio").nth(2).click()
    idle(page)
    assert page.locator(".js-plotly-plot").first.locator(".textpoint text").count() > before
    assert "pruned=2" in page.url
    page.get_by_text("The same numbers as a table").click()
    numbers = downloaded(page, page.get_by_role("button", name="Numbers (CSV)"))
    lines = numbers.path().read_text(encoding="utf-8").splitlines()
    assert lines[0].startswith("step,text so far,token,log-probability,total")
    assert sum("pruned" in line for line in lines) > 10


def test_the_camera_saves_svg(lab):
    page = lab(panel="Greedy and beam")  # noqa: F811
    page.get_by_text("The same numbers as a table").click()
    page.get_by_text("SVG", exact=True).click()
    idle(page)
    figure = page.locator(".js-plotly-plot").first
    figure.hover()
    picture = downloaded(page, figure.locator(".modebar-btn[data-title*='Download']"))
    assert picture.suggested_filename == "greedy-and-beam.svg"
    assert "<svg" in picture.path().read_text(encoding="utf-8")[:400]


def test_playback_by_keys_and_slider(lab):
    page = lab(panel="Step by step")  # noqa: F811
    expect(page.get_by_text(re.compile(r"^Step 1 of"))).to_be_visible()
    expect(page.get_by_role("button", name="Next")).to_be_enabled()
    page.get_by_text(re.compile(r"^Step 1 of")).click()  # keys belong to the page, not to a field
    for n in (2, 3):
        page.keyboard.press("n")
        expect(page.get_by_text(re.compile(rf"^Step {n} of"))).to_be_visible()
        idle(page)
    page.keyboard.press("b")
    expect(page.get_by_text(re.compile(r"^Step 2 of"))).to_be_visible()
    idle(page)
    page.get_by_role("slider", name="Step").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_text(re.compile(r"^Step 3 of"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"nearest miss.*nats short"))).to_be_visible()
    idle(page)
    assert "step=3" in page.url
    page.reload()
    expect(page.get_by_text(re.compile(r"^Step 3 of"))).to_be_visible()


def test_the_autopsy_says_where_and_what_it_cost(lab):
    page = lab(panel="Greedy and beam")  # noqa: F811
    expect(page.get_by_text(re.compile(r"^They part at step \d+"))).to_be_visible()
    expect(page.get_by_text(re.compile(r"on the beam is ahead|never overtakes"))).to_be_visible()
    expect(
        page.get_by_text(re.compile(r"The beam (pruned|found|finished)|still alive"))
    ).to_be_visible()
    expect(page.locator("[data-changed]").nth(1)).to_be_visible()
    bars = page.locator(".js-plotly-plot .bars .point")
    expect(bars.last).to_be_visible()


def test_ones_own_output_is_forced(lab):
    page = lab(panel="Your own output")  # noqa: F811
    page.get_by_label("Your own output").fill("Le vieil homme d'à côté joue du piano. <b>x</b>")
    page.get_by_role("button", name="Force the model through it").click()
    tokens = page.locator("[data-rank]")
    expect(tokens.first).to_be_visible()
    idle(page)
    ranks = [int(t.get_attribute("data-rank")) for t in tokens.all()]
    assert 1 in ranks
    assert max(ranks) > 50  # the mark-up
    expect(page.get_by_text("far from its choices (rank over 3)")).to_be_visible()
    expect(page.locator(".js-plotly-plot .xtick text").first).to_be_visible()  # the heatmap
    assert "target=" in page.url
    page.reload()
    expect(page.locator("[data-rank]").first).to_be_visible()
    idle(page)
    assert page.locator("[data-rank]").count() == len(ranks)


def test_what_if_goes_on_comes_back_and_is_in_the_url(lab):
    page = lab(panel="What if")  # noqa: F811
    pill(page, "Token to change", 7).click()
    idle(page)
    pill(page, "Instead of", 0).click()
    expect(page.get_by_text("Before the last change above, now below.")).to_be_visible()
    page.wait_for_url("**edits=7-*")
    idle(page)
    once = page.url
    pill(page, "Token to change", 2).click()
    idle(page)
    page.get_by_label("or type what should stand there").fill("grand-père")
    page.get_by_role("button", name="Write it").click()
    page.wait_for_url("**~2-*")
    idle(page)
    page.get_by_role("button", name="Undo").click()
    page.wait_for_url(once)
    page.reload()
    expect(page.get_by_text("Before the last change above, now below.")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Before the last change above, now below.")).to_be_hidden()
    page.wait_for_url(lambda address: "edits" not in address)


def test_exact_search_finds_what_the_beam_missed(lab):
    page = lab(panel="Exact search", model=LSTM, text=missed(), beam=1)  # noqa: F811
    page.get_by_role("button", name="Search exactly").click()
    verdict = page.get_by_text(re.compile(r"A better one exists by \d"))
    expect(verdict.first).to_be_visible()
    expect(page.get_by_text("the best there is")).to_be_visible(timeout=90_000)
    expect(page.get_by_text("hiding a")).to_be_visible()


def test_exact_search_can_be_stopped(lab):
    page = lab(panel="Exact search", model=LSTM, goal="score")  # noqa: F811
    page.get_by_role("button", name="Search exactly").click()
    expect(page.get_by_text(re.compile(r"[\d,]+ prefixes in"))).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()
    idle(page)
    status = page.get_by_text(re.compile(r"[\d,]+ prefixes in"))
    stood = status.inner_text()
    page.wait_for_timeout(1500)
    assert status.inner_text() == stood
    expect(page.get_by_text(re.compile("best possible is at most")).first).to_be_visible()
    page.get_by_role("button", name="Go on").click()
    expect(status).not_to_have_text(stood)
    page.get_by_role("button", name="Stop").click()
    expect(page.get_by_role("button", name="Go on")).to_be_visible()


def test_the_checks_are_green_and_the_trace_can_be_taken(lab):
    page = lab(panel="Checks")  # noqa: F811
    expect(page.get_by_text("attention rows sum to 1")).to_be_visible()
    pill(page, "Look at", 9).click()
    idle(page)
    trace = downloaded(page, page.get_by_role("button", name="Trace (JSON)"))
    assert '"schema": "s2s-trace/1"' in trace.path().read_text(encoding="utf-8")[:80]


@pytest.mark.parametrize("width", [390, 1280])
def test_no_panel_runs_off_the_side(lab, width):
    page = lab(target="Le vieil homme.", edits="2-500")  # noqa: F811
    page.set_viewport_size({"width": width, "height": 900})
    for n in range(10):
        pill(page, "Look at", n).click()
        idle(page)
        main = page.get_by_test_id("stMain")
        assert main.evaluate("e => e.scrollWidth - e.clientWidth") <= 1, f"panel {n}"
