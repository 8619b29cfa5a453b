"""The probability of an output, token by token; and the years in which the field was made."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from s2s.figures.style import ACCENT, GRID, LEGEND, MUTED, OTHER, escape, lay_out
from s2s.locale import _


def multiplied(tokens: Sequence[str], each: np.ndarray, so_far: np.ndarray, at: int) -> go.Figure:
    """Each token's probability as a bar (T,), their product so far as a line; steps behind ``at`` are
    not written yet."""
    places = list(range(len(tokens)))
    shown = places[: at + 1]
    figure = go.Figure(
        [
            go.Bar(
                x=shown,
                y=each[: at + 1].round(5).tolist(),
                name=_("of the token"),
                marker={"color": ACCENT},
                customdata=[escape(t) for t in tokens],
                hovertemplate="%{customdata}: %{y:.3f}<extra></extra>",
            ),
            go.Scatter(
                x=shown,
                y=so_far[: at + 1].round(8).tolist(),
                name=_("of all so far, multiplied"),
                mode="lines+markers",
                line={"color": OTHER, "width": 3},
                hovertemplate="%{y:.3g}<extra></extra>",
            ),
        ]
    )
    figure.update_xaxes(
        tickvals=places,
        ticktext=[escape(t) for t in tokens],
        range=[-0.6, len(tokens) - 0.4],
        fixedrange=True,
        autotickangles=[0, -60, -90],
        automargin=True,
        showgrid=False,
    )
    figure.update_yaxes(title=_("probability"), range=[0, 1.05], gridcolor=GRID, fixedrange=True)
    lay_out(figure, 300, bargap=0.35)
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 48, "l": 60})


def timeline(events: Sequence[tuple[int, str]], year: int) -> go.Figure:
    """(year, what happened), oldest first, on one line of time each below the other; those after
    ``year`` are still to come."""
    figure = go.Figure()
    for came, colour in ((True, ACCENT), (False, MUTED)):
        rows = [i for i, (when, _what) in enumerate(events) if (when <= year) == came]
        figure.add_trace(
            go.Scatter(
                x=[events[i][0] for i in rows],
                y=rows,
                mode="markers+text",
                name=_("by then") if came else _("still to come"),
                marker={"color": colour, "size": 12, "symbol": "circle" if came else "circle-open"},
                text=[f"  {escape(events[i][1])}  " if came else "" for i in rows],
                textposition=[
                    "middle left" if events[i][0] > 2004 else "middle right" for i in rows
                ],
                cliponaxis=False,
                hovertemplate="%{x}: %{customdata}<extra></extra>",
                customdata=[escape(events[i][1]) for i in rows],
            )
        )
    figure.add_vline(x=year, line={"color": OTHER, "width": 2, "dash": "dash"})
    figure.update_xaxes(
        range=[events[0][0] - 1.5, events[-1][0] + 1.5], gridcolor=GRID, fixedrange=True
    )
    figure.update_yaxes(visible=False, fixedrange=True, range=[len(events) - 0.4, -0.6])
    lay_out(figure, 90 + 30 * len(events))
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 48})
