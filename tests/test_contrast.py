"""Text is readable on every page, light and dark: contrast of at least 4.5 to 1 (WCAG 2.2, 1.4.3)."""

from __future__ import annotations

from pathlib import Path

import pytest

from pages.attention.panels import PANELS as LOOKS
from pages.lab.panels import PANELS
from tests.pages import visit

SCRIPT = (Path(__file__).parent / "contrast.js").read_text(encoding="utf-8")
TEXT = "text=The+old+man+has+lost+his+keys."
ADDRESSES = [
    f"/?{TEXT}",
    f"/?{TEXT}&view=matrix&unit=pieces",
    f"/?{TEXT}&rival=translate-en-fr-lstm",
    "/?max_length=nonsense",
    "/dialogue?turn=Hello.&turn=Hi!",
    "/summarize",
    *(f"/attention_lab?{TEXT}&look={look}&cuts=h2-3&gold=1-1" for look in LOOKS),
    *(f"/beam_lab?{TEXT}&panel={panel}" for panel in PANELS),
]
THEMES = [
    {"viewport": {"width": 1280, "height": 800}, "color_scheme": theme}
    for theme in ("light", "dark")
]


@pytest.mark.parametrize("context", THEMES, indirect=True, ids=lambda c: c["color_scheme"])
@pytest.mark.parametrize("address", ADDRESSES)
def test_text_stands_out_from_its_ground(page, url, address, context):
    visit(page, url + address)
    result = {"looked": 0, "found": []}
    for _ in range(60):  # what is still coming is half transparent; what is pale stays so
        before, result = result["looked"], page.evaluate(SCRIPT)
        if result["looked"] == before > 8 and not result["found"]:
            break  # and all charts stand: nothing has come since the last look
        page.wait_for_timeout(500)
    assert result["looked"] > 8
    assert not result["found"], result["found"]


def test_pale_text_would_be_found(page, url):
    visit(page, f"{url}/?{TEXT}")
    page.evaluate(
        "document.body.insertAdjacentHTML('beforeend', '<p style=\"color:#999\">too pale</p>')"
    )
    assert any("too pale" in text for text in page.evaluate(SCRIPT)["found"])
