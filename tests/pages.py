"""Pages as a test sees them: through AppTest, and in a browser."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Locator, Page
from streamlit.testing.v1 import AppTest

ROOT = Path(__file__).resolve().parent.parent
LSTM = "translate-en-fr-lstm"
BAHDANAU = "translate-en-fr-bahdanau"
SAID = ("markdown", "caption", "info", "warning", "error", "success", "subheader", "title")


# ------------------------------------------------------------------------------------------ AppTest
def opened(name: str = "translate", **query) -> AppTest:
    """A page with these values in its address."""
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=120)
    if name != "translate":
        page.switch_page(f"pages/{name}.py")
    for key, value in query.items():
        page.query_params[key] = value
    page.run()
    assert not page.exception
    return page


def part(page: AppTest, name: str, nth: int = 0) -> dict:
    """What a part of the attention component is told."""
    found = [json.loads(e.proto.json or "{}") for e in page.get("bidi_component")]
    return [data for data in found if data.get("part") == name][nth]


def parts(page: AppTest) -> list[str]:
    """Which parts stand on the page, in order."""
    found = [json.loads(e.proto.json or "{}") for e in page.get("bidi_component")]
    return [data["part"] for data in found if "part" in data]


def answer(page: AppTest) -> str:
    """The answer as text."""
    return part(page, "answer")["text"]


def code(page: AppTest, name: str) -> str | None:
    """What the page's address holds under a name."""
    value = page.query_params.get(name)
    return value[0] if isinstance(value, list) else value


def labelled(elements, label: str):
    """The widget with this label."""
    return next(e for e in elements if e.label == label)


def box(page: AppTest):
    """The one text area of a page, or the first."""
    return page.text_area[0]


def type_into(page: AppTest, text: str) -> AppTest:
    """Type and commit."""
    box(page).set_value(text).run()
    assert not page.exception
    return page


def press(page: AppTest, label: str) -> AppTest:
    """Click a button."""
    labelled(page.button, label).click().run()
    assert not page.exception
    return page


def unfold(page: AppTest, key: str) -> AppTest:
    """Open an expander."""
    page.session_state[key] = True
    page.run()
    assert not page.exception
    return page


def settings(page: AppTest, task: str = "translation") -> AppTest:
    """Open the search settings."""
    return unfold(page, f"settings-{task}")


def said(page: AppTest) -> str:
    """Everything that is written on the page."""
    found = [e.value for kind in SAID for e in getattr(page, kind)]
    return "\n".join(found + [e.proto.body for e in page.get("html")])


# ------------------------------------------------------------------------------------------ browser
IDLE = "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"


def count_frames(page: Page) -> None:
    """Count what the server sends: a run may be over before the page could show that it began."""
    page.received = 0

    def one_more(_) -> None:
        page.received += 1

    page.on("websocket", lambda socket: socket.on("framereceived", one_more))


def visit(page: Page, url: str) -> Page:
    """Open an address and wait until its first run has ended."""
    page.goto(url)
    page.wait_for_function(  # the first visit waits for the imports of a fresh server
        f"{IDLE} && document.querySelector('[data-testid=stMainBlockContainer]')", timeout=120_000
    )
    idle(page)
    return page


@contextmanager
def rerun(page: Page) -> Iterator[None]:
    """What is done inside makes the app run again; leave when that run has ended."""
    idle(page)
    before, begin = page.received, time.monotonic()
    yield
    while page.received == before:
        assert time.monotonic() - begin < 30, "the app did not run again"
        page.wait_for_timeout(10)
    idle(page)


def idle(page: Page) -> None:
    """Wait until the app is not running and the server has been silent for a moment."""
    silent, begin = 0, time.monotonic()
    while silent < 3:
        before = page.received
        page.wait_for_timeout(40)
        still = page.received == before and page.evaluate(IDLE)
        silent = silent + 1 if still else 0
        assert time.monotonic() - begin < 60, "the app did not come to rest"


def lit(words: Locator) -> list[str]:
    """Which of these words are lit."""
    return words.evaluate_all(
        "all => all.filter(w => w.classList.contains('lit')).map(w => w.textContent)"
    )
