"""A file of gold links that someone brings along: every head is ranked by it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import streamlit as st

from pages.lab.context import Lab
from pages.parts.looks import ranked
from pages.parts.text import fail, plain
from s2s.analysis.ranking import GoldPair, read_gold
from s2s.errors import S2SError
from s2s.locale import _, later, translated

MOST = 500  # pairs of a file that are read
HELD = "gold-pairs"
FORMAT = later(
    "A row a pair, words as people linked them. **TSV**: columns `src`, `tgt` (words between spaces) and `links` "
    "(`1-1 2-3p`, from 1). **JSONL**: `src` and `tgt` (lists of words), `sure` and `possible` (lists of pairs "
    "of numbers, from 0). At most 1 MB, 500 pairs."
)


def bring_gold() -> None:
    """Where a file is brought along."""
    with st.popover(_("Your own gold file"), icon=":material/upload_file:", type="tertiary"):
        st.markdown(translated(FORMAT))
        st.file_uploader(
            _("Gold links, .tsv or .jsonl"),
            type=["tsv", "jsonl"],
            key="gold-upload",
            on_change=_take,
            max_upload_size=1,
        )


def ranking_of_file(lab: Lab) -> dict[str, Any]:
    """The ranking of heads by an uploaded file, as ``s2s align`` makes it; nothing without one."""
    if problem := st.session_state.get("gold-problem"):
        fail(problem)
    held = st.session_state.get(HELD)
    if held is None:
        return {}
    name, pairs = held
    try:
        found = ranked(lab, name, pairs[:MOST])
    except S2SError as error:
        fail(str(error))
        return {}
    if not found:
        return {}
    with st.container(horizontal=True, vertical_alignment="center"):
        said = _("Judged by {name}.").format(name=name)
        if len(pairs) > MOST:
            more = _(" The first {most} of {n:,} pairs are read.")
            said += more.format(most=MOST, n=len(pairs))
        st.caption(plain(said), width="content")
        st.button(_("Remove the file"), icon=":material/close:", type="tertiary", on_click=_drop)
    return found


def _take() -> None:
    file = st.session_state["gold-upload"]
    st.session_state["gold-problem"] = ""
    if file is None:
        return
    try:
        pairs = pairs_of(file.name, file.getvalue())
        st.session_state[HELD] = (file.name[:80], pairs)
    except S2SError as error:
        st.session_state["gold-problem"] = str(error)


def _drop() -> None:
    st.session_state.pop(HELD, None)


def pairs_of(name: str, data: bytes) -> tuple[GoldPair, ...]:
    """The pairs of a file's bytes. Raises S2SError, which calls the file by its own name."""
    kind = ".jsonl" if name.lower().endswith(".jsonl") else ".tsv"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"gold{kind}"
        path.write_bytes(data)
        try:
            return tuple(read_gold(path))
        except S2SError as error:
            raise S2SError(str(error).replace(str(path), name[:80])) from None
