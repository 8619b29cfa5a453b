"""What is written about the code is true of it: snippets run, tables and drawing are fresh, the site is whole."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import textwrap
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest

from docs import rooms, scores
from s2s.models import MODELS
from s2s.tasks import TASKS
from s2s.training.recipes import RECIPES
from tests.test_floors import ROOMS

ROOT = Path(__file__).resolve().parent.parent
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
CARDS = sorted((ROOT / "checkpoints").glob("*/README.md"))
PYTHON = re.compile(r"^( *)```python\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)\s]+)\)")
SVG = "{http://www.w3.org/2000/svg}"


def snippets(page: Path) -> list[str]:
    return [textwrap.dedent(m[2]) for m in PYTHON.finditer(page.read_text(encoding="utf-8"))]


@pytest.fixture
def registries():
    """Snippets may register things; afterwards all is as before."""
    before = [(registry, dict(registry)) for registry in (MODELS, TASKS, RECIPES)]
    yield
    for registry, content in before:
        registry.clear()
        registry.update(content)


@pytest.mark.parametrize("page", filter(snippets, PAGES), ids=lambda p: p.name)
def test_snippets_run(page, registries):
    """Those of one page in order, in one namespace, as a reader would type them."""
    namespace = {"__name__": "__main__"}
    for number, code in enumerate(snippets(page), 1):
        exec(compile(code, f"{page.name}, snippet {number}", "exec"), namespace)


@pytest.mark.parametrize("page", [*PAGES, *CARDS], ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page):
    for link in LINK.findall(page.read_text(encoding="utf-8")):
        target = link.partition("#")[0]
        if "://" in target or not target or target.startswith("api/"):  # api/: made by the site
            continue
        assert (page.parent / target).exists(), link


def test_the_readme_is_short():
    assert len((ROOT / "README.md").read_text(encoding="utf-8").splitlines()) <= 130


def test_the_drawing_shows_the_rooms_as_they_are():
    root = ElementTree.parse(rooms.DRAWING).getroot()
    needs = rooms.graph(rooms.rooms())
    drawn = {g.get("data-room"): int(g.get("data-floor")) for g in root.iter(f"{SVG}g")}
    assert drawn == rooms.floors(needs), "python docs/rooms.py"
    assert set(drawn) == {*ROOMS, rooms.APP} - {"__main__"}
    drawn = {(p.get("data-from"), p.get("data-to")) for p in root.iter(f"{SVG}path")}
    expected = {(a, b) for a, lows in rooms.reduced(needs).items() for b in lows}
    assert drawn - {(None, None)} == expected, "python docs/rooms.py"


def test_arrows_left_out_follow_from_those_drawn():
    needs = rooms.graph(rooms.rooms())
    drawn, below = rooms.reduced(needs), {}
    for room in sorted(needs, key=rooms.floors(needs).get):
        below[room] = drawn[room].union(*(below[low] for low in drawn[room]))
        assert needs[room] <= below[room]
        for low in drawn[room]:  # none could go without losing something
            rest = drawn[room] - {low}
            assert low not in rest.union(*(below[other] for other in rest))


@pytest.mark.parametrize("page", scores.files(), ids=lambda p: str(p.relative_to(ROOT)))
def test_score_tables_are_those_of_the_reports(page):
    text = page.read_text(encoding="utf-8")
    assert text.count("<!-- scores -->") == text.count("<!-- /scores -->") == 1
    assert text == scores.files()[page], "python docs/scores.py"


class Fetched(HTMLParser):
    """Addresses that a browser fetches when it opens a page."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag, attrs):
        if tag != "a":
            self.found += [
                value or "" for name, value in attrs if name in ("src", "href", "srcset")
            ]


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    out = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--quiet", "--site-dir", out]
    environment = os.environ | {"NO_MKDOCS_2_WARNING": "1"}
    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    return out


def test_the_site_takes_nothing_from_elsewhere(site):
    for page in site.rglob("*.html"):
        parser = Fetched()
        parser.feed(page.read_text(encoding="utf-8"))
        assert parser.found
        assert not [a for a in parser.found if re.match(r"(https?:)?//", a)], page.name
    for sheet in site.rglob("*.css"):
        assert not re.search(r"(@import|url\()\s*[\"']?(https?:)?//", sheet.read_text("utf-8"))


def test_the_site_has_every_room_and_the_tables(site):
    for room in set(ROOMS) - {"__main__"}:
        text = (site / "api" / f"{room}.html").read_text(encoding="utf-8")
        assert "doc-heading" in text, room
    assert "weights_sha256" in (site / "trace.html").read_text(encoding="utf-8")
    assert "translate-en-fr-bahdanau" in (site / "scores.html").read_text(encoding="utf-8")
    assert not list(site.rglob("*.py"))
