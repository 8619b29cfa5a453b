"""Going through a list: begin, watch, stop, go on. One block of rows at a time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

import streamlit as st

from pages.parts.cache import key_of
from pages.parts.options import Settings
from pages.parts.text import fail
from pages.parts.work import slice_of_work
from s2s.analysis.batch import BLOCK, Judged, Row, judge_block
from s2s.errors import S2SError
from s2s.locale import _, plural
from s2s.pipeline import Pipeline

TICK = 0.2  # seconds between two blocks, in which other visitors are served

Table = Callable[[list[Judged]], None]


def batch_run(model: Pipeline, options: Settings, rows: Sequence[Row], table: Table) -> None:
    """This visitor's run over exactly this list, model and options; ``table`` shows what it found."""
    wanted = (model.checkpoint.digest, key_of(options.search), options.ranking.mutual, rows)
    run = st.session_state.get("batch")
    if run is None or run["of"] != wanted:
        next_block = partial(_judge_next, model, options, rows)
        run = {"of": wanted, "going": False, "judged": [], "next": next_block}
        st.session_state["batch"] = run
    _button(run, len(rows))
    st.fragment(_watch, run_every=TICK if run["going"] else None)(run, len(rows), table)


def _judge_next(model: Pipeline, options: Settings, rows: Sequence[Row], done: int) -> list[Judged]:
    """The block of rows behind those that are done. One that is stopped halfway is not done."""
    block = rows[done : done + BLOCK]
    return slice_of_work(
        lambda tick: judge_block(model.watched(tick), block, options.search, options.ranking)
    )


def _button(run: dict, whole: int) -> None:
    """Start, stop or go on."""
    done = len(run["judged"])
    if run["going"]:
        st.button(
            _("Stop"),
            type="primary",
            icon=":material/stop:",
            key="batch-stop",
            on_click=run.update,
            args=({"going": False},),
        )
    elif done < whole:
        begin = plural("Go through {n} row", "Go through {n} rows", whole).format(n=whole)
        st.button(
            _("Go on with the other {n}").format(n=whole - done) if done else begin,
            type="primary",
            icon=":material/play_arrow:",
            key="batch-start",
            on_click=run.update,
            args=({"going": True, "fresh": True},),
        )


def _watch(run: dict, whole: int, table: Table) -> None:
    """Decode one block, show where it stands; Streamlit comes back until it is done."""
    if run["going"] and not run.pop("fresh", False):  # first the page is drawn, Stop with it
        try:
            run["judged"] += run["next"](len(run["judged"]))
        except S2SError as error:
            run["going"], run["problem"] = False, str(error)
        if len(run["judged"]) >= whole:
            run["going"] = False
        if not run["going"]:
            st.rerun()
    if run.get("problem"):
        fail(run["problem"])
    done = len(run["judged"])
    if run["going"] or 0 < done < whole:
        st.progress(done / whole, _("{done} of {whole} rows").format(done=done, whole=whole))
    if done:
        table(run["judged"])
