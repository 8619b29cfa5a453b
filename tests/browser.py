"""Find a Chromium that Playwright can drive. ``python -m tests.browser`` says which."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
PLACES = ("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",)
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def executable() -> str | None:
    """Path of an installed browser: S2S_BROWSER, the system's, or Playwright's own."""
    for candidate in (os.environ.get("S2S_BROWSER"), *map(shutil.which, NAMES), *PLACES):
        if candidate and Path(candidate).exists():
            return candidate
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else None


if __name__ == "__main__":
    found = executable()
    print(found or "no Chromium found", file=sys.stderr)
    sys.exit(0 if found else 1)
