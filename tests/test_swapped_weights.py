"""Weights that are swapped under the running app: a page is of one model, and the next one of the new."""

from __future__ import annotations

import shutil
import threading

import pytest
import torch
from streamlit.testing.v1 import AppTest

from pages.parts import cache
from s2s.checkpoint import load, read_config
from s2s.errors import S2SError
from tests.conftest import save_tiny

SCRIPT = """
import streamlit as st
from pages.parts.cache import digest, pin, pipeline

pin()
first = digest("swapped")
st.session_state["swap"]()
st.session_state["seen"] = first, digest("swapped"), pipeline("swapped").checkpoint.digest
"""


@pytest.fixture
def pair(tmp_path, monkeypatch, tokenizer):
    """A folder that the app reads, and another checkpoint to put in its place."""
    shown = save_tiny(tmp_path / "shown", "swapped", "bahdanau", tokenizer)
    other = save_tiny(tmp_path / "other", "swapped", "luong-general", tokenizer)
    monkeypatch.setenv("S2S_CHECKPOINTS", str(shown.parent))
    monkeypatch.setattr(cache, "_models", type(cache._models)())
    return shown, other


def swap(shown, other) -> None:
    for file in other.iterdir():
        shutil.copy(file, shown / file.name)


def test_a_page_keeps_the_model_it_began_with(pair):
    shown, other = pair
    before, after = load(shown).digest, load(other).digest
    app = AppTest.from_string(SCRIPT, default_timeout=60)
    app.session_state["swap"] = lambda: swap(shown, other)
    app.run()
    assert not app.exception
    assert app.session_state["seen"] == (before, before, before)
    app.run()
    assert app.session_state["seen"] == (after, after, after)


def test_files_that_change_while_they_are_read_are_read_again(pair, monkeypatch):
    shown, other = pair
    real, reads = cache.Pipeline, []

    def read(name):
        found = real(name)
        if not reads:
            swap(shown, other)
        reads.append(found.checkpoint.digest)
        return found

    monkeypatch.setattr(cache, "Pipeline", read)
    assert cache._loaded("swapped").checkpoint.digest == load(other).digest
    assert len(reads) == 2


def test_files_that_never_rest_are_refused(pair, monkeypatch):
    stamps = iter(range(10**6))
    monkeypatch.setattr(cache, "stamp", lambda _: next(stamps))
    with pytest.raises(S2SError, match="keep changing"):
        cache._loaded("swapped")


def test_many_sessions_while_weights_are_swapped(pair):
    """Each gets one whole checkpoint: its weights fit its own configuration."""
    shown, other = pair
    first = shown.parent.parent / "first"
    shutil.copytree(shown, first)
    known = {load(first).digest: "bahdanau", load(other).digest: "luong-general"}
    cells = {
        name: read_config(f).model.get("cell")
        for name, f in (("bahdanau", first), ("luong-general", other))
    }
    stop, wrong, seen = threading.Event(), [], set()

    def look() -> None:
        while not stop.is_set():
            try:
                found = cache._loaded("swapped").checkpoint
            except (S2SError, OSError, RuntimeError, ValueError):
                continue  # caught between two files: said, and right the next time
            seen.add(found.digest)
            if found.config.model.get("cell") != cells.get(known.get(found.digest, "")):
                wrong.append(found.digest)

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for source in (other, first) * 6:
        swap(shown, source)
        torch.zeros(1)
        stop.wait(0.1)
    stop.set()
    for thread in threads:
        thread.join(20)
    assert not wrong
    assert seen <= set(known)
