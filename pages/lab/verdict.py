"""What an exact search has shown so far: proven, a better one exists, or undecided."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts.columns import draw
from pages.parts.text import plain
from s2s.analysis.exact import CLOSE, Found, Progress
from s2s.locale import _, later, plural, translated


def verdict(lab: Lab, what: str, longest: int, last: Progress, seed: Found | None) -> None:
    """Each with its numbers. ``what``: the goal, marked by ``later``; ``longest``: tokens of an output;
    ``seed``: the beam's best."""
    better = last.best is not None and (seed is None or last.best.score > seed.score + CLOSE)
    if last.best is None:
        st.info(_none(last, longest))
    elif better:
        st.warning(_better(lab, last, seed, longest), icon=":material/search:")
    elif last.done:
        said = plural(
            "**Proven best**: the search's output is the model's favourite by {what}, among all "
            "outputs of at most {n} token.",
            "**Proven best**: the search's output is the model's favourite by {what}, among all "
            "outputs of at most {n} tokens.",
            longest,
        )
        st.success(said.format(what=translated(what), n=longest), icon=":material/check:")
    else:
        said = _(
            "**Undecided after {n:,} prefixes**: no better one was found, and the best possible is at "
            "most {bound:.3f} (the search's output has {score:.3f})."
        )
        st.info(said.format(n=last.nodes, bound=last.bound, score=last.best.score))
    _table(lab, last, seed, scored=what == "score")
    _meaning(last, seed, better)
    with st.expander(_("How it can be sure")):
        st.markdown(
            _(
                "It walks through all beginnings of sentences, the deepest first, and gives one up when "
                "even the best imaginable ending could not beat the best sentence known. Each further "
                "token can only lower the total, so for raw log-probability the running total itself is "
                "that limit. A normalised score divides by a number that grows with the length, and "
                "dividing a negative total by more makes it better: the limit is the total over the norm "
                "of the longest output allowed. That limit is loose, so proofs take longer. Scores nearer "
                "than 0.00001 count as equal. After Stahlberg and Byrne 2019, *On NMT Search Errors and "
                "Model Errors: Cat Got Your Tongue?*"
            )
        )


def _none(last: Progress, longest: int) -> str:
    """No output was found, perhaps since there is none."""
    said = (
        plural(
            "No output of at most {n} token was found: there is none.",
            "No output of at most {n} tokens was found: there is none.",
            longest,
        )
        if last.done
        else plural(
            "No output of at most {n} token was found.",
            "No output of at most {n} tokens was found.",
            longest,
        )
    )
    return said.format(n=longest)


def _better(lab: Lab, last: Progress, seed: Found | None, longest: int) -> str:
    """A search error: by how much, and whether there is a better one still."""
    text = plain(lab.words(last.best.tokens) or _("(the empty sentence)"))
    if seed:
        said = _("**A better one exists, by {gap:.3f}**, a search error: “{text}”.")
        said = said.format(gap=last.best.score - seed.score, text=text)
    else:
        said = _("**A better one exists**, a search error: “{text}”.").format(text=text)
    if not last.done:
        open_ = _(" Whether it is the best is undecided: the best possible is at most {bound:.3f}.")
        return said + open_.format(bound=last.bound)
    return said + plural(
        " It is **the best there is**, among all outputs of at most {n} token.",
        " It is **the best there is**, among all outputs of at most {n} tokens.",
        longest,
    ).format(n=longest)


def _meaning(last: Progress, seed: Found | None, better: bool) -> None:
    """What it says of models that the favourite is empty, or short."""
    if last.best is not None and len(last.best.tokens) == 1:
        st.markdown(
            _(
                "**Its favourite is the empty sentence.** Stahlberg and Byrne (2019) found this for more "
                "than half of all sentences with a strong Transformer: every word costs probability, and "
                "nothing makes up for it. Beam search hides this *model error* by its own *search "
                "errors*, so a better search can give worse translations. Length normalisation is the "
                "usual plaster."
            )
        )
    elif better and seed and len(last.best.tokens) < len(seed.tokens):
        st.markdown(
            _(
                "The model's favourite is **shorter** than what the beam found: every token lowers the "
                "log-probability, so models like short outputs better than people do. If it is also the "
                "worse sentence, the beam's *search error* was hiding a *model error*."
            )
        )


def _table(lab: Lab, last: Progress, seed: Found | None, scored: bool) -> None:
    """The beam's best beside the best that is known."""
    rows = [(later("the search's best"), seed), (later("best known now"), last.best)]
    table = pd.DataFrame(
        {
            later("which one"): name,
            later("output"): lab.words(f.tokens) or _("(the empty sentence)"),
            later("log-probability"): f.total,
            later("score"): f.score,
            later("tokens"): len(f.tokens),
        }
        for name, f in rows
        if f is not None
    )
    if len(table):
        draw(
            table,
            _("The search's output and the best known"),
            {
                "output": st.column_config.TextColumn(width="large"),
                "log-probability": "%.3f",
                "score": "%.4f",
            },
            ["which one"],
            column_order=[c for c in table if c != "score" or scored],
        )
