"""The house: what may import what, and what the code must not do."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FLOORS = {
    "s2s.errors": -1, "s2s": -1,
    "s2s.config": 0, "s2s.tokenizer": 0, "s2s.metrics": 0, "s2s.terminal": 0,
    "s2s.trace": 0.5, "s2s.tasks": 0.5, "s2s.data": 1, "s2s.models": 1, "s2s.recipes": 1,
    "s2s.variants": 1.2, "s2s.candidates": 1.2, "s2s.recording": 1.5,
    "s2s.search": 2, "s2s.checkpoint": 2, "s2s.mutual": 2.5, "s2s.validation": 2.5,
    "s2s.risk": 2.5,
    "s2s.pipeline": 3, "s2s.analysis": 3, "s2s.figures": 3.5,
    "s2s.runstate": 2, "s2s.progress": 3, "s2s.reports": 3.7, "s2s.evaluate": 4, "s2s.train": 4, "s2s.__main__": 5,
}  # fmt: skip
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
            if node.module in ("s2s", "s2s.models", "s2s.analysis", "s2s.figures"):
                found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def floor(module: str) -> float | None:
    while module:
        if module in FLOORS:
            return FLOORS[module]
        module = module.rpartition(".")[0]
    return None


@pytest.mark.parametrize("path", SOURCES, ids=lambda p: str(p.relative_to(ROOT)))
def test_a_floor_imports_only_floors_below(path):
    module = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
    package = ".".join(module.split(".")[:2])
    mine = floor(module)
    for other in imports(path):
        if other.split(".")[0] != "s2s" or ".".join(other.split(".")[:2]) == package:
            continue
        assert floor(other) < mine, f"{module} imports {other}"


def test_every_module_has_a_floor():
    for path in SOURCES:
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts[:2]).removesuffix(
            ".__init__"
        )
        assert module in FLOORS, module


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
    assert len(path.read_text(encoding="utf-8").splitlines()) <= 100
