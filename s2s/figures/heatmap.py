"""The attention heatmap: source across, output down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from s2s.figures.style import GRID, HEAT, escape, lay_out

ROW, LEGEND = 30, 60  # pixels


def heatmap(alpha: np.ndarray, src: Sequence[str], tgt: Sequence[str]) -> go.Figure:
    """alpha (T,S), one label a column and a row. Trace 0 is the picture, trace 1 takes clicks.

    Heatmap cells report no clicks to Streamlit; a transparent square over each cell does.
    A clicked point's ``y`` is the output row.
    """
    t, s = alpha.shape
    src, tgt = [escape(x) for x in src], [escape(x) for x in tgt]
    cells = [(row, column) for row in range(t) for column in range(s)]
    figure = go.Figure(
        go.Heatmap(
            z=alpha, zmin=0, zmax=1, colorscale=HEAT, xgap=2, ygap=2, hoverinfo="skip",
            colorbar={
                "title": {"text": "attention weight", "side": "top"}, "orientation": "h",
                "thickness": 8, "len": 0.4, "x": 1, "xanchor": "right", "y": 0, "yanchor": "top",
                "tickvals": [0, 0.5, 1], "outlinewidth": 0,
            },
        )
    )  # fmt: skip
    scatter = go.Scattergl if len(cells) > 2000 else go.Scatter
    figure.add_trace(
        scatter(
            x=[c for _, c in cells],
            y=[r for r, _ in cells],
            mode="markers",
            marker={"symbol": "square", "size": max(6, min(22, 700 // s)), "opacity": 0},
            selected={"marker": {"opacity": 0.25}},
            unselected={"marker": {"opacity": 0}},
            customdata=[(tgt[r], src[c], float(alpha[r, c])) for r, c in cells],
            hovertemplate=(
                "output <b>%{customdata[0]}</b><br>source <b>%{customdata[1]}</b>"
                "<br>weight %{customdata[2]:.3f}<extra></extra>"
            ),
        )
    )
    still = {
        "fixedrange": t * s <= 2000,
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
    }
    figure.update_xaxes(
        side="top", tickmode="array", tickvals=list(range(s)), ticktext=src, range=[-0.5, s - 0.5],
        tickangle=0 if s <= 10 and sum(map(len, src)) < 70 else -60 if s <= 24 else -90,
        tickfont={"size": 14 if s <= 24 else 11}, **still,
    )  # fmt: skip
    figure.update_yaxes(
        tickmode="array",
        tickvals=list(range(t)),
        ticktext=tgt,
        range=[t - 0.5, -0.5],
        tickfont={"size": 14},
        **still,
    )
    figure.update_yaxes(gridcolor=GRID)
    longest = max(map(len, src), default=0)
    return lay_out(figure, 60 + LEGEND + min(90, 6 * longest) + ROW * t, dragmode=False)
