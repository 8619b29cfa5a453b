"""Curves of a training: one line a network, over the steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import plotly.graph_objects as go

from s2s.figures.style import ACCENT, GRID, LEGEND, OTHER, escape, lay_out
from s2s.locale import _

COLOURS = (ACCENT, OTHER)


def curves(
    lines: Mapping[str, tuple[Sequence[int], Sequence[float]]], what: str, height: int = 200
) -> go.Figure:
    """Name of a network → (steps, values); at most two. ``what``: the values' name and unit."""
    figure = go.Figure()
    for (name, (steps, values)), colour in zip(lines.items(), COLOURS, strict=False):
        figure.add_trace(
            go.Scatter(
                x=list(steps),
                y=list(values),
                mode="lines",
                name=escape(name),
                line={"color": colour, "width": 2, "dash": "solid" if colour == ACCENT else "dot"},
                hovertemplate=_("step {n}").format(n="%{x}")
                + f": %{{y:.3f}}<extra>{escape(name)}</extra>",
            )
        )
    figure.update_xaxes(title=_("step"), gridcolor=GRID, fixedrange=True, zeroline=False)
    figure.update_yaxes(
        title=what, gridcolor=GRID, fixedrange=True, zeroline=False, rangemode="tozero"
    )
    lay_out(figure, height)
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 40, "l": 60, "b": 46})
