"""Panel: the model's true best output, with progress and a stop button."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from pages.lab.context import Lab
from pages.lab.verdict import verdict
from pages.parts import state
from pages.parts.words import all_of
from pages.parts.work import hold, slice_of_work
from s2s.analysis.exact import Progress, exact, seed_of
from s2s.locale import _, later
from s2s.search.beam import length_limit

TICK, SLICE = 0.5, 0.35  # seconds between two looks, and how much of them is spent searching
BUDGETS = {  # prefixes, seconds of searching
    "5k": (5_000, math.inf),
    "50k": (50_000, math.inf),
    "500k": (500_000, math.inf),
    "10s": (math.inf, 10.0),
    "60s": (math.inf, 60.0),
}
NAMES = {
    "5k": later("5,000 prefixes"),
    "50k": later("50,000 prefixes"),
    "500k": later("500,000 prefixes"),
    "10s": later("10 seconds"),
    "60s": later("60 seconds"),
}
NORMS = {"none": later("raw total"), "same": later("score")}


def exact_panel(lab: Lab) -> None:
    """Start, watch, stop; then a verdict that holds."""
    st.markdown(
        _(
            "A beam may miss the sentence that the model likes best. This search cannot: it looks at "
            "every sentence, except those that provably cannot win."
        )
    )
    left, middle, right = st.columns(3, gap="medium")
    k = state.kept()
    goal = k.goal
    left.segmented_control(
        _("Best by"),
        list(NORMS),
        default=goal,
        required=True,
        format_func=all_of(NORMS).get,
        **state.widget("goal"),
    )
    trace = lab.trace
    limit = length_limit(
        len(trace.source), trace.options, lab.pipeline.config.data.max_tgt, trace.prefix.begun
    )
    longest = middle.slider(
        _("Longest output, tokens"),
        1,
        max(2, limit),
        limit,
        key=f"longest-{lab.id}",
        help=_("Proofs hold for outputs up to this length. A smaller limit is proven faster."),
    )
    right.selectbox(
        _("Stop after"),
        list(BUDGETS),
        list(BUDGETS).index(k.budget),
        format_func=all_of(NAMES).get,
        **state.widget("budget"),
    )
    wanted = (lab.key, goal, longest)
    run = st.session_state.get("exact")
    if run is None or run["of"] != wanted:
        run = st.session_state["exact"] = {"of": wanted, "going": False, "last": None}
    run["budget"] = BUDGETS[k.budget]
    _button(lab, run)
    st.fragment(_watch, run_every=TICK if run["going"] else None)(lab, run)


def _button(lab: Lab, run: dict) -> None:
    """Start, stop or go on."""
    going_on = run["last"] is not None and not run["last"].done and not run.get("lost")
    first = _("Search exactly") if run["last"] is None else _("Again")
    label = _("Go on") if going_on else first
    with st.container(horizontal=True):
        if run["going"]:
            st.button(
                _("Stop"),
                type="primary",
                icon=":material/stop:",
                key="exact-stop",
                on_click=run.update,
                args=({"going": False},),
            )
        else:
            st.button(
                label,
                type="primary",
                icon=":material/search:",
                key="exact-start",
                on_click=_begin,
                args=(lab, run),
            )


def _options(lab: Lab, goal: str):
    """What "best" means: without normalisation, or as the search ranks."""
    if goal == "same":
        return lab.trace.options
    return replace(lab.trace.options, length_norm="none", coverage=0.0)


def _seed(lab: Lab, goal: str, longest: int):
    """The search's best finished output under the goal."""
    found = [seed_of(h) for h in lab.trace.hypotheses]
    found = [f for f in found if f is not None and len(f.tokens) <= longest]
    if goal == "none":
        found = [replace(f, score=f.total) for f in found]
    return max(found, key=lambda f: f.score, default=None)


def _begin(lab: Lab, run: dict) -> None:
    """Start a search, or go on with one that was stopped."""
    _key, goal, longest = run["of"]
    if run["last"] is None or run["last"].done or "steps" not in run or run.pop("lost", False):
        steps = exact(
            lab.pipeline.checkpoint.model,
            lab.trace.source,
            _options(lab, goal),
            max_length=longest,
            seed=_seed(lab, goal, longest),
            prefix=lab.trace.prefix,
        )
        run["steps"] = hold(steps)
        run["last"], run["from"] = None, (0, 0.0)
    elif _spent(run) >= 1:
        run["from"] = run["last"].nodes, run["last"].seconds  # the same budget once more
    run["going"] = True


def _spent(run: dict) -> float:
    """Share of the budget that is used up, prefixes or seconds."""
    last, (nodes, seconds), (most, longest) = run["last"], run["from"], run["budget"]
    return max((last.nodes - nodes) / most, (last.seconds - seconds) / longest)


def _go_on(run: dict, tick: Callable[[], None]) -> None:
    """One slice of the search."""
    until = time.perf_counter() + SLICE
    for progress in run["steps"].steps:
        run["last"] = progress
        if progress.done or _spent(run) >= 1:
            run["going"] = False
        if not run["going"] or time.perf_counter() > until:
            return
        tick()
    run["going"], run["lost"] = False, True  # what it held went to another search


def _watch(lab: Lab, run: dict) -> None:
    """Search for a moment, show where it stands; Streamlit comes back until it is done."""
    if run["going"]:
        slice_of_work(lambda tick: _go_on(run, tick))
        if not run["going"]:
            st.rerun()
    last: Progress | None = run["last"]
    if run.get("lost"):
        st.info(
            _("This search was given up to make room for others' searches; it can only begin anew.")
        )
    if last is None:
        st.caption(_("Nothing searched yet. The beam's best output is the mark to beat."))
        return
    share = 1.0 if last.done else min(1.0, _spent(run))
    where = (
        _("{n:,} prefixes in {seconds:.1f} s")
        if last.done
        else _("{n:,} prefixes in {seconds:.1f} s, now {depth} tokens deep")
    )
    st.progress(share, where.format(n=last.nodes, seconds=last.seconds, depth=last.depth))
    _key, goal, longest = run["of"]
    verdict(lab, NORMS[goal], longest, last, _seed(lab, goal, longest))
