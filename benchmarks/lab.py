"""From click to answer in the Beam lab, panel by panel: ``python benchmarks/lab.py``.

Opens the lab on sentences of 15 words that the app has not seen, walks through the panels, and waits
until Streamlit has finished the rerun that a click began. The model is warm.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Page, sync_playwright

from pages.lab.panels import PANELS
from tests.browser import FLAGS, executable
from tests.server import serve

SENTENCES = [
    "My older brother would like to become a famous musician one day in the capital.",
    "There is nothing at all that we can do about it now, so please calm down.",
    "The children were still playing in the garden when it suddenly started to rain very hard.",
]
IDLE = "[data-testid=stApp][data-test-script-state=notRunning]"


def clicked(page: Page, locator) -> float:
    """Seconds from a click until its rerun is over."""
    begin = time.perf_counter()
    locator.click()
    page.wait_for_timeout(30)  # the click has to arrive first
    page.wait_for_selector(IDLE)
    return time.perf_counter() - begin


def main() -> None:
    times: dict[str, list[float]] = {name: [] for name in PANELS}
    with serve() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(url)
        page.wait_for_timeout(3000)
        for n, sentence in enumerate(["Hello there.", *SENTENCES]):
            query = {"text": sentence, "target": "Je ne sais pas.", "panel": "Checks"}
            page.goto(f"{url}/beam_lab?{urlencode(query)}")
            page.get_by_text("attention rows sum to 1").wait_for()
            page.wait_for_timeout(800)
            pills = page.get_by_role("radiogroup", name="Look at").get_by_role("radio")
            for i, name in enumerate(PANELS):
                seconds = clicked(page, pills.nth(i))
                page.wait_for_timeout(200)
                if n:  # the first sentence warms up
                    times[name].append(seconds)
        browser.close()
    for name, found in times.items():
        print(f"{name:16} median {statistics.median(found):.2f} s, slowest {max(found):.2f} s")


if __name__ == "__main__":
    main()
