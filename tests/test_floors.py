"""The house: what may import what, and what the code must not do."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
# A room is a folder of s2s/ or a file on its top; each imports only rooms that stand before it.
ROOMS = (
    *("errors", "locale", "options", "config"),  # the ground
    *("text", "metrics", "trace", "tasks", "data", "models", "search"),
    *("migration", "weights", "checkpoint", "training", "pipeline"),
    *(
        "analysis",
        "export",
        "figures",
        "evaluate",
        "terminal",
        "bulk",
        "commands",
        "cli",
        "__main__",
    ),
)
SOURCES = sorted((ROOT / "s2s").rglob("*.py"))
PAGES = [ROOT / "app.py", *sorted((ROOT / "pages").rglob("*.py"))]


def imports(path: Path) -> set[str]:
    """Modules that a file imports, anywhere in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def room(module: str) -> str | None:
    """The room of ``s2s.room`` or ``s2s.room.file``; None: not one of ours, or ``s2s`` itself."""
    house, _, rest = module.partition(".")
    first = rest.partition(".")[0]
    return first if house == "s2s" and first in ROOMS else None


def test_every_room_has_its_place():
    found = {p.stem for p in (ROOT / "s2s").iterdir() if p.suffix == ".py" or p.is_dir()}
    assert found - {"__init__", "__pycache__"} == set(ROOMS)


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_room_imports_only_rooms_before_it(path):
    own = path.relative_to(ROOT / "s2s").parts[0].removesuffix(".py")
    if own == "__init__":
        assert not {room(m) for m in imports(path)} - {None}
        return
    for module in imports(path):
        other = room(module)
        if other and other != own:
            assert ROOMS.index(other) < ROOMS.index(own), f"{own} imports {module}"


SPECIAL = re.compile(r"\b(PAD|UNK|BOS|EOS)\b")


@pytest.mark.parametrize("path", [*SOURCES, *PAGES], ids=lambda p: str(p.relative_to(ROOT)))
def test_special_ids_stay_in_the_vocabulary(path):
    """Everywhere else they are asked of a ``Vocabulary``: another model has others."""
    if path.parent.name == "text" or "models" in path.parts:
        return
    found = SPECIAL.search(path.read_text(encoding="utf-8"))
    assert found is None, found


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_the_core_does_not_know_streamlit(path):
    assert not {m for m in imports(path) if m.split(".")[0] == "streamlit"}


@pytest.mark.parametrize("path", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_pages_do_not_know_torch(path):
    assert not {m for m in imports(path) if m.split(".")[0] == "torch"}


@pytest.mark.parametrize("path", [*SOURCES, *PAGES], ids=lambda p: str(p.relative_to(ROOT)))
def test_no_pickles_and_no_unsafe_html(path):
    text = path.read_text(encoding="utf-8")
    for word in ("unsafe_allow_html", "unsafe_allow_javascript", "pickle.load", "torch.load("):
        assert word not in text


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.name)
def test_pages_are_thin(path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 120


# Code that is still longer than it should be: an entry goes when its code is cut, none is added.
LONG_FILES: set[str] = set()
LONG_FUNCTIONS: set[str] = set()


def test_nothing_is_too_long_to_be_read():
    """No file over 300 lines, no function over 60."""
    files, functions = set(), set()
    for path in [*SOURCES, *PAGES, *sorted((ROOT / "tests").glob("*.py"))]:
        name, text = path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8")
        if len(text.splitlines()) > 300:
            files.add(name)
        for node in ast.walk(ast.parse(text)):
            if isinstance(node, ast.FunctionDef) and node.end_lineno - node.lineno >= 60:
                functions.add(f"{name}:{node.name}")
    assert files == LONG_FILES
    assert functions == LONG_FUNCTIONS
