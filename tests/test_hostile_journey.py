"""Hostile text in every field, address, warning and download, in a real headless Chromium.

``page`` fails its test on any dialog, error, or request to elsewhere; here it is also looked for what markup
would have left behind, in the page and in the parts that draw in a tree of their own.
"""

from __future__ import annotations

import csv
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import Page, expect

from pages.parts.chart import RISKY
from pages.parts.codes import LESSONS
from tests.pages import idle, rerun, visit

MARKUP = (
    "x <img id=hurt src=//127.0.0.1:9/i onerror=alert(1)><script>alert(2)</script><b id=hurt>b</b> "
    "![t](//127.0.0.1:9/t.png) [l](//127.0.0.1:9/l) <a href=//127.0.0.1:9/a>a</a> $q^7$ $$q7$$ :smile: "
    ":red[r] :material/home: `c` **b** <style>*{display:none}</style> &lt;b id=hurt&gt;"
)
MARKS = (
    '\u202e gnp.exe \u202d \u2066 \ufeff \u200b =HYPERLINK("//127.0.0.1:9") </s> <unk> \\ \x1b[31m'
)
LONG = "<i id=hurt>i</i> :smile: $q7$ " * 350  # 10,000 characters
PAGES = {
    "translate": "",
    "summarize": "summarize",
    "dialogue": "dialogue",
    "own output": "beam_lab?panel=own",
    "beam widths": "beam_lab?panel=widths",
    "take away": "beam_lab?panel=take",
    "align": "attention_lab?look=align",
    "why": "attention_lab?look=why",
    "list": "batch",
    "lesson": "learn?lesson=measuring",
    "own lines": "train?toy=own",
}
# Everything that markup of a text could have become, shadow trees included.
HURT = """() => {
    const found = [];
    const look = root => {
        for (const e of root.querySelectorAll('*')) {
            const link = (e.getAttribute?.('href') || e.getAttribute?.('src') || e.getAttribute?.('xlink:href') || '');
            if (e.id === 'hurt' || link.includes('127.0.0.1:9/') || link.startsWith('javascript:')
                || (e.tagName === 'annotation' && ['q^7', 'q7'].includes(e.textContent.trim())) || (e.tagName === 'SCRIPT' && e.textContent.includes('alert(2)')))
                found.push(e.outerHTML.slice(0, 200));
            if (e.shadowRoot) look(e.shadowRoot);
        }
    };
    look(document);
    return found;
}"""


def check(page: Page) -> None:
    """Nothing of a text became part of the page."""
    assert page.evaluate(HURT) == []
    assert page.get_by_test_id("stException").all_inner_texts() == []
    assert page.get_by_test_id("stMain").is_visible()


def fill_everything(page: Page, text: str) -> int:
    """Type into every box that can be seen, one after the other; how many there were."""
    filled = 0
    expect(page.get_by_role("textbox").first).to_be_visible(timeout=60_000)
    for n in range(page.get_by_role("textbox").count()):
        box = page.get_by_role("textbox").nth(n)
        if not (box.is_visible() and box.is_editable()):
            continue
        most = box.get_attribute("maxlength")
        box.fill(text[: int(most)] if most else text)
        box.press("Control+Enter" if box.evaluate("e => e.tagName") == "TEXTAREA" else "Enter")
        page.wait_for_timeout(300)
        idle(page)
        check(page)
        filled += 1
    return filled


def cells(path: Path, parting: str) -> list[str]:
    """Every cell of a table."""
    with path.open(encoding="utf-8", newline="") as lines:
        return [cell for row in csv.reader(lines, delimiter=parting) for cell in row]


def take_everything(page: Page) -> int:
    """Open what is folded, press every download and look into it; how many there were."""
    for fold in page.locator("[data-testid=stExpander] summary").all():
        if fold.is_visible():
            fold.click()
            page.wait_for_timeout(300)
            idle(page)
    check(page)
    taken = 0
    for button in page.locator("[data-testid=stDownloadButton] button").all():
        if not button.is_visible():
            continue
        with page.expect_download() as waited:
            button.click()
        path = Path(waited.value.path())
        name = waited.value.suggested_filename
        if name.endswith((".csv", ".tsv")):
            found = cells(path, "," if name.endswith(".csv") else "\t")
            assert not [c for c in found if c.startswith(RISKY) and not number(c)]
        elif name.endswith(".html"):
            shown = path.read_text(encoding="utf-8")
            assert "<img id=hurt" not in shown
            assert "<b id=hurt" not in shown
            assert "<script>alert(2)" not in shown
        taken += 1
    return taken


