"""Panel: greedy and beam side by side, and what the beam's patience was worth."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts.cache import greedy_of
from pages.parts.chart import chart, downloads
from pages.parts.text import plain
from s2s.analysis.autopsy import Autopsy, align, autopsy
from s2s.analysis.playback import Journey
from s2s.figures.chips import changes
from s2s.figures.steps import race
from s2s.trace import Trace


def autopsy_panel(lab: Lab) -> None:
    """Both outputs aligned, the parting, its price, and what became of the greedy path."""
    st.markdown(
        "Greedy search takes the most probable token every time; a beam may accept a worse token now "
        "for a better sentence later: see what it paid and when that paid off."
    )
    options = lab.trace.options
    if not lab.sampled and options.beam == 1:
        st.info("Beam size 1 *is* greedy search. Choose a larger beam in the sidebar to compare.")
        return
    who = "sample" if lab.sampled else "beam"
    greedy = greedy_of(lab.name, lab.trace, exact=True)
    found = autopsy(greedy, lab.trace)
    a, b = greedy.best, lab.trace.best
    old, new = lab.tokens(a.tokens), lab.tokens(b.tokens)
    st.html(changes(align(a.tokens, b.tokens), old, new))
    st.caption(f"Greedy above, {who} below, aligned with the fewest changes.")
    left, middle, right = st.columns(3)
    colour = "off" if found.first is None else "normal"
    left.metric("Raw log-probability", f"{b.total:.3f}", gap(found.total_gap), colour)
    middle.metric("Score that ranks", f"{b.score:.3f}", gap(found.score_gap), colour)
    right.metric("Tokens", len(b.tokens), f"{len(b.tokens) - len(a.tokens):+d}", "off")
    if found.first is None:
        st.success(f"Greedy and {who} found the same sentence.", icon=":material/check:")
        return
    st.markdown(_verdict(found, old, new, greedy, lab, who))
    figure = race(found.totals, ("greedy", who), (old, new))
    chart(
        figure, f"race-{lab.id}", "greedy-and-beam", alt="Difference of the running totals by step"
    )
    st.caption(
        f"How far the {who} is ahead of greedy after each step, in running log-probability. An output "
        "that has ended keeps its total."
    )
    steps = range(len(found.totals[0]))
    table = pd.DataFrame(
        {
            "step": [t + 1 for t in steps],
            "greedy token": [old[t] if t < len(old) else "" for t in steps],
            "greedy total": found.totals[0],
            "greedy normalised": found.scores[0],
            f"{who} token": [new[t] if t < len(new) else "" for t in steps],
            f"{who} total": found.totals[1],
            f"{who} normalised": found.scores[1],
            "difference": found.totals[1] - found.totals[0],
        }
    )
    downloads(
        figure,
        table,
        f"race-{lab.id}",
        "greedy-and-beam",
        "Greedy and beam",
        {c: "%.3f" for c in table.columns if table[c].dtype.kind == "f"},
    )


def gap(value: float) -> str | None:
    """A difference in nats; none if there is none."""
    return f"{value:+.3f} nats against greedy" if abs(value) >= 0.0005 else None


def _verdict(
    found: Autopsy, old: list[str], new: list[str], greedy: Trace, lab: Lab, who: str
) -> str:
    """The story in plain language, one point a line."""
    t, a, b = found.first, greedy.best, lab.trace.best

    def at(tokens: list[str], logprobs) -> str:
        if t >= len(tokens):
            return "nothing more"
        return f"**{plain(tokens[t])}** ({math.exp(logprobs[t]):.1%})"

    points = [
        f"**They part at step {t + 1}**: greedy wrote {at(old, a.logprobs)}, the {who} "
        f"{at(new, b.logprobs)}. "
        + (f"That cost the {who} {found.loss:.3f} nats there." if found.loss > 0 else "")
    ]
    if found.overtook is None:
        points.append(f"In raw log-probability the {who} **never** overtakes greedy for good.")
    else:
        points.append(
            f"From **step {found.overtook + 1}** on the {who} is ahead in raw log-probability; it "
            f"ends {found.total_gap:.3f} nats higher."
        )
    if found.score_gap < 0:
        points.append(
            f"**Greedy wins** under the score that ranks, by {-found.score_gap:.3f}: here the {who} "
            "did not help."
        )
    else:
        points.append(f"Under the score that ranks, the {who} wins by {found.score_gap:.3f}.")
    if not lab.sampled:
        points.append(_fate(found.greedy, old))
    return "\n".join(f"- {p}" for p in points)


def _fate(story: Journey, tokens: list[str]) -> str:
    """What became of the greedy output inside the beam search."""
    where = f"at step {story.step + 1} (**{plain(tokens[story.step])}**)"
    return {
        "output": f"The beam found the greedy sentence too and ranked it **#{story.rank + 1}**.",
        "finished": "The beam finished the greedy sentence too, behind its best ones.",
        "pruned": f"The beam **pruned** the greedy path {where}: it missed the cut by "
        f"{story.gap:.3f} nats.",
        "blocked": f"An option blocked the greedy path {where}.",
        "alive": "The greedy path was still alive when the beam had enough finished sentences and "
        "stopped.",
        "unseen": f"The greedy path left the beam's candidates {where}.",
    }[story.end]
