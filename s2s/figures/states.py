"""States of both reading directions: as far as each has read, and how far one word is felt."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go
from plotly.subplots import make_subplots

from s2s.figures.style import ACCENT, FATE_COLOURS, GRID, LEGEND, MUTED, OTHER, escape, lay_out
from s2s.locale import _

SCALE = [[0.0, OTHER], [0.5, "rgba(138,152,150,0.12)"], [1.0, ACCENT]]


def as_read(words: Sequence[str], forward: np.ndarray, backward: np.ndarray, at: int) -> go.Figure:
    """States (U,S) of a few units of each direction after ``at`` + 1 steps, from -1 to 1; what is not
    read yet is empty."""
    n = len(words)
    position = np.arange(n)
    figure = make_subplots(rows=2, cols=1, shared_xaxes=True, vertical_spacing=0.06)
    for row, (name, states, read) in enumerate(
        (
            (_("forward"), forward, position <= at),
            (_("backward"), backward, position >= n - 1 - at),
        ),
        1,
    ):
        z = [
            [round(float(v), 3) if r else None for v, r in zip(line, read, strict=True)]
            for line in states
        ]
        figure.add_trace(
            go.Heatmap(
                z=z,
                coloraxis="coloraxis",
                xgap=1,
                ygap=1,
                name=name,
                customdata=[[escape(w) for w in words]] * len(states),
                hovertemplate="%{customdata}: %{z:.3f}<extra>" + name + "</extra>",
                hoverongaps=False,
            ),
            row=row,
            col=1,
        )
        figure.update_yaxes(
            title=name, showticklabels=False, fixedrange=True, showgrid=False, row=row, col=1
        )
    figure.update_xaxes(fixedrange=True, showgrid=False, range=[-0.5, n - 0.5])
    figure.update_xaxes(
        tickvals=position.tolist(),
        ticktext=[escape(w) for w in words],
        autotickangles=[0, -60, -90],
        automargin=True,
        row=2,
        col=1,
    )
    lay_out(figure, 400)
    bar = {"title": {"text": _("value"), "side": "right"}, "thickness": 8, "tickvals": [-1, 0, 1]}
    return figure.update_layout(
        coloraxis={"colorscale": SCALE, "cmin": -1, "cmax": 1, "colorbar": bar}, margin={"l": 40}
    )


def felt(words: Sequence[str], forward: np.ndarray, backward: np.ndarray, at: int) -> go.Figure:
    """How far the states (S,) of each direction move without the word ``at``."""
    places = list(range(len(words)))
    figure = go.Figure()
    for name, values, colour in (
        (_("forward"), forward, ACCENT),
        (_("backward"), backward, FATE_COLOURS["finished"]),
    ):
        figure.add_trace(
            go.Bar(
                x=places,
                y=values.astype(float).round(4).tolist(),
                name=name,
                marker={"color": colour},
                customdata=[escape(w) for w in words],
                hovertemplate="%{customdata}: %{y:.3f}<extra>" + name + "</extra>",
            )
        )
    figure.add_vrect(
        x0=at - 0.5, x1=at + 0.5, fillcolor=MUTED, opacity=0.18, line_width=0, layer="below"
    )
    figure.update_xaxes(
        tickvals=places,
        ticktext=[escape(w) for w in words],
        range=[-0.6, len(words) - 0.4],
        fixedrange=True,
        autotickangles=[0, -60, -90],
        automargin=True,
        showgrid=False,
    )
    figure.update_yaxes(
        title=_("change of the state"), gridcolor=GRID, fixedrange=True, rangemode="tozero"
    )
    lay_out(figure, 280, bargap=0.3)
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 44, "l": 60})
