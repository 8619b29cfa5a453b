"""The attention matrix: source across, output down; plain dicts, since objects take longer than pictures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from s2s.figures.style import ACCENT, FONT, HEAT, MUTED, escape
from s2s.locale import _, later, translated

HEIGHT = 400  # pixels, however long the output: labels stay in view
ROWS, COLUMNS = 14, 26  # shown at once; dragging shows the others
LONGEST = 14  # characters of a label
SIDES = (later("output"), later("source"))


def matrix(
    alpha: np.ndarray,
    src: Sequence[str],
    tgt: Sequence[str],
    breaks: Sequence[int] = (),
    row: int = 0,
    sides: tuple[str, str] = SIDES,
) -> dict[str, Any]:
    """alpha (T,S), one label a row and a column, as a Plotly figure; weights run from 0 to 1 always.

    Of a long source or output a window is shown: the rows around ``row``, the columns where most of
    their attention lies; dragging moves it and the labels go along. ``breaks``: columns before which
    a line is drawn (a new turn). ``sides``: what rows and columns are called, marked by ``later``.
    """
    t, s = alpha.shape
    rows, columns = min(t, ROWS), min(s, COLUMNS)
    top = min(row // rows * rows, t - rows)
    first = _busiest(alpha[top : top + rows].sum(0), columns) if s > columns else 0
    heat = _cells(alpha, src, tgt, sides)
    axis = {
        "tickmode": "array",
        "tickfont": {"size": 14},
        "showgrid": False,
        "zeroline": False,
        "automargin": True,
    }
    lines = [
        {
            "type": "line",
            "x0": c - 0.5,
            "x1": c - 0.5,
            "y0": 0,
            "y1": 1,
            "yref": "paper",
            "line": {"color": MUTED, "width": 1},
        }
        for c in breaks
    ]
    layout = base(HEIGHT if t > 6 else 130 + 38 * t) | {
        "xaxis": axis
        | {
            "side": "top",
            "tickvals": list(range(s)),
            "ticktext": [label(x) for x in src],
            "range": [first - 0.5, first + columns - 0.5],
            "tickangle": 0 if sum(map(len, src[:columns])) < 60 and s < 12 else -60,
            "fixedrange": s <= columns,
        },
        "yaxis": axis
        | {
            "tickvals": list(range(t)),
            "ticktext": [label(x) for x in tgt],
            "range": [top + rows - 0.5, top - 0.5],
            "fixedrange": t <= rows,
        },
        "dragmode": "pan" if s > columns or t > rows else False,
        "shapes": lines,
    }
    return {"data": [heat], "layout": layout}


def _cells(
    alpha: np.ndarray, src: Sequence[str], tgt: Sequence[str], sides: tuple[str, str]
) -> dict[str, Any]:
    """The map itself; hovering names both words."""
    return {
        "type": "heatmap",
        "z": np.round(alpha.astype(float), 4).tolist(),
        "zmin": 0,
        "zmax": 1,
        "colorscale": HEAT,
        "xgap": 2,
        "ygap": 2,
        "customdata": [[(escape(a), escape(b)) for b in src] for a in tgt],
        "hovertemplate": (
            f"{translated(sides[0])} <b>%{{customdata[0]}}</b><br>"
            f"{translated(sides[1])} <b>%{{customdata[1]}}</b><br>"
            f"{_('weight')} %{{z:.3f}}<extra></extra>"
        ),
        "colorbar": {
            "title": {"text": _("weight"), "side": "right"},
            "thickness": 8,
            "len": 0.6,
            "tickvals": [0, 0.5, 1],
            "outlinewidth": 0,
        },
    }


def label(text: str) -> str:
    """A word beside the matrix: escaped, and no longer than the others have room for."""
    return escape(text if len(text) <= LONGEST else text[: LONGEST - 1] + "…")


def base(height: int) -> dict[str, Any]:
    """The house layout as a dict: transparent, compact, no title."""
    return {
        "height": height,
        "margin": {"l": 8, "r": 8, "t": 30, "b": 8},
        "paper_bgcolor": "rgba(0,0,0,0)",
        "plot_bgcolor": "rgba(0,0,0,0)",
        "font": {"family": FONT, "size": 14},
        "hoverlabel": {"font": {"family": FONT, "size": 14}},
        "showlegend": False,
    }


def strip(alpha: np.ndarray, src: Sequence[str]) -> dict[str, Any]:
    """The whole of a long source in one row: attention received, (S,), as a strip of columns."""
    bars = {
        "type": "bar",
        "x": list(range(len(src))),
        "y": np.round(alpha.sum(0).astype(float), 4).tolist(),
        "marker": {"color": ACCENT, "line": {"width": 0}},
        "customdata": [escape(x) for x in src],
        "hovertemplate": f"%{{x}}: %{{customdata}}<br>{_('received')} %{{y:.2f}}<extra></extra>",
    }
    hidden = {"visible": False, "fixedrange": True}
    layout = base(64) | {
        "margin": {"l": 8, "r": 8, "t": 4, "b": 4},
        "bargap": 0,
        "xaxis": hidden | {"range": [-0.5, len(src) - 0.5]},
        "yaxis": hidden,
    }
    return {"data": [bars], "layout": layout}


def _busiest(total: np.ndarray, width: int) -> int:
    """First column of the window that holds most of ``total``."""
    sums = np.convolve(total, np.ones(width), "valid")
    return int(sums.argmax()) if len(sums) else 0
