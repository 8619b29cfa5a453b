"""Make the pictures of README.md and of the model cards: ``make pictures``.

Photographs the running app in Chromium, and draws BLEU by source length from the checkpoints'
metrics.json.
"""

from __future__ import annotations

import sys
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Browser, Page, sync_playwright

from s2s.checkpoint import read_metrics, shipped
from s2s.figures.lengths import by_length
from s2s.tasks import TASKS
from tests.browser import FLAGS, executable
from tests.server import serve

DOCS = Path(__file__).resolve().parent
SENTENCE = "She told me that she had never been to Paris."
PARTED = "The old man who lives next door plays the piano every evening."
DRAWN = ".lines .row .word, .tree .node, .js-plotly-plot"
TALK = ["I went to the beach with my dog.", "He likes to swim in the sea."]
TEXT = TASKS["summarization"].examples[0].text
PAGES = {
    "translate": f"/?{urlencode({'text': SENTENCE})}",
    "dialogue": "/dialogue",
    "lab": f"/beam_lab?{urlencode({'text': PARTED})}",
    "attention": f"/attention_lab?{urlencode({'text': SENTENCE})}",
    "learn": f"/learn?{urlencode({'text': SENTENCE, 'lesson': 'attention'})}",
    "summarize": f"/summarize?{urlencode({'document': TEXT})}",
}
SHOTS = {  # file → page, width, height, colour scheme
    "translate.png": ("translate", 1280, 800, "light"),
    "translate-dark.png": ("translate", 1280, 800, "dark"),
    "translate-phone.png": ("translate", 390, 844, "light"),
    "summarize.png": ("summarize", 1280, 800, "light"),
    "dialogue.png": ("dialogue", 1280, 800, "light"),
    "beam-lab.png": ("lab", 1280, 800, "light"),
    "attention-lab.png": ("attention", 1280, 800, "light"),
    "learn.png": ("learn", 1280, 800, "light"),
}
TATOEBA = "Tatoeba en-fr, held-out sources"
MODELS = {
    "Transformer": "translate-en-fr-transformer",
    "Bahdanau GRU, attention": "translate-en-fr-bahdanau",
    "LSTM, no attention": "translate-en-fr-lstm",
}


def photograph(browser: Browser, url: str) -> None:
    """Every page at desktop width, Translate also dark and on a phone."""
    warm = browser.new_page()
    warm.goto(f"{url}/?text=Hello.")
    warm.wait_for_selector(DRAWN, state="attached")
    warm.close()
    for name, (what, width, height, scheme) in SHOTS.items():
        page = browser.new_page(viewport={"width": width, "height": height}, color_scheme=scheme)
        page.goto(url + PAGES[what])
        if what == "dialogue":
            talk(page)
        page.wait_for_selector(DRAWN, state="attached")
        page.wait_for_timeout(2500)
        page.screenshot(path=DOCS / name)
        page.close()


def talk(page: Page) -> None:
    """Say two things; the panel beside the conversation goes along."""
    messages = page.get_by_test_id("stChatMessage")
    messages.nth(1).wait_for()
    for n, text in enumerate(TALK):
        box = page.get_by_placeholder("Say something")
        box.fill(text)
        box.press("Enter")
        messages.nth(3 + 2 * n).wait_for()


def length_plot(browser: Browser) -> None:
    """BLEU by source length with and without attention, on everyday sentences."""
    reports = {}
    for title, name in MODELS.items():
        reports[title] = read_metrics(shipped() / name)["tests"][TATOEBA]["by_length"]
    figure = by_length(reports, "BLEU")
    figure.update_layout(paper_bgcolor="white", font={"size": 15})
    page = browser.new_page(viewport={"width": 900, "height": 440})
    page.set_content(figure.to_html(include_plotlyjs=True))
    page.wait_for_selector(".js-plotly-plot .xtick text")
    page.screenshot(path=DOCS / "bleu-by-length.png")
    page.close()


def main() -> None:
    """Make every picture."""
    with serve() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        length_plot(browser)
        photograph(browser, url)
        browser.close()


if __name__ == "__main__":
    main()
