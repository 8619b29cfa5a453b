"""Panel: the search step by step."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts import state
from pages.parts.cache import film
from pages.parts.chart import chart, downloads
from pages.parts.text import plain
from s2s.analysis.playback import Candidate, Frame
from s2s.figures.steps import ranking
from s2s.trace import Fate

SHOWN = 18  # candidates in the picture
TAIL = 18  # characters of a path that stand before its new token


def playback_panel(lab: Lab) -> None:
    """One step at a time: who is alive, who goes on, who died and by how much."""
    frames = film(lab.key, lab.trace)
    st.markdown(
        "At every step each living hypothesis is extended by every token, all extensions are ranked "
        "by their running total, and only the best stay alive: watch where the cut falls."
    )
    t = _step(len(frames)) - 1
    frame = frames[t]
    st.markdown(f"**Step {t + 1} of {len(frames)}.** {_story(frame, lab)}")
    _live(frame, lab)
    found = _shown(frame)
    labels = [_label(c, lab) for c in found]
    fates = [_fate(c, lab) for c in found]
    totals = [c.total for c in found]
    figure = ranking(
        labels, totals, fates, [c.gap for c in found], None if lab.sampled else frame.cut
    )
    st.markdown("**What they could become**")
    chart(
        figure,
        f"step-{lab.id}-{t}",
        f"step-{t + 1}",
        alt=f"Candidates of step {t + 1} by running total, with the cut",
    )
    if lab.sampled:
        st.caption("Samples are drawn: every line goes on with its own token and nothing is cut.")
    elif lab.trace.options.groups > 1:
        st.caption(
            "A diverse beam: each group of rows has a cut of its own, and a token costs more for every "
            "earlier group that chose it, so a pruned candidate may stand above a kept one."
        )
    table = pd.DataFrame(
        {
            "candidate": lab.words(c.tokens),
            "new token": lab.tokens(c.tokens[-1:])[0],
            "log-probability": c.logprob,
            "total": c.total if c.fate != Fate.BLOCKED else None,
            "normalised": c.score if c.fate != Fate.BLOCKED else None,
            "fate": _fate(c, lab),
            "missed the cut by": c.gap if c.fate == Fate.PRUNED and not lab.sampled else None,
            "blocked by": c.block.name.lower().replace("_", " ") if c.block else None,
        }
        for c in frame.candidates
    )
    number = "%.3f"
    downloads(
        figure,
        table,
        f"step-{lab.id}-{t}",
        f"step-{t + 1}",
        f"Step {t + 1}",
        {
            "log-probability": number,
            "total": number,
            "normalised": number,
            "missed the cut by": number,
            "candidate": st.column_config.TextColumn(width="large"),
        },
    )


def _step(last: int) -> int:
    """Slider and keys; the step lives in the URL."""
    if last < 2:
        return 1
    k = state.kept()
    k.at = step = min(max(1, k.at), last)  # it may come from a longer search
    slider = state.widget("at")
    slider["key"] += f"-{last}"
    slider["args"] = ("at", slider["key"], None)

    def move(by: int) -> None:
        k.at = st.session_state[slider["key"]] = min(max(1, k.at + by), last)

    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.slider("Step", 1, last, k.at, **slider)
        st.button(
            "Back", key="step-back", on_click=move, args=(-1,), shortcut="B", disabled=step <= 1
        )
        st.button(
            "Next", key="step-next", on_click=move, args=(1,), shortcut="N", disabled=step >= last
        )
    return step


def _story(frame: Frame, lab: Lab) -> str:
    """What happened in one sentence."""
    kept, ended = frame.of(Fate.KEPT), frame.of(Fate.FINISHED)
    lost = frame.of(Fate.PRUNED)
    words = f"{len(frame.live)} alive; {len(kept)} went on, {len(ended)} ended"
    if lab.sampled:
        return words + ", drawn by chance."
    blocked = frame.of(Fate.BLOCKED)
    words += f", {len(blocked)} were blocked." if blocked else "."
    children = {c.row for c in kept + ended}
    dead = [h for h in frame.live if h.row not in children]
    if dead:
        names = " and ".join(f"“{plain(_tail(lab.words(h.tokens)))}”" for h in dead[:2])
        more = f" and {len(dead) - 2} more" if len(dead) > 2 else ""
        words += f" Nothing came of {names}{more}: every extension missed the cut."
    if lost:
        near = min(lost, key=lambda c: c.gap)
        words += (
            f" The nearest miss, **{plain(_label(near, lab))}**, fell {near.gap:.3f} nats short."
        )
    return words


def _live(frame: Frame, lab: Lab) -> None:
    if not frame.t:
        st.caption("Nothing is written yet: the search begins with one empty hypothesis.")
        return
    st.markdown("**Alive before this step**")
    st.dataframe(
        pd.DataFrame(
            {
                "total": [h.total for h in frame.live],
                "normalised": [h.score for h in frame.live],
                "text so far": [lab.words(h.tokens) for h in frame.live],
                "goes on as": [
                    ", ".join(
                        lab.tokens(c.tokens[-1:])[0]
                        for c in frame.candidates
                        if c.row == h.row and c.fate in (Fate.KEPT, Fate.FINISHED)
                    )
                    or "(dies here)"
                    for h in frame.live
                ],
            }
        ),
        hide_index=True,
        alt="Hypotheses alive before this step",
        column_config={
            "text so far": st.column_config.TextColumn(width="medium"),
            "total": st.column_config.NumberColumn(
                format="%.3f", help="Sum of log-probabilities: what the beam prunes by."
            ),
            "normalised": st.column_config.NumberColumn(
                format="%.3f", help="The total normalised for length: what outputs are ranked by."
            ),
        },
    )


def _shown(frame: Frame) -> list[Candidate]:
    """Every candidate that lived, and the nearest of the others."""
    alive = frame.of(Fate.KEPT, Fate.FINISHED)
    lost = frame.of(Fate.PRUNED)[: max(5, SHOWN - len(alive))]
    return sorted(alive + lost, key=lambda c: -c.total)


def _fate(c: Candidate, lab: Lab) -> str:
    return "not drawn" if lab.sampled and c.fate == Fate.PRUNED else c.fate.name.lower()


def _label(c: Candidate, lab: Lab) -> str:
    return f"{_tail(lab.words(c.tokens[:-1]))} + {lab.tokens(c.tokens[-1:])[0]}".strip(" +")


def _tail(text: str) -> str:
    return text if len(text) <= TAIL else "…" + text[-TAIL:]
