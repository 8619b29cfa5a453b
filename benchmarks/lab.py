"""From click to answer in both labs, panel by panel: ``python benchmarks/lab.py``.

Opens a lab on sentences of 15 words that the app has not seen, walks through the panels, and waits
until Streamlit has finished the rerun that a click began. The model is warm. Surgery has a word hidden.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Page, sync_playwright

from pages.attention.panels import PANELS as LOOKS
from pages.lab.panels import PANELS
from tests.browser import FLAGS, executable
from tests.server import serve

SENTENCES = [
    "My older brother would like to become a famous musician one day in the capital.",
    "There is nothing at all that we can do about it now, so please calm down.",
    "The children were still playing in the garden when it suddenly started to rain very hard.",
]
LABS = {
    "beam_lab": (PANELS, "panel"),
    "attention_lab": (LOOKS, "look"),
}  # page → panels, their code
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


def clicked(page: Page, locator) -> float:
    """Seconds from a click until its rerun is over."""
    begin = time.perf_counter()
    locator.click()
    page.wait_for_timeout(30)  # the click has to arrive first
    page.wait_for_selector(IDLE)
    return time.perf_counter() - begin


def main() -> None:
    times: dict[tuple[str, str], list[float]] = {}
    with serve() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(url)
        page.wait_for_timeout(3000)
        for lab, (panels, code) in LABS.items():
            first, *others = panels
            for n, sentence in enumerate(["Hello there.", *SENTENCES]):
                query = {"text": sentence, "target": "Je ne sais pas.", "cuts": "h2-3", code: first}
                page.goto(f"{url}/{lab}?{urlencode(query)}")
                radio = page.get_by_role("radio", name=str(panels[first][0]), exact=True).first
                radio.wait_for()
                page.wait_for_selector(IDLE)
                page.wait_for_timeout(800)
                for name in (*others, first):
                    radio = page.get_by_role("radio", name=str(panels[name][0]), exact=True).first
                    seconds = clicked(page, radio)
                    page.wait_for_timeout(200)
                    if n:  # the first sentence warms up
                        times.setdefault((lab, name), []).append(seconds)
        browser.close()
    for (lab, name), found in times.items():
        print(
            f"{lab:14} {name:10} median {statistics.median(found):.2f} s, slowest {max(found):.2f} s"
        )


if __name__ == "__main__":
    main()
