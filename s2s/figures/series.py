"""Several values at each place: bars side by side, lines over a count, outputs by length.

Every name in a legend and on an axis is the caller's: it knows the reader's language.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import plotly.graph_objects as go

from s2s.figures.style import ACCENT, FATE_COLOURS, GRID, LEGEND, MUTED, OTHER, escape, lay_out

COLOURS = (ACCENT, OTHER, FATE_COLOURS["finished"], FATE_COLOURS["kept"], MUTED)
DASHES = ("solid", "dash", "dot", "dashdot", "longdash")  # lines are told apart without colour


def side_by_side(
    labels: Sequence[str],
    series: Mapping[str, Sequence[float]],
    title: str,
    percent: bool = False,
    marked: int | None = None,
) -> go.Figure:
    """Bars of every series (name → one value a label); ``marked``: a label that a line points at."""
    figure = go.Figure()
    shown = ".1%" if percent else ".3f"
    for (name, values), colour in zip(series.items(), COLOURS, strict=False):
        figure.add_trace(
            go.Bar(
                x=list(range(len(labels))),
                y=[float(v) for v in values],
                name=escape(name),
                marker={"color": colour},
                customdata=[escape(x) for x in labels],
                hovertemplate=f"%{{customdata}}: %{{y:{shown}}}<extra>{escape(name)}</extra>",
            )
        )
    if marked is not None:
        figure.add_vrect(marked - 0.5, marked + 0.5, fillcolor=MUTED, opacity=0.18, line_width=0)
    figure.update_xaxes(
        tickvals=list(range(len(labels))),
        ticktext=[escape(x) for x in labels],
        range=[-0.5, len(labels) - 0.5],
        fixedrange=True,
        autotickangles=[0, -60, -90],
        automargin=True,
        showgrid=False,
    )
    figure.update_yaxes(
        title={"text": escape(title)},
        gridcolor=GRID,
        fixedrange=True,
        zerolinecolor=MUTED,
        tickformat=".0%" if percent else "",
    )
    return _with_legend(figure, 320, bargap=0.3)


def lines(
    x: Sequence[float],
    series: Mapping[str, Sequence[float]],
    titles: tuple[str, str],
    log: bool = False,
    level: float | None = None,
) -> go.Figure:
    """Lines of every series over ``x``; ``titles`` of both axes; ``level``: a height that is marked.

    A series may be shorter than ``x``: it ended there. On a logarithmic axis what is 0 is left out.
    """
    figure = go.Figure()
    for (name, values), colour, dash in zip(series.items(), COLOURS, DASHES, strict=False):
        figure.add_trace(
            go.Scatter(
                x=list(x)[: len(values)],
                y=[float(v) if v > 0 or not log else None for v in values],
                name=escape(name),
                mode="lines",
                line={"color": colour, "width": 3, "dash": dash},
                hovertemplate=f"%{{x}}: %{{y:.4g}}<extra>{escape(name)}</extra>",
            )
        )
    if level is not None:
        figure.add_hline(level, line={"color": MUTED, "dash": "dot", "width": 1})
    figure.update_xaxes(
        title={"text": escape(titles[0])}, gridcolor=GRID, fixedrange=True, zeroline=False
    )
    figure.update_yaxes(
        title={"text": escape(titles[1])},
        gridcolor=GRID,
        fixedrange=True,
        zeroline=False,
        **({"type": "log", "exponentformat": "power", "dtick": None} if log else {}),
    )
    return _with_legend(figure, 360)


def by_length(
    lengths: Sequence[int],
    scores: Sequence[float],
    texts: Sequence[str],
    titles: tuple[str, str],
    names: tuple[str, str],
) -> go.Figure:
    """A mark an output, its length across and its score up; best first. ``names`` of the first and of
    the others."""
    figure = go.Figure()
    groups: tuple[tuple[str, list[int], str, str], ...] = (
        (names[0], [0], ACCENT, "star"),
        (names[1], [*range(1, len(scores))], MUTED, "circle"),
    )
    for name, at, colour, symbol in groups:
        if at:
            figure.add_trace(
                go.Scatter(
                    x=[lengths[i] for i in at],
                    y=[float(scores[i]) for i in at],
                    mode="markers",
                    name=escape(name),
                    marker={"color": colour, "size": 15 if symbol == "star" else 11}
                    | {"symbol": symbol},
                    customdata=[escape(texts[i]) for i in at],
                    hovertemplate="%{x}: %{y:.4f}<br>%{customdata}<extra></extra>",
                )
            )
    whole = {"dtick": 1} if max(lengths) - min(lengths) < 16 else {}  # a length has no half
    figure.update_xaxes(
        title={"text": escape(titles[0])}, gridcolor=GRID, fixedrange=True, zeroline=False, **whole
    )
    figure.update_yaxes(
        title={"text": escape(titles[1])}, gridcolor=GRID, fixedrange=True, zeroline=False
    )
    return _with_legend(figure, 340)


def _with_legend(figure: go.Figure, height: int, **extra: Any) -> go.Figure:
    lay_out(figure, height, **extra)
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 44, "b": 44})
