"""Links between words on an attention matrix: drawn by people, and read from the weights."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from s2s.figures.style import ACCENT, LEGEND, OTHER
from s2s.locale import _

Link = tuple[int, int]


def marked(
    figure: dict[str, Any],
    found: Iterable[Link],
    sure: Iterable[Link] = (),
    possible: Iterable[Link] = (),
) -> dict[str, Any]:
    """The matrix with marks at (source, output) links. Shape and colour both tell them apart."""
    kinds = (
        (_("sure link"), sure, "square-open", OTHER, 19, 2.5),
        (_("possible link"), possible, "diamond-open", OTHER, 16, 1.5),
        (_("link of the attention"), found, "circle", ACCENT, 9, 1.5),
    )
    marks = []
    for name, links, symbol, colour, size, width in kinds:
        at = sorted(links)
        if at:
            line = {"color": "white" if symbol == "circle" else colour, "width": width}
            marks.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": name,
                    "x": [s for s, _ in at],
                    "y": [t for _, t in at],
                    "marker": {"symbol": symbol, "color": colour, "size": size, "line": line},
                    "hoverinfo": "skip",
                    "cliponaxis": False,
                }
            )
    layout = figure["layout"] | {
        "showlegend": True,
        "legend": LEGEND | {"y": -0.05, "yanchor": "top"},
    }
    return {"data": [*figure["data"], *marks], "layout": layout}
