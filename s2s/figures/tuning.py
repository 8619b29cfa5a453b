"""Pictures of a search for good options, as SVG that any page can show: no Plotly, no script."""

from __future__ import annotations

import math
from collections.abc import Sequence

from s2s.figures.style import ACCENT, MUTED, OTHER, escape

WIDTH, HEIGHT = 420, 240
LEFT, RIGHT, TOP, BOTTOM = 52, 12, 30, 40
ROOM = 0.06  # beside the outermost points, as a share of all
COLOURS = {"complete": ACCENT, "pruned": OTHER}
MARKS = {"complete": "complete", "pruned": "cut short"}

Point = tuple[float, float, str]
"""x, y, and a key of ``COLOURS``."""


def scatter(points: Sequence[Point], x: str, y: str, log: bool = False) -> str:
    """Points with a legend. ``log``: x on a logarithmic scale; then it must be over 0."""
    return _drawing(points, [], x, y, log)


def history(points: Sequence[Point], y: str) -> str:
    """Trials in order, and the best complete one so far as a line."""
    line, best = [], -math.inf
    for n, value, state in sorted(points):
        if state == "complete":
            best = max(best, value)
        if best > -math.inf:
            line.append((n, best))
    return _drawing(points, line, "trial", y, False)


def _drawing(
    points: Sequence[Point], line: Sequence[tuple[float, float]], x: str, y: str, log: bool
) -> str:
    forward = math.log10 if log else float
    xs, ys = [forward(p[0]) for p in points] or [0.0], [p[1] for p in points] or [0.0]
    (x0, x1), (y0, y1) = _range(xs), _range(ys)

    def at(px: float, py: float) -> tuple[float, float]:
        across = (forward(px) - x0) / (x1 - x0) * (WIDTH - LEFT - RIGHT)
        up = (py - y0) / (y1 - y0) * (HEIGHT - TOP - BOTTOM)
        return round(LEFT + across, 1), round(HEIGHT - BOTTOM - up, 1)

    body = [_axes(x, y, (x0, x1), (y0, y1), log)]
    if line:
        corners = " ".join(f"{a},{b}" for a, b in (at(*p) for p in line))
        body.append(f'<polyline points="{corners}" fill="none" stroke="{ACCENT}" opacity=".5"/>')
    for px, py, state in points:
        a, b = at(px, py)
        shape = (
            f'<circle cx="{a}" cy="{b}" r="4.5" fill="{COLOURS[state]}"/>'
            if state == "complete"
            else f'<path d="M{a - 4} {b - 4}l8 8m0 -8l-8 8" stroke="{COLOURS[state]}" '
            'stroke-width="2"/>'
        )
        body.append(f"<g>{shape}<title>{px:.4g}: {py:.2f} ({MARKS[state]})</title></g>")
    body.append(_legend())
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" '
        f'width="{WIDTH}" height="{HEIGHT}" font-family="sans-serif" font-size="12" '
        f'fill="{MUTED}" role="img">\n<title>{escape(y)} by {escape(x)}</title>\n'
        + "\n".join(body)
        + "\n</svg>\n"
    )


def _range(values: Sequence[float]) -> tuple[float, float]:
    low, high = min(values), max(values)
    size = (high - low) or 1.0
    return low - ROOM * size, low + (1 + ROOM) * size


def _axes(x: str, y: str, across: tuple[float, float], up: tuple[float, float], log: bool) -> str:
    """Both axes with three numbers each, and their names."""
    bottom, right = HEIGHT - BOTTOM, WIDTH - RIGHT
    parts = [
        f'<path d="M{LEFT} {TOP}V{bottom}H{right}" fill="none" stroke="{MUTED}" opacity=".6"/>',
        f'<text x="{(LEFT + right) / 2}" y="{HEIGHT - 6}" text-anchor="middle">{escape(x)}</text>',
        f'<text x="4" y="14">{escape(y)}</text>',
    ]
    for share in (ROOM / (1 + 2 * ROOM), 0.5, (1 + ROOM) / (1 + 2 * ROOM)):  # least, middle, most
        value = across[0] + share * (across[1] - across[0])
        shown = f"{10**value:.3g}" if log else f"{value:.3g}"
        px = LEFT + share * (right - LEFT)
        parts.append(f'<text x="{px:.1f}" y="{bottom + 15}" text-anchor="middle">{shown}</text>')
        value = up[0] + share * (up[1] - up[0])
        py = bottom - share * (bottom - TOP) + 4
        parts.append(f'<text x="{LEFT - 6}" y="{py:.1f}" text-anchor="end">{value:.3g}</text>')
    return "\n".join(parts)


def _legend() -> str:
    return (
        f'<circle cx="{WIDTH - 150}" cy="10" r="4.5" fill="{ACCENT}"/>'
        f'<text x="{WIDTH - 142}" y="14">complete</text>'
        f'<path d="M{WIDTH - 76} 6l8 8m0 -8l-8 8" stroke="{OTHER}" stroke-width="2"/>'
        f'<text x="{WIDTH - 64}" y="14">cut short</text>'
    )
