"""Pages in the second language: nothing of the sources' own is left where a catalogue could say it."""

from __future__ import annotations

import json
import re

import pytest

from s2s.locale import path as catalogue
from s2s.locale import read
from tests.pages import opened, part, said, settings, unfold

LATIN = re.compile(r"[A-Za-z]{3,}")
KINDS = (
    *("button", "toggle", "radio", "selectbox", "slider", "select_slider", "number_input"),
    *("text_input", "text_area", "expander", "metric", "chat_input", "button_group"),
    *("download_button", "popover", "file_uploader", "page_link", "dataframe"),
)
PAGES = {
    "translate": {"text": "Where is the station?"},
    "dialogue": {"turn": ["Hello, how are you?", "I am fine."], "inside": "1"},
    "summarize": {},
    "batch": {"rows": "A cat.\nA DOG."},
    "train": {},
}
ENGLISH = {
    form
    for text in read(catalogue("zh"))
    for form in text.split("\0")
    if text and read(catalogue("zh"))[text] != text and " " in form.strip() and "{" not in form
} - {"with attention", "without attention"}  # as titles of models have it, which are names


def strings(page) -> list[str]:
    """Labels, helps, hints, choices and sentences, with what the components are told."""
    found = said(page).split("</style>", 1)[-1].split("\n")
    for kind in KINDS:
        for element in page.get(kind):
            proto = element.proto
            found += [str(getattr(proto, name, "")) for name in ("label", "help", "placeholder")]
            found += [str(x) for x in getattr(proto, "options", [])]
    return [x for x in found if x]


@pytest.mark.parametrize("name", PAGES)
def test_no_sentence_of_the_sources_is_left(name):
    page = opened(name, lang="zh", **PAGES[name])
    if name == "translate":
        page = settings(unfold(page, "candidates"))
    found = strings(page)
    assert len(found) > 5
    left = [(english, x) for x in found for english in ENGLISH if english in x]
    assert left == []


@pytest.mark.parametrize("name", PAGES)
def test_every_label_is_translated(name):
    """Except titles of models, and what visitors type themselves."""
    page = opened(name, lang="zh", **PAGES[name])
    for kind in ("button", "toggle", "slider", "text_input", "text_area", "expander", "popover"):
        for element in page.get(kind):
            if str(getattr(element, "key", "")).startswith(("example-", "language-", "say-")):
                continue
            label = element.proto.label if hasattr(element.proto, "label") else ""
            assert not label or not LATIN.search(label) or not label.isascii(), label


def test_the_scripts_are_told_what_to_say():
    for language, empty in (("en", True), ("zh", False)):
        page = opened(text="A dog.", lang=language)
        for element in page.get("bidi_component"):
            data = json.loads(element.proto.json or "{}")
            if "part" in data:
                assert (data["says"] == {}) == empty
    assert part(page, "step")["says"]["Next step"] == "下一步"


def test_a_warning_is_shown_in_the_language_of_the_page():
    """The same answer, kept for both: programs read its remarks in English."""
    text = "THE CAT IS ASLEEP 4711."
    english, chinese = (
        opened(text=text, lang=x, model="translate-en-fr-lstm") for x in ("en", "zh")
    )
    one, other = (" ".join(w.value for w in page.warning) for page in (english, chinese))
    assert one
    assert other
    assert one.isascii() or "“" in one
    assert re.search(r"[\u4e00-\u9fff]", other)
    assert not re.search(r"[\u4e00-\u9fff]", one)