def number(cell: str) -> bool:
    """A spreadsheet takes a number for a number."""
    try:
        float(cell)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize("path", PAGES.values(), ids=PAGES)
def test_a_text_stays_a_text_in_every_field(page, url, path):
    visit(page, f"{url}/{path}")
    assert fill_everything(page, f"{MARKS} {MARKUP}")
    take_everything(page)
    check(page)


def test_a_text_of_ten_thousand_characters_stays_a_text(page, url):
    visit(page, url)
    assert fill_everything(page, LONG)


@pytest.mark.parametrize(
    "path",
    [
        *("", "dialogue", "summarize", "beam_lab", "attention_lab"),
        *("batch", "learn?lesson=decoder", "train?toy=own"),
    ],
)
def test_a_text_stays_a_text_in_every_value_of_an_address(page, url, path):
    short = quote(MARKUP[:190])
    names = (
        "prefix",
        "model",
        "beam",
        "alpha",
        "method",
        "kind",
        "view",
        "panel",
        "look",
        "edits",
        "cuts",
        "gold",
        *("rows", "lines", "reference", "wrote", "lesson", "toy", "run", "order", "lang"),
    )
    values = "&".join(f"{name}={short}" for name in names)
    for more in (values, values.replace("prefix=", "max_length=1&prefix="), "model=x&max_length=1"):
        visit(
            page,
            f"{url}/{path}{'&' if '?' in path else '?'}text={quote(MARKUP)}&document={quote(MARKUP)}&turn={quote(MARKUP)}&said={quote(MARKUP)}&{more}",
        )
        assert page.get_by_test_id("stAlert").count() > 0
        check(page)


def test_what_is_opened_after_a_hostile_text_is_only_text(page, url):
    visit(page, f"{url}/?text={quote(MARKUP)}")
    with rerun(page):
        page.get_by_text("Matrix", exact=True).click()
    page.locator(".js-plotly-plot").first.wait_for()
    check(page)
    for panel in ("tree", "steps", "greedy", "rerank", "whatif", "checks"):
        visit(page, f"{url}/beam_lab?panel={panel}&text={quote(MARKUP[:400])}")
        check(page)
    for look in ("heads", "surgery", "networks", "coverage"):
        visit(page, f"{url}/attention_lab?look={look}&text={quote(MARKUP[:400])}")
        check(page)


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_about_a_hostile_sentence_is_only_text(page, url, lesson):
    visit(page, f"{url}/learn?lesson={lesson}&text={quote((MARKS + MARKUP)[:400])}")
    take_everything(page)
    check(page)


def test_a_list_of_hostile_rows_is_judged_and_taken_as_text(page, url):
    rows = "\n".join(f"{row}\t{row}" for row in (MARKUP, MARKS, "=1+1", "<b id=hurt>", "ok"))
    visit(page, f"{url}/batch?last=1&rows={quote(rows)}")
    page.get_by_role("button", name="Go through 5 rows").click()
    expect(page.locator("[data-testid=stDownloadButton] button").first).to_be_visible(
        timeout=60_000
    )
    idle(page)
    assert take_everything(page) >= 2
    check(page)


def test_hostile_lines_are_learned_and_shown_as_text(page, url):
    lines = "\n".join(f"<b id=hurt>{n}</b> $q7$ => ![t](//127.0.0.1:9/{n})" for n in range(24))
    visit(page, f"{url}/train?toy=own&steps=50&lines={quote(lines)}")
    page.get_by_role("button", name="Start").click()
    expect(page.get_by_text("Done.")).to_be_visible(timeout=180_000)
    idle(page)
    check(page)
    assert take_everything(page) >= 1
