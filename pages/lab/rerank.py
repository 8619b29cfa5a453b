"""Panel: another order for what was found already."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts import state
from pages.parts.cache import changed, outputs_of
from pages.parts.chart import chart, downloads
from pages.parts.columns import draw
from pages.parts.text import plain
from pages.parts.words import NORMS, all_of
from s2s.analysis.rerank import Ranked, rank_curves, rerank
from s2s.config import SearchOptions
from s2s.figures.curves import places
from s2s.locale import _, later, plural

ALPHAS = np.linspace(0, 2, 41)


def rerank_panel(lab: Lab) -> None:
    """Length normalisation and coverage as sliders over the finished pool."""
    st.markdown(
        _(
            "Every token lowers the raw log-probability, so short outputs would always win; dividing by "
            "the length makes up for it. Move the sliders: **only the order changes, nothing is "
            "searched again**."
        )
    )
    weights = _weights(lab)
    found = outputs_of(lab.key, lab.trace)
    ranked = rerank(found, weights)
    names = [lab.words(h.tokens) or _("(the empty sentence)") for h in found]
    first = ranked[0]
    if first.was:
        said = _(
            "Now **{output}** is first; the search had it at #{was}. Its raw log-probability is "
            "{now:.3f}, that of the former first {then:.3f}."
        ).format(
            output=plain(names[first.was]),
            was=first.was + 1,
            now=first.hypothesis.total,
            then=found[0].total,
        )
    else:
        said = _("**{output}** stays first.").format(output=plain(names[0]))
    st.markdown(said)
    table = _table(ranked, names, weights.coverage > 0)
    st.caption(_why(lab, len(found)))
    if weights.length_norm == "none":
        st.caption(_("Without normalisation α has no effect, so there is no curve to draw."))
        return
    figure = places(ALPHAS, rank_curves(found, weights, ALPHAS).tolist(), names, weights.alpha)
    chart(figure, f"places-{lab.id}", "places", alt=_("Place of each output by length penalty"))
    downloads(figure, table, f"places-{lab.id}", "places", lab.sentence.source.text)


def _why(lab: Lab, n: int) -> str:
    """What the new order of ``n`` outputs would be in a new search."""
    if lab.sampled:
        return _("Samples in the order of their scores.")
    if lab.trace.options.stop in ("hopeful", "never"):
        return _(
            "This model stops searching when nothing can beat what it has, by its own weights: a new "
            "search with others might go on and find more."
        )
    return plural(
        "This beam prunes by raw totals and normalises only at the end. So this is the very place that a "
        "new search with these weights would give the {n} finished output.",
        "This beam prunes by raw totals and normalises only at the end. So these are the very places "
        "that a new search with these weights would give the {n} finished outputs.",
        n,
    ).format(n=n)


def _weights(lab: Lab) -> SearchOptions:
    """What the sliders say; at first the search's own."""
    options = lab.trace.options
    one, two, three = st.columns(3)
    k = state.kept()
    norm = k.norm or options.length_norm
    alpha = k.alpha_now if k.alpha_now >= 0 else options.alpha
    beta = k.beta_now if k.beta_now >= 0 else options.coverage
    one.segmented_control(
        _("Normalisation"),
        list(NORMS),
        default=norm,
        required=True,
        format_func=all_of(NORMS).get,
        **state.widget("norm"),
    )
    two.slider("α", 0.0, max(2.0, alpha), alpha, 0.05, **state.widget("alpha_now"))
    attends = lab.trace.best.attention is not None
    three.slider(
        _("Coverage β"),
        0.0,
        max(2.0, beta),
        beta,
        0.05,
        disabled=not attends,
        help=_("Lowers outputs that left source tokens unattended."),
        **state.widget("beta_now"),
    )
    if not attends:
        st.caption(_("This model has no attention, so there is no coverage to weigh."))
    return changed(options, length_norm=norm, alpha=alpha, coverage=beta if attends else 0.0)


def _table(ranked: Sequence[Ranked], names: list[str], covers: bool) -> pd.DataFrame:
    """The new order, drawn."""
    table = pd.DataFrame(
        {
            later("now"): range(1, len(ranked) + 1),
            later("was"): [r.was + 1 for r in ranked],
            later("output"): [names[r.was] for r in ranked],
            later("log-probability"): [r.hypothesis.total for r in ranked],
            later("tokens"): [len(r.hypothesis.tokens) for r in ranked],
            later("divided by"): [r.norm for r in ranked],
            later("coverage"): [r.coverage for r in ranked],
            later("score"): [r.score for r in ranked],
        }
    )
    number = st.column_config.NumberColumn
    draw(
        table,
        _("Outputs in their new order"),
        {
            "output": st.column_config.TextColumn(width="large"),
            "log-probability": number(format="%.3f", help=_("Raw: no slider moves it.")),
            "divided by": "%.3f",
            "coverage": "%.3f" if covers else None,
            "score": "%.4f",
        },
        column_order=[
            *("now", "was", "score", "log-probability"),
            *("tokens", "divided by", "coverage", "output"),
        ],
    )
    return table
