"""Words as points in a plane."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from s2s.figures.labels import sides
from s2s.figures.style import ACCENT, FATE_COLOURS, GRID, LEGEND, OTHER, escape, lay_out

COLOURS = (ACCENT, OTHER, FATE_COLOURS["finished"])
SYMBOLS = ("circle", "diamond", "star")
LABELLED = 40  # points with a name beside them; of more only hovering tells


def scattered(
    points: np.ndarray, names: Sequence[str], groups: Mapping[str, Sequence[int]]
) -> go.Figure:
    """points (N,2) with their names, a colour and a mark a group of rows; both axes on one scale."""
    figure = go.Figure()
    spread = float(np.abs(points).max(initial=0.1)) * 1.2
    spans = np.array([[-spread, spread]] * 2)
    beside = sides(points, names, spans) if len(names) <= LABELLED else [""] * len(names)
    for (group, rows), colour, symbol in zip(groups.items(), COLOURS, SYMBOLS, strict=False):
        figure.add_trace(
            go.Scatter(
                x=points[list(rows), 0].round(4).tolist(),
                y=points[list(rows), 1].round(4).tolist(),
                name=group,
                mode="markers+text" if len(names) <= LABELLED else "markers",
                marker={"color": colour, "symbol": symbol, "size": 11},
                text=[escape(names[i]) for i in rows],
                textposition=[beside[i] or "top center" for i in rows],
                cliponaxis=False,
                hovertemplate="%{text}<extra>" + escape(group) + "</extra>",
            )
        )
    axis = {"gridcolor": GRID, "zeroline": False, "showticklabels": False, "fixedrange": True}
    figure.update_xaxes(range=[-spread, spread], **axis)
    figure.update_yaxes(range=[-spread, spread], **axis)
    lay_out(figure, 460)
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 44})
