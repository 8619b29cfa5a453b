"""States as points on a plane, and the training pairs whose states are near."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape as html
from typing import Any

import numpy as np

from s2s.figures.heatmap import base, label
from s2s.figures.labels import HALF, sides
from s2s.figures.style import ACCENT, GRID, LEGEND, MUTED, OTHER, escape
from s2s.locale import _

NAMED = 40  # points that still have their words beside them
DRAWN = 1_500  # points of training that are drawn


def plane(
    points: np.ndarray,
    words: Sequence[str],
    shares: Sequence[float],
    cloud: np.ndarray | None = None,
    path: bool = False,
    chosen: int = -1,
) -> dict[str, Any]:
    """Points (N,2) with their words as a Plotly figure.

    shares: of the variance along either axis. cloud (M,2): states of training, faint behind them.
    path: the points in order are joined. chosen: the point that stands out; -1: none.
    """
    traces = []
    if cloud is not None and len(cloud):
        some = cloud[:: -(-len(cloud) // DRAWN)]
        look = {"color": MUTED, "size": 4, "opacity": 0.3}
        traces.append(_dots(some, _("words of training"), look) | {"hoverinfo": "skip"})
    n = len(points)
    low, high = points.min(0), points.max(0)
    room = 0.3 * np.maximum(high - low, 1e-6)  # training's words go on outside of the sentence's
    spans = np.stack([low - room, high + room], 1).astype(float).round(4)
    shown = [label(w) if n <= NAMED or i == chosen else "" for i, w in enumerate(words)]
    main = _dots(points, _("this sentence"), {"color": ACCENT, "size": 9})
    main |= {
        "mode": "lines+markers+text" if path else "markers+text",
        "line": {"color": "rgba(20,151,138,.45)", "width": 1.5},
        "text": shown,
        "textposition": sides(points, shown, spans, HALF),
        "customdata": [f"{i + 1} {escape(w)}" for i, w in enumerate(words)],
        "hovertemplate": "%{customdata}<br>%{x:.2f}, %{y:.2f}<extra></extra>",
    }
    traces.append(main)
    if 0 <= chosen < n:
        ring = {"color": OTHER, "size": 17, "symbol": "circle-open", "line": {"width": 3}}
        one = _dots(points[chosen : chosen + 1], _("the chosen word"), ring)
        traces.append(one | {"hoverinfo": "skip"})
    titles = (_("1st component, {share:.0%}"), _("2nd component, {share:.0%}"))
    axes = {
        f"{name}axis": {
            "range": span,
            "title": {"text": title.format(share=share), "font": {"size": 12}},
            "gridcolor": GRID,
            "zeroline": False,
            "showticklabels": False,
            "fixedrange": True,
        }
        for name, title, share, span in zip("xy", titles, shares, spans.tolist(), strict=True)
    }
    layout = base(360) | axes | {"showlegend": True, "legend": LEGEND, "dragmode": False}
    return {"data": traces, "layout": layout | {"margin": {"l": 8, "r": 8, "t": 40, "b": 8}}}


def _dots(points: np.ndarray, name: str, marker: dict[str, Any]) -> dict[str, Any]:
    x, y = np.round(points.astype(float), 4).T.tolist()
    return {"type": "scatter", "mode": "markers", "name": name, "x": x, "y": y, "marker": marker}


def neighbours(
    found: Sequence[tuple[str, str, tuple[int, int], float]], languages: tuple[str, str]
) -> str:
    """(source, target, place of the word, distance) of training pairs as escaped HTML, one a row."""
    rows = []
    for source, target, (a, b), distance in found:
        width = 100 * max(0.0, min(1.0, 1 - distance))
        mark = (
            f'<b data-near="true" style="border-bottom:3px solid {OTHER}">{html(target[a:b])}</b>'
            if b > a
            else ""
        )
        rows.append(
            '<div style="display:grid;grid-template-columns:4.6rem 1fr;gap:.8rem;'
            'align-items:center;padding:.22rem 0;border-top:1px solid rgba(138,152,150,.25)">'
            f'<span title="{html(_("distance {n:.3f}").format(n=distance))}"><span style="font-variant-numeric:tabular-nums">'
            f'{distance:.2f}</span><span style="display:block;height:.3rem;border-radius:.2rem;'
            'background:rgba(138,152,150,.22)"><span style="display:block;height:100%;'
            f'border-radius:.2rem;background:{ACCENT};width:{width:.0f}%"></span></span></span>'
            f'<span style="overflow-wrap:anywhere"><bdi lang="{html(languages[1])}">'
            f"{html(target[:a])}{mark}{html(target[b:])}</bdi><br>"
            f'<bdi lang="{html(languages[0])}" style="font-size:.88em;opacity:.8">{html(source)}'
            "</bdi></span></div>"
        )
    return f"<div>{''.join(rows)}</div>"
