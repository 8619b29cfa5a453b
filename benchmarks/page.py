"""From click to drawn heatmap in a real browser: ``python benchmarks/page.py``.

Types sentences that the app has not seen, clicks Translate, and waits until the heatmap shows rows for
the new output. The model is warm; every sentence is decoded afresh.
"""

from __future__ import annotations

import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import sync_playwright

from benchmarks.decode import sentences
from tests.browser import FLAGS, executable
from tests.server import serve

WARM, TIMED = 3, 15
# the first column label of the first heatmap, and its number of columns
LABELS = """() => [...document.querySelectorAll('.js-plotly-plot')].slice(0, 1)
    .map(p => [...p.querySelectorAll('.xtick text')].map(t => t.textContent).join(' '))[0] || ''"""


def main() -> None:
    with serve() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 1000})
        page.goto(f"{url}/?text=Hello.")
        page.wait_for_selector(".js-plotly-plot .xtick text")
        times = []
        for sentence in sentences(WARM + TIMED):
            page.wait_for_timeout(700)
            page.get_by_label("Text to translate").fill(sentence)
            wanted = " ".join(sentence[:-1].split()) + " . </s>"
            button = page.get_by_role("button", name="Translate").last
            begin = time.perf_counter()
            button.click()
            page.wait_for_function(f"wanted => ({LABELS})() === wanted", arg=wanted, polling=10)
            times.append(time.perf_counter() - begin)
        browser.close()
    times = sorted(times[WARM:])
    print(
        f"click to drawn heatmap, {len(times)} sentences, warm: median "
        f"{statistics.median(times) * 1000:.0f} ms, fastest {times[0] * 1000:.0f} ms, "
        f"slowest {times[-1] * 1000:.0f} ms"
    )


if __name__ == "__main__":
    main()
