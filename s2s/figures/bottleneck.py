"""What is left of a sentence as it grows, with and without attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from s2s.figures.style import ACCENT, GRID, LEGEND, OTHER, escape, lay_out
from s2s.locale import _


def by_tokens(models: Mapping[str, Sequence[tuple[int, float]]]) -> go.Figure:
    """One line a model, of (source tokens, chrF)."""
    figure = go.Figure()
    for (name, rows), colour, dash in zip(
        models.items(), (OTHER, ACCENT), ("dash", "solid"), strict=False
    ):
        figure.add_trace(
            go.Scatter(
                x=[n for n, _score in rows],
                y=[round(score, 2) for _n, score in rows],
                name=escape(name),
                mode="lines+markers",
                line={"color": colour, "width": 3, "dash": dash},
                marker={"size": 9},
                hovertemplate="%{x}: %{y:.1f}<extra>" + escape(name) + "</extra>",
            )
        )
    figure.update_xaxes(title=_("source length, tokens"), gridcolor=GRID, fixedrange=True)
    figure.update_yaxes(
        title=_("chrF against its own parts"), range=[0, 104], gridcolor=GRID, fixedrange=True
    )
    lay_out(figure, 320)
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 48, "l": 60, "b": 50})
