"""The attention heatmap: source across, output down."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from s2s.figures.style import ACCENT, HEAT, MUTED, escape, lay_out

ROW, LEGEND = 30, 60  # pixels
WINDOW = 40  # columns of a long source that are drawn wide enough to read


def heatmap(
    alpha: np.ndarray, src: Sequence[str], tgt: Sequence[str], breaks: Sequence[int] = ()
) -> go.Figure:
    """alpha (T,S), one label a column and a row. Trace 0 is the picture, trace 1 takes clicks.

    Of a long source ``WINDOW`` columns are shown, where most attention lies; dragging moves the
    window, and a strip below shows the whole source. ``breaks``: columns before which a line is
    drawn (a new turn).

    Heatmap cells report no clicks to Streamlit; a transparent square over each cell does.
    A clicked point's ``y`` is the output row.
    """
    src, tgt = [escape(x) for x in src], [escape(x) for x in tgt]
    figure = go.Figure([_picture(alpha), _cells(alpha, src, tgt)])
    long = len(src) > 1.5 * WINDOW
    first = _busiest(alpha.sum(0), WINDOW) if long else 0
    shown = src[first : first + WINDOW] if long else src
    _label(figure, src, tgt, (first - 0.5, first + len(shown) - 0.5), drags=long)
    for column in breaks:
        figure.add_vline(x=column - 0.5, line={"color": MUTED, "width": 1})
    longest = max(map(len, shown), default=0)
    height = 60 + LEGEND + min(90, 6 * longest) + ROW * len(tgt)
    return lay_out(figure, height, dragmode="pan" if long else False)


def _picture(alpha: np.ndarray) -> go.Heatmap:
    return go.Heatmap(
        z=alpha,
        zmin=0,
        zmax=1,
        colorscale=HEAT,
        xgap=2,
        ygap=2,
        hoverinfo="skip",
        colorbar={
            "title": {"text": "weight", "side": "top"},
            "orientation": "h",
            "thickness": 8,
            "len": 0.4,
            "x": 1,
            "xanchor": "right",
            "y": 0,
            "yanchor": "top",
            "tickvals": [0, 0.5, 1],
            "outlinewidth": 0,
        },
    )


def _cells(alpha: np.ndarray, src: Sequence[str], tgt: Sequence[str]) -> go.Scatter | go.Scattergl:
    """A transparent square over each cell, with what it says when pointed at."""
    t, s = alpha.shape
    cells = [(row, column) for row in range(t) for column in range(s)]
    scatter = go.Scattergl if len(cells) > 2000 else go.Scatter
    return scatter(
        x=[c for _, c in cells],
        y=[r for r, _ in cells],
        mode="markers",
        marker={"symbol": "square", "size": max(6, min(22, 700 // min(s, WINDOW))), "opacity": 0},
        selected={"marker": {"opacity": 0.25}},
        unselected={"marker": {"opacity": 0}},
        customdata=[(tgt[r], src[c], float(alpha[r, c])) for r, c in cells],
        hovertemplate=(
            "output <b>%{customdata[0]}</b><br>source <b>%{customdata[1]}</b>"
            "<br>weight %{customdata[2]:.3f}<extra></extra>"
        ),
    )


def _label(
    figure: go.Figure,
    src: Sequence[str],
    tgt: Sequence[str],
    columns: tuple[float, float],
    drags: bool,
) -> None:
    """Labels on both sides; ``columns``: the range of the source that is in sight."""
    still = {"tickmode": "array", "showgrid": False, "zeroline": False, "automargin": True}
    few = len(src) <= 24
    figure.update_xaxes(
        side="top",
        tickvals=list(range(len(src))),
        ticktext=src,
        range=list(columns),
        fixedrange=not drags,
        # short sources: the first angle that fits the page's width
        **({"autotickangles": [0, -60, -90]} if few else {"tickangle": -90}),
        tickfont={"size": 14 if few else 11},
        **still,
    )
    figure.update_yaxes(
        tickvals=list(range(len(tgt))),
        ticktext=tgt,
        range=[len(tgt) - 0.5, -0.5],
        fixedrange=True,
        tickfont={"size": 14},
        **still,
    )


def strip(alpha: np.ndarray, src: Sequence[str]) -> go.Figure:
    """The whole of a long source in one row: attention received, (S,), as a strip of columns."""
    total = alpha.sum(0)
    figure = go.Figure(
        go.Bar(
            x=list(range(len(src))),
            y=total,
            marker={"color": ACCENT, "line": {"width": 0}},
            customdata=[escape(x) for x in src],
            hovertemplate="%{x}: %{customdata}<br>received %{y:.2f}<extra></extra>",
        )
    )
    figure.update_xaxes(visible=False, fixedrange=True, range=[-0.5, len(src) - 0.5])
    figure.update_yaxes(visible=False, fixedrange=True)
    return lay_out(figure, 80, bargap=0)


def _busiest(total: np.ndarray, width: int) -> int:
    """First column of the window that holds most of ``total``."""
    sums = np.convolve(total, np.ones(width), "valid")
    return int(sums.argmax()) if len(sums) else 0
