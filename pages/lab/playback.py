"""Panel: the search step by step."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts import state
from pages.parts.cache import film
from pages.parts.chart import chart, downloads
from pages.parts.columns import draw
from pages.parts.text import plain
from s2s.analysis.playback import Candidate, Frame
from s2s.figures.steps import ranking
from s2s.locale import _, later
from s2s.trace import Block, Fate

BLOCKS = {
    Block.NGRAM: later("ngram"),
    Block.MIN_LENGTH: later("min length"),
    Block.PREFIX: later("prefix"),
}
SHOWN = 18  # candidates in the picture
TAIL = 18  # characters of a path that stand before its new token


def playback_panel(lab: Lab) -> None:
    """One step at a time: who is alive, who goes on, who died and by how much."""
    frames = film(lab.key, lab.trace)
    st.markdown(
        _(
            "At every step each living hypothesis is extended by every token, all extensions are ranked "
            "by their running total, and only the best stay alive: watch where the cut falls."
        )
    )
    t = _step(len(frames)) - 1
    frame = frames[t]
    title = _("**Step {n} of {all}.**").format(n=t + 1, all=len(frames))
    st.markdown(f"{title} {_story(frame, lab)}")
    _live(frame, lab)
    found = _shown(frame)
    labels = [_label(c, lab) for c in found]
    fates = [_fate(c, lab) for c in found]
    totals = [c.total for c in found]
    figure = ranking(
        labels, totals, fates, [c.gap for c in found], None if lab.sampled else frame.cut
    )
    st.markdown(_("**What they could become**"))
    chart(
        figure,
        f"step-{lab.id}-{t}",
        f"step-{t + 1}",
        alt=_("Candidates of step {n} by running total, with the cut").format(n=t + 1),
    )
    if lab.sampled:
        st.caption(
            _("Samples are drawn: every line goes on with its own token and nothing is cut.")
        )
    elif lab.trace.options.groups > 1:
        st.caption(
            _(
                "A diverse beam: each group of rows has a cut of its own, and a token costs more for "
                "every earlier group that chose it, so a pruned candidate may stand above a kept one."
            )
        )
    number = "%.3f"
    downloads(
        figure,
        _table(frame, lab),
        f"step-{lab.id}-{t}",
        f"step-{t + 1}",
        _("Step {n}").format(n=t + 1),
        {
            "log-probability": number,
            "total": number,
            "normalised": number,
            "missed the cut by": number,
            "candidate": st.column_config.TextColumn(width="large"),
        },
        ["fate", "blocked by"],
    )


def _table(frame: Frame, lab: Lab) -> pd.DataFrame:
    """Every candidate of a step with its numbers."""
    return pd.DataFrame(
        {
            later("candidate"): lab.words(c.tokens),
            later("new token"): lab.tokens(c.tokens[-1:])[0],
            later("log-probability"): c.logprob,
            later("total"): c.total if c.fate != Fate.BLOCKED else None,
            later("normalised"): c.score if c.fate != Fate.BLOCKED else None,
            later("fate"): _fate(c, lab),
            later("missed the cut by"): c.gap
            if c.fate == Fate.PRUNED and not lab.sampled
            else None,
            later("blocked by"): BLOCKS.get(c.block),
        }
        for c in frame.candidates
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
        st.slider(_("Step"), 1, last, k.at, **slider)
        st.button(
            _("Back"), key="step-back", on_click=move, args=(-1,), shortcut="B", disabled=step <= 1
        )
        st.button(
            _("Next"),
            key="step-next",
            on_click=move,
            args=(1,),
            shortcut="N",
            disabled=step >= last,
        )
    return step


def _story(frame: Frame, lab: Lab) -> str:
    """What happened in one sentence."""
    kept, ended = frame.of(Fate.KEPT), frame.of(Fate.FINISHED)
    lost = frame.of(Fate.PRUNED)
    blocked = [] if lab.sampled else frame.of(Fate.BLOCKED)
    if lab.sampled:
        words = _("{alive} alive; {kept} went on, {ended} ended, drawn by chance.")
    elif blocked:
        words = _("{alive} alive; {kept} went on, {ended} ended, {blocked} were blocked.")
    else:
        words = _("{alive} alive; {kept} went on, {ended} ended.")
    words = words.format(
        alive=len(frame.live), kept=len(kept), ended=len(ended), blocked=len(blocked)
    )
    if lab.sampled:
        return words
    children = {c.row for c in kept + ended}
    dead = [plain(_tail(lab.words(h.tokens))) for h in frame.live if h.row not in children]
    if dead:
        words += _died(dead)
    if lost:
        near = min(lost, key=lambda c: c.gap)
        miss = _(" The nearest miss, **{candidate}**, fell {n:.3f} nats short.")
        words += miss.format(candidate=plain(_label(near, lab)), n=near.gap)
    return words


def _died(dead: list[str]) -> str:
    """Hypotheses of which nothing came; at most two of them by name."""
    n = len(dead) - 2
    if n > 0:
        said = _(
            " Nothing came of “{one}”, “{other}” and {n} more: every extension missed the cut."
        )
    elif n == 0:
        said = _(" Nothing came of “{one}” and “{other}”: every extension missed the cut.")
    else:
        said = _(" Nothing came of “{one}”: every extension missed the cut.")
    return said.format(one=dead[0], other=dead[-1] if n <= 0 else dead[1], n=n)


def _live(frame: Frame, lab: Lab) -> None:
    if not frame.t:
        st.caption(_("Nothing is written yet: the search begins with one empty hypothesis."))
        return
    st.markdown(_("**Alive before this step**"))
    number = st.column_config.NumberColumn
    draw(
        pd.DataFrame(
            {
                later("total"): [h.total for h in frame.live],
                later("normalised"): [h.score for h in frame.live],
                later("text so far"): [lab.words(h.tokens) for h in frame.live],
                later("goes on as"): [
                    ", ".join(
                        lab.tokens(c.tokens[-1:])[0]
                        for c in frame.candidates
                        if c.row == h.row and c.fate in (Fate.KEPT, Fate.FINISHED)
                    )
                    or _("(dies here)")
                    for h in frame.live
                ],
            }
        ),
        _("Hypotheses alive before this step"),
        {
            "text so far": st.column_config.TextColumn(width="medium"),
            "total": number(
                format="%.3f", help=_("Sum of log-probabilities: what the beam prunes by.")
            ),
            "normalised": number(
                format="%.3f",
                help=_("The total normalised for length: what outputs are ranked by."),
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
