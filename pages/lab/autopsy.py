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
from s2s.locale import _, later
from s2s.trace import Trace

OF_BEAM = (later("beam token"), later("beam total"), later("beam normalised"))
OF_SAMPLE = (later("sample token"), later("sample total"), later("sample normalised"))


def autopsy_panel(lab: Lab) -> None:
    """Both outputs aligned, the parting, its price, and what became of the greedy path."""
    st.markdown(
        _(
            "Greedy search takes the most probable token every time; a beam may accept a worse token "
            "now for a better sentence later: see what it paid and when that paid off."
        )
    )
    options = lab.trace.options
    if not lab.sampled and options.beam == 1:
        st.info(
            _("Beam size 1 *is* greedy search. Choose a larger beam in the sidebar to compare.")
        )
        return
    who = _("sample") if lab.sampled else _("beam")
    greedy = greedy_of(lab.name, lab.trace, exact=True)
    found = autopsy(greedy, lab.trace)
    a, b = greedy.best, lab.trace.best
    old, new = lab.tokens(a.tokens), lab.tokens(b.tokens)
    st.html(changes(align(a.tokens, b.tokens), old, new))
    said = _("Greedy above, {who} below, aligned with the fewest changes.")
    st.caption(said.format(who=who))
    left, middle, right = st.columns(3)
    colour = "off" if found.first is None else "normal"
    left.metric(_("Raw log-probability"), f"{b.total:.3f}", gap(found.total_gap), colour)
    middle.metric(_("Score that ranks"), f"{b.score:.3f}", gap(found.score_gap), colour)
    right.metric(_("Tokens"), len(b.tokens), f"{len(b.tokens) - len(a.tokens):+d}", "off")
    if found.first is None:
        said = _("Greedy and {who} found the same sentence.").format(who=who)
        st.success(said, icon=":material/check:")
        return
    st.markdown(_verdict(found, old, new, greedy, lab, who))
    figure = race(found.totals, (_("greedy"), who), (old, new))
    alt = _("Difference of the running totals by step")
    chart(figure, f"race-{lab.id}", "greedy-and-beam", alt=alt)
    said = _(
        "How far the {who} is ahead of greedy after each step, in running log-probability. An output "
        "that has ended keeps its total."
    )
    st.caption(said.format(who=who))
    table = _table(found, old, new, OF_SAMPLE if lab.sampled else OF_BEAM)
    formats = {c: "%.3f" for c in table.columns if table[c].dtype.kind == "f"}
    title = _("Greedy and sample") if lab.sampled else _("Greedy and beam")
    downloads(figure, table, f"race-{lab.id}", "greedy-and-beam", title, formats)


def _table(
    found: Autopsy, old: list[str], new: list[str], names: tuple[str, str, str]
) -> pd.DataFrame:
    """Both outputs step by step. ``names``: of the columns of the one that is no greedy search."""
    steps = range(len(found.totals[0]))
    token, total, normalised = names
    return pd.DataFrame(
        {
            later("step"): [t + 1 for t in steps],
            later("greedy token"): [old[t] if t < len(old) else "" for t in steps],
            later("greedy total"): found.totals[0],
            later("greedy normalised"): found.scores[0],
            token: [new[t] if t < len(new) else "" for t in steps],
            total: found.totals[1],
            normalised: found.scores[1],
            later("difference"): found.totals[1] - found.totals[0],
        }
    )


def gap(value: float) -> str | None:
    """A difference in nats; none if there is none."""
    return _("{n:+.3f} nats against greedy").format(n=value) if abs(value) >= 0.0005 else None


def _verdict(
    found: Autopsy, old: list[str], new: list[str], greedy: Trace, lab: Lab, who: str
) -> str:
    """The story in plain language, one point a line."""
    t, a, b = found.first, greedy.best, lab.trace.best

    def at(tokens: list[str], logprobs) -> str:
        if t >= len(tokens):
            return _("nothing more")
        return f"**{plain(tokens[t])}** ({math.exp(logprobs[t]):.1%})"

    part = _("**They part at step {n}**: greedy wrote {one}, the {who} {other}.")
    part = part.format(n=t + 1, one=at(old, a.logprobs), who=who, other=at(new, b.logprobs))
    if found.loss > 0:
        cost = _(" That cost the {who} {loss:.3f} nats there.")
        part += cost.format(who=who, loss=found.loss)
    if found.overtook is None:
        ahead = _("In raw log-probability the {who} **never** overtakes greedy for good.")
        ahead = ahead.format(who=who)
    else:
        ahead = _(
            "From **step {n}** on the {who} is ahead in raw log-probability; it ends {gap:.3f} nats "
            "higher."
        ).format(n=found.overtook + 1, who=who, gap=found.total_gap)
    wins = (
        _("**Greedy wins** under the score that ranks, by {gap:.3f}: here the {who} did not help.")
        if found.score_gap < 0
        else _("Under the score that ranks, the {who} wins by {gap:.3f}.")
    ).format(who=who, gap=abs(found.score_gap))
    points = [part, ahead, wins] + ([] if lab.sampled else [_fate(found.greedy, old)])
    return "\n".join(f"- {p}" for p in points)


def _fate(story: Journey, tokens: list[str]) -> str:
    """What became of the greedy output inside the beam search."""
    said = {
        "output": _("The beam found the greedy sentence too and ranked it **#{place}**."),
        "finished": _("The beam finished the greedy sentence too, behind its best ones."),
        "pruned": _(
            "The beam **pruned** the greedy path at step {n} (**{token}**): it missed the cut by "
            "{gap:.3f} nats."
        ),
        "blocked": _("An option blocked the greedy path at step {n} (**{token}**)."),
        "alive": _(
            "The greedy path was still alive when the beam had enough finished sentences and stopped."
        ),
        "unseen": _("The greedy path left the beam's candidates at step {n} (**{token}**)."),
    }[story.end]
    token = plain(tokens[story.step])
    return said.format(n=story.step + 1, token=token, gap=story.gap, place=story.rank + 1)
