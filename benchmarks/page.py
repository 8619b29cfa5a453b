"""From a key press to the drawn picture in a real browser: ``python benchmarks/page.py``.

Types sentences that the app has not seen, presses Ctrl+Enter, and waits until lines are drawn for the new
sentence. The model is warm; every sentence is decoded afresh. Prints medians, and where the time goes:
until the server's first message, until its run ended, until the picture stood.
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

WARM, TIMED = 4, 15
# Watches the page from within, so that no round trip to the driver is counted.
WATCH = """wanted => new Promise(done => {
    const begin = performance.now(), at = {};
    const app = document.querySelector('[data-testid=stApp]');
    const box = document.querySelector('textarea');
    box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', ctrlKey: true, bubbles: true}));
    const words = () => [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
        .map(e => e.shadowRoot)
        .map(r => r.querySelector('.row.src')).filter(Boolean)
        .map(r => [...r.children].map(c => c.textContent).join(' '))[0];
    const look = () => {
        const now = performance.now() - begin, state = app.dataset.testScriptState;
        if (state === 'running') at.run ??= now;
        if (at.run && state !== 'running') at.ended ??= now;
        if (words() === wanted) at.drawn ??= now;
        if (at.drawn && at.ended || now > 10000) return done(at);
        requestAnimationFrame(look);
    };
    look();
})"""


def main() -> None:
    with serve() as url, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.goto(f"{url}/?text=Hello.")
        page.locator(".lines .row.src .word").first.wait_for()
        found = []
        for sentence in sentences(WARM + TIMED):
            time.sleep(0.7)
            box = page.get_by_role("textbox", name="Text to translate")
            box.fill(sentence)
            wanted = " ".join(sentence[:-1].split()) + " . end"
            found.append(page.evaluate(WATCH, wanted))
        browser.close()
    for name in ("run", "drawn", "ended"):
        times = sorted(at[name] for at in found[WARM:])
        print(
            f"{name:6} median {statistics.median(times):.0f} ms, fastest {times[0]:.0f}, "
            f"slowest {times[-1]:.0f}"
        )


if __name__ == "__main__":
    main()
