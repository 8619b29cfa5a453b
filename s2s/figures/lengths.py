"""Quality by source length: what a fixed-length memory costs."""

from __future__ import annotations

import plotly.graph_objects as go

from s2s.figures.style import ACCENT, GRID, MUTED, OTHER, escape, lay_out
from s2s.locale import _


def by_length(models: dict[str, list[dict]], metric: str) -> go.Figure:
    """One line a model from its report's ``by_length`` (as Bahdanau et al. 2015, figure 2)."""
    figure = go.Figure()
    for (name, rows), colour in zip(models.items(), (ACCENT, OTHER, MUTED), strict=False):
        figure.add_trace(
            go.Scatter(
                x=[f"{low}–{high}" for low, high in (r["words"] for r in rows)],
                y=[r["score"] for r in rows],
                name=escape(name),
                mode="lines+markers",
                line={"color": colour, "width": 3},
                marker={"size": 9},
                customdata=[r["sentences"] for r in rows],
                hovertemplate=_("{score} on {n} sentences").format(
                    score="%{y:.1f}", n="%{customdata}"
                )
                + "<extra>%{fullData.name}</extra>",
            )
        )
    figure.update_xaxes(title=_("source length, words"), type="category", gridcolor=GRID)
    figure.update_yaxes(title=escape(metric), rangemode="tozero", gridcolor=GRID)
    lay_out(figure, 420)
    legend = {"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0}
    return figure.update_layout(showlegend=True, legend=legend, margin={"t": 48, "l": 60, "b": 60})
