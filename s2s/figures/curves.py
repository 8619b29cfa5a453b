"""Curves over one option: scores by beam width, places by length penalty."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from s2s.figures.style import ACCENT, FATE_COLOURS, GRID, LEGEND, MUTED, OTHER, escape, lay_out
from s2s.locale import _

BAD = FATE_COLOURS["blocked"]


def by_width(
    widths: Sequence[int], scores: Sequence[float], worse: Sequence[bool], texts: Sequence[str]
) -> go.Figure:
    """Score of the best output at each beam width; ``worse``: a narrower beam had a better one."""
    figure = go.Figure(
        go.Scatter(
            x=list(widths),
            y=list(scores),
            mode="lines",
            line={"color": MUTED, "width": 2},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    for name, flag, colour, symbol in (
        (_("as good as any narrower beam, or better"), False, ACCENT, "circle"),
        (_("worse than a narrower beam"), True, BAD, "triangle-down"),
    ):
        at = [i for i, w in enumerate(worse) if w == flag]
        if at:
            figure.add_trace(
                go.Scatter(
                    x=[widths[i] for i in at],
                    y=[scores[i] for i in at],
                    mode="markers",
                    name=name,
                    marker={"color": colour, "size": 13, "symbol": symbol},
                    customdata=[escape(texts[i]) for i in at],
                    hovertemplate=_("beam {width}").format(width="%{x}")
                    + ": %{y:.4f}<br>%{customdata}<extra></extra>",
                )
            )
    room = max(0.15 * (max(scores) - min(scores)), 0.02)
    figure.update_xaxes(
        title=_("beam width"),
        dtick=1,
        gridcolor=GRID,
        fixedrange=True,
        zeroline=False,
        range=[min(widths) - 0.5, max(widths) + 0.5],
    )
    figure.update_yaxes(
        title=_("score"),
        gridcolor=GRID,
        fixedrange=True,
        zeroline=False,
        range=[min(scores) - room, max(scores) + room],
    )
    lay_out(figure, 320)
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 44, "l": 64, "b": 50})


def places(
    alphas: Sequence[float], curves: Sequence[Sequence[int]], names: Sequence[str], now: float
) -> go.Figure:
    """Place of each output over α; a line that rises to the top wins from there on."""
    figure = go.Figure()
    for n, (curve, name) in enumerate(zip(curves, names, strict=True)):
        first = n == 0
        figure.add_trace(
            go.Scatter(
                x=list(alphas),
                y=list(curve),
                mode="lines",
                name=_("first as searched") if first else _("the others"),
                legendgroup=str(first),
                showlegend=n <= 1,
                line={
                    "color": ACCENT if first else FATE_COLOURS["finished"],
                    "width": 4 if first else 1.6,
                    "shape": "hv",
                },
                hovertemplate=_("α {alpha}: place {place}").format(alpha="%{x:.2f}", place="%{y}")
                + f"<br>{escape(name)}<extra></extra>",
            )
        )
    figure.add_vline(
        x=now,
        line={"color": OTHER, "width": 2, "dash": "dash"},
        annotation_text=_("α now"),
        annotation_font_color=OTHER,
        annotation_position="bottom right",
    )
    figure.update_xaxes(title=_("length penalty α"), gridcolor=GRID, fixedrange=True)
    figure.update_yaxes(
        title=_("place"), autorange="reversed", dtick=1, gridcolor=GRID, fixedrange=True
    )
    lay_out(figure, 160 + 26 * len(curves))
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 44, "l": 60, "b": 50})
