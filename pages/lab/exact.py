"""Panel: the model's true best output, with progress and a stop button."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import replace

import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts import state
from pages.parts.text import plain
from pages.parts.work import hold, slice_of_work
from s2s.analysis.exact import CLOSE, Progress, exact, seed_of
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
    "5k": "5,000 prefixes",
    "50k": "50,000 prefixes",
    "500k": "500,000 prefixes",
    "10s": "10 seconds",
    "60s": "60 seconds",
}
NORMS = {"none": "raw total", "same": "score"}


def exact_panel(lab: Lab) -> None:
    """Start, watch, stop; then a verdict that holds."""
    st.markdown(
        "A beam may miss the sentence that the model likes best. This search cannot: it looks at every "
        "sentence, except those that provably cannot win."
    )
    left, middle, right = st.columns(3, gap="medium")
    k = state.kept()
    goal = k.goal
    left.segmented_control(
        "Best by",
        list(NORMS),
        default=goal,
        required=True,
        format_func=NORMS.get,
        **state.widget("goal"),
    )
    trace = lab.trace
    limit = length_limit(
        len(trace.source), trace.options, lab.pipeline.config.data.max_tgt, trace.prefix.begun
    )
    longest = middle.slider(
        "Longest output, tokens",
        1,
        max(2, limit),
        limit,
        key=f"longest-{lab.id}",
        help="Proofs hold for outputs up to this length. A smaller limit is proven faster.",
    )
    right.selectbox(
        "Stop after",
        list(BUDGETS),
        list(BUDGETS).index(k.budget),
        format_func=NAMES.get,
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
    label = "Go on" if going_on else "Search exactly" if run["last"] is None else "Again"
    with st.container(horizontal=True):
        if run["going"]:
            st.button(
                "Stop",
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
    _, goal, longest = run["of"]
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
            "This search was given up to make room for others' searches; it can only begin anew."
        )
    if last is None:
        st.caption("Nothing searched yet. The beam's best output is the mark to beat.")
        return
    share = 1.0 if last.done else min(1.0, _spent(run))
    st.progress(
        share,
        f"{last.nodes:,} prefixes in {last.seconds:.1f} s"
        + ("" if last.done else f", now {last.depth} tokens deep"),
    )
    _verdict(lab, run, last)


def _verdict(lab: Lab, run: dict, last: Progress) -> None:
    """Proven best, a better one exists, or undecided: each with its numbers."""
    _, goal, longest = run["of"]
    seed = _seed(lab, goal, longest)
    what = NORMS[goal]
    scope = f"among all outputs of at most {longest} tokens"
    better = last.best is not None and (seed is None or last.best.score > seed.score + CLOSE)
    if last.best is None:
        st.info(
            f"No output of at most {longest} tokens was found" + (": there is none." * last.done)
        )
    elif last.done and not better:
        st.success(
            f"**Proven best**: the search's output is the model's favourite by {what}, {scope}.",
            icon=":material/check:",
        )
    elif better:
        by = f" by **{last.best.score - seed.score:.3f}**" if seed else ""
        tail = (
            f"It is **the best there is**, {scope}."
            if last.done
            else f"Whether it is the best is undecided: the best possible is at most {last.bound:.3f}."
        )
        st.warning(
            f"**A better one exists{by}**, a search error: "
            f"“{plain(lab.words(last.best.tokens)) or '(the empty sentence)'}”. {tail}",
            icon=":material/search:",
        )
    else:
        st.info(
            f"**Undecided after {last.nodes:,} prefixes**: no better one was found, and the best "
            f"possible is at most {last.bound:.3f} (the search's output has {last.best.score:.3f})."
        )
    _table(lab, run, last, seed)
    if last.best is not None and len(last.best.tokens) == 1:
        st.markdown(
            "**Its favourite is the empty sentence.** Stahlberg and Byrne (2019) found this for more "
            "than half of all sentences with a strong Transformer: every word costs probability, and "
            "nothing makes up for it. Beam search hides this *model error* by its own *search errors*, "
            "so a better search can give worse translations. Length normalisation is the usual plaster."
        )
    elif better and seed and len(last.best.tokens) < len(seed.tokens):
        st.markdown(
            "The model's favourite is **shorter** than what the beam found: every token lowers the "
            "log-probability, so models like short outputs better than people do. If it is also the "
            "worse sentence, the beam's *search error* was hiding a *model error*."
        )
    with st.expander("How it can be sure"):
        st.markdown(
            "It walks through all beginnings of sentences, the deepest first, and gives one up when "
            "even the best imaginable ending could not beat the best sentence known. Each further "
            "token can only lower the total, so for raw log-probability the running total itself is "
            "that limit. A normalised score divides by a number that grows with the length, and "
            "dividing a negative total by more makes it better: the limit is the total over the norm "
            "of the longest output allowed. That limit is loose, so proofs take longer. Scores nearer "
            "than 0.00001 count as equal. After Stahlberg and Byrne 2019, *On NMT Search Errors and "
            "Model Errors: Cat Got Your Tongue?*"
        )


def _table(lab: Lab, run: dict, last: Progress, seed) -> None:
    rows = [("the search's best", seed), ("best known now", last.best)]
    table = pd.DataFrame(
        {
            "what": name,
            "output": lab.words(f.tokens) or "(empty)",
            "log-probability": f.total,
            "score": f.score,
            "tokens": len(f.tokens),
        }
        for name, f in rows
        if f is not None
    )
    if len(table):
        st.dataframe(
            table,
            hide_index=True,
            alt="The search's output and the best known",
            column_order=[c for c in table if c != "score" or run["of"][1] == "same"],
            column_config={
                "output": st.column_config.TextColumn(width="large"),
                "log-probability": st.column_config.NumberColumn(format="%.3f"),
                "score": st.column_config.NumberColumn(format="%.4f"),
            },
        )
