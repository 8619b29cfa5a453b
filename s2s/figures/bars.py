"""Bars: the alternatives of one step, and where the model looked in it."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from s2s.figures.style import ACCENT, FATE_COLOURS, GRID, escape, lay_out


def alternatives(
    labels: Sequence[str], probabilities: Sequence[float], fates: Sequence[str]
) -> go.Figure:
    """One bar a token, best on top; ``fates``: keys of ``FATE_COLOURS``. The legend names colours."""
    figure = go.Figure()
    n = len(labels)
    for fate, colour in FATE_COLOURS.items():
        rows = [i for i in range(n) if fates[i] == fate]
        if rows:
            figure.add_trace(
                go.Bar(
                    x=[probabilities[i] for i in rows],
                    y=rows,
                    orientation="h",
                    name=fate,
                    marker={"color": colour},
                    text=[f"{probabilities[i]:.1%}" for i in rows],
                    textposition="outside",
                    cliponaxis=False,
                    hovertemplate="%{customdata}: %{x:.4f}<extra>" + fate + "</extra>",
                    customdata=[escape(labels[i]) for i in rows],
                )
            )
    figure.update_xaxes(range=[0, 1.15], visible=False, fixedrange=True)
    figure.update_yaxes(
        tickvals=list(range(n)), ticktext=[escape(x) for x in labels], range=[n - 0.5, -0.5],
        fixedrange=True, automargin=True, showgrid=False,
    )  # fmt: skip
    lay_out(figure, 70 + 30 * n, bargap=0.35)
    legend = {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "itemclick": False}
    return figure.update_layout(showlegend=True, legend=legend, margin={"t": 40})


def looked_at(words: Sequence[str], weights: Sequence[float]) -> go.Figure:
    """Attention of one step over the source words, in reading order."""
    n = len(words)
    figure = go.Figure(
        go.Bar(
            x=list(range(n)), y=list(weights), marker={"color": ACCENT},
            customdata=[escape(w) for w in words],
            hovertemplate="%{customdata}: %{y:.3f}<extra></extra>",
        )
    )  # fmt: skip
    figure.update_xaxes(
        tickvals=list(range(n)), ticktext=[escape(w) for w in words], fixedrange=True,
        tickangle=0 if n <= 8 else -60, automargin=True, showgrid=False,
    )  # fmt: skip
    figure.update_yaxes(
        range=[0, 1.02], tickvals=[0, 0.5, 1], tickformat=".0%", gridcolor=GRID, fixedrange=True,
        zeroline=False,
    )  # fmt: skip
    return lay_out(figure, 260, bargap=0.35)
