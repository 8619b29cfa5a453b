"""How many pieces a sentence falls into, by how much of a vocabulary was learned."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from s2s.figures.style import ACCENT, GRID, OTHER, lay_out
from s2s.locale import _


def by_joins(joins: Sequence[int], pieces: Sequence[int], now: int) -> go.Figure:
    """One point a number of joins; what is chosen ``now`` is marked."""
    figure = go.Figure(
        go.Scatter(
            x=list(range(len(joins))),
            y=list(pieces),
            mode="lines+markers",
            line={"color": ACCENT, "width": 2.5},
            marker={"size": 8},
            customdata=list(joins),
            hovertemplate="%{customdata}: %{y}<extra></extra>",
        )
    )
    figure.add_vline(x=list(joins).index(now), line={"color": OTHER, "width": 2, "dash": "dash"})
    figure.update_xaxes(
        title=_("joins learned"),
        tickvals=list(range(len(joins))),
        ticktext=[str(n) for n in joins],
        fixedrange=True,
        gridcolor=GRID,
        autotickangles=[0, -60],
    )
    figure.update_yaxes(title=_("pieces"), rangemode="tozero", gridcolor=GRID, fixedrange=True)
    lay_out(figure, 260)
    return figure.update_layout(margin={"l": 56, "b": 56, "t": 12})
