"""From a key press or a click to the drawn picture in a real browser: ``python benchmarks/page.py [-m MODEL]``.

First a fresh server: how long until a browser that opened the page at once shows an answer. Then, warm, types
sentences that the app has not seen, asks for them by Ctrl+Enter and by a click on Translate, in turn, and
waits until lines are drawn for the new sentence. Every sentence is decoded afresh. Prints where the time
goes: ``sent`` the browser has asked, ``came`` the picture's data are in the browser, ``drawn`` the picture
stands; ``ended`` the page stands down to its end. Between sent and came lies the server's work and the wire,
which is this machine's own.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from playwright.sync_api import Page, sync_playwright

from benchmarks.decode import sentences
from tests.browser import FLAGS, executable
from tests.server import serve

WARM = 4
# Notes what goes over the wire and when. Messages are protobuf with JSON inside.
WIRE = """
window.wire = [];
const read = data => typeof data === 'string' ? data : new TextDecoder('latin1').decode(data);
const note = (to, data) => wire.push({to, at: performance.now(), size: data.byteLength ?? data.length,
    lines: !to && read(data).includes('"part": "lines"')});
window.WebSocket = class extends WebSocket {
    constructor(...given) {
        super(...given);
        this.addEventListener('message', event => note(false, event.data));
    }
    send(data) { note(true, data); super.send(data); }
};
"""
# Watches the page from within, so that no round trip to the driver is counted.
WATCH = """([wanted, click]) => new Promise(done => {
    wire.length = 0;
    const begin = performance.now(), at = {};
    const app = document.querySelector('[data-testid=stApp]');
    const box = document.querySelector('textarea');
    if (click) {
        const button = [...document.querySelectorAll('button')].find(b => b.innerText.endsWith('Translate'));
        box.blur();
        button.click();
    } else box.dispatchEvent(new KeyboardEvent('keydown', {key: 'Enter', ctrlKey: true, bubbles: true}));
    const words = () => [...document.querySelectorAll('[data-testid=stBidiComponentIsolated]')]
        .map(e => e.shadowRoot)
        .map(r => r.querySelector('.lines .row.src')).filter(Boolean)
        .map(r => [...r.children].map(c => c.textContent).join(' '))[0];
    const look = () => {
        const now = performance.now() - begin, state = app.dataset.testScriptState;
        if (words() === wanted) at.drawn ??= now;
        if (now > 10000 || at.drawn && state !== 'running' && wire.length && performance.now() - wire.at(-1).at > 300) {
            const came = wire.filter(m => !m.to);
            at.sent = wire.find(m => m.to).at - begin;
            at.came = (came.findLast(m => m.lines && m.at - begin <= at.drawn) ?? came[0]).at - begin;
            at.ended = came.at(-1).at - begin;
            at.kilobytes = came.reduce((sum, m) => sum + m.size, 0) / 1000;
            at.messages = came.length;
            return done(at);
        }
        requestAnimationFrame(look);
    };
    look();
})"""


def fresh(page: Page, url: str, began: float) -> None:
    """How long a browser waits for the first answer of a server that has just been started."""
    up = time.monotonic() - began
    page.goto(f"{url}/?text=Hello.")
    page.locator(".answer .word").first.wait_for()
    answered = time.monotonic() - began
    page.locator(".lines .row.src .word").first.wait_for()
    drawn = time.monotonic() - began
    print(f"fresh  server up {up:.1f} s, answer {answered:.1f} s, picture {drawn:.1f} s")


def ask(page: Page, sentence: str, click: bool) -> dict[str, float]:
    """Milliseconds since the key or the click."""
    time.sleep(0.7)
    page.get_by_role("textbox", name="Text to translate").fill(sentence)
    wanted = " ".join(sentence[:-1].split()) + " . end"
    found: dict[str, Any] = page.evaluate(WATCH, [wanted, click])
    return found


def show(found: list[dict[str, float]]) -> None:
    for name in ("sent", "came", "drawn", "ended", "kilobytes", "messages"):
        values = sorted(at[name] for at in found)
        late = values[min(len(values) - 1, int(0.95 * len(values)))]
        unit = "ms" if name in ("sent", "came", "drawn", "ended") else ""
        print(
            f"  {name:9} median {statistics.median(values):4.0f} {unit:2}  fastest {values[0]:4.0f}  "
            f"95 % {late:4.0f}  slowest {values[-1]:4.0f}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("-m", "--model", default="", help="a checkpoint's name; the page's own")
    parser.add_argument("-n", type=int, default=20, help="sentences timed each way")
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=FLAGS)
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.add_init_script(WIRE)
        began = time.monotonic()
        with serve() as url:
            fresh(page, url, began)
            if arguments.model:
                page.goto(f"{url}/?text=Hello.&model={arguments.model}")
                page.locator(".lines .row.src .word").first.wait_for()
            found: dict[bool, list[dict[str, float]]] = {False: [], True: []}
            for n, sentence in enumerate(sentences(2 * (WARM + arguments.n))):
                found[n % 2 == 1].append(ask(page, sentence, n % 2 == 1))
            for click, times in found.items():
                print("a click on Translate" if click else "Ctrl+Enter")
                show(times[WARM:])
        browser.close()


if __name__ == "__main__":
    main()
