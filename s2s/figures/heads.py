"""All heads of a kind of attention in one heatmap: layers down, heads across; plain dicts."""

from __future__ import annotations

from typing import Any

import numpy as np

from s2s.figures.heatmap import base
from s2s.figures.style import HEAT, MUTED
from s2s.locale import _


def mosaic(grid: np.ndarray) -> dict[str, Any]:
    """(L,H,T,S) → one figure; a row and a column without values stand between two heads."""
    layers, heads, t, s = grid.shape
    whole = np.full((layers * (t + 1) - 1, heads * (s + 1) - 1), np.nan)
    lines = []
    for layer in range(layers):
        for head in range(heads):
            y, x = layer * (t + 1), head * (s + 1)
            whole[y : y + t, x : x + s] = grid[layer, head]
            box = {"type": "rect", "line": {"color": MUTED, "width": 1}}
            lines.append(box | {"x0": x - 0.5, "x1": x + s - 0.5, "y0": y - 0.5, "y1": y + t - 0.5})
    values = [[None if np.isnan(v) else round(float(v), 4) for v in row] for row in whole]
    heat = {
        "type": "heatmap",
        "z": values,
        "zmin": 0,
        "zmax": 1,
        "colorscale": HEAT,
        "hoverongaps": False,
        "hovertemplate": f"{_('weight')} %{{z:.3f}}<extra></extra>",
        "colorbar": {"title": {"text": _("weight")}, "thickness": 8, "len": 0.6},
    }
    axis = {"showgrid": False, "zeroline": False, "automargin": True}
    layout = base(80 + 110 * layers) | {
        "xaxis": axis
        | {
            "side": "top",
            "tickvals": [h * (s + 1) + (s - 1) / 2 for h in range(heads)],
            "ticktext": [_("head {n}").format(n=h + 1) for h in range(heads)],
        },
        "yaxis": axis
        | {
            "tickvals": [n * (t + 1) + (t - 1) / 2 for n in range(layers)],
            "ticktext": [_("layer {n}").format(n=n + 1) for n in range(layers)],
            "autorange": "reversed",
        },
        "shapes": lines,
    }
    return {"data": [heat], "layout": layout}
