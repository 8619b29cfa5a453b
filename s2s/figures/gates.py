"""One unit of a recurrent cell over a sentence: its gates, and what it holds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import plotly.graph_objects as go

from s2s.figures.style import FATE_COLOURS, GRID, LEGEND, MUTED, OTHER, escape, lay_out
from s2s.locale import _

COLOURS = ("#5b8def", "#9b6bd3", OTHER, "#14978a", FATE_COLOURS["blocked"], MUTED)
DASHES = ("solid", "dash", "dot", "solid", "dashdot", "longdash")


def over_words(
    words: Sequence[str], curves: Mapping[str, np.ndarray], at: int, low: float = -1
) -> go.Figure:
    """One line a curve, (S,) each, by its name in the legend; the step ``at`` is marked."""
    figure = go.Figure()
    places = list(range(len(words)))
    for (name, values), colour, dash in zip(curves.items(), COLOURS, DASHES, strict=False):
        figure.add_trace(
            go.Scatter(
                x=places,
                y=np.round(values.astype(float), 4).tolist(),
                name=name,
                mode="lines+markers",
                line={"color": colour, "width": 2.5, "dash": dash},
                marker={"size": 8},
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
    figure.update_yaxes(title=_("value"), gridcolor=GRID, zerolinecolor=MUTED, fixedrange=True)
    top = max([1.0, *(float(v.max()) for v in curves.values())])
    bottom = min([low, *(float(v.min()) for v in curves.values())])
    figure.update_yaxes(range=[bottom - 0.05, top + 0.05])
    lay_out(figure, 340)
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 56, "l": 56})
