"""One step of a search as bars, and the running totals of two outputs as lines."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import plotly.graph_objects as go

from s2s.figures.style import ACCENT, FATE_COLOURS, GRID, LEGEND, MUTED, OTHER, escape, lay_out
from s2s.locale import _, translated


def ranking(
    labels: Sequence[str],
    totals: Sequence[float],
    fates: Sequence[str],
    gaps: Sequence[float],
    cut: float | None,
) -> go.Figure:
    """Candidates of one step by running total, best on top, and the cut between life and death.

    ``fates``: keys of ``FATE_COLOURS``; ``gaps``: by how much pruned ones missed the cut; ``cut``:
    total of the worst candidate kept.
    """
    n = len(labels)
    figure = go.Figure(
        [
            _dots(fate, rows, labels, totals, gaps)
            for fate in FATE_COLOURS
            if (rows := [i for i in range(n) if fates[i] == fate])
        ]
    )
    low, high = min(totals, default=-1.0), max(totals, default=0.0)
    room = max(high - low, 0.1)
    if cut is not None:
        figure.add_vline(
            x=cut,
            line={"color": OTHER, "width": 2, "dash": "dash"},
            annotation_text=_("the cut"),
            annotation_position="bottom left",
            annotation_font_color=OTHER,
        )
    figure.update_xaxes(
        range=[low - 0.08 * room, high + 0.25 * room],
        gridcolor=GRID,
        zeroline=False,
        fixedrange=True,
        title={"text": _("running total (nats)"), "standoff": 6},
    )
    figure.update_yaxes(
        tickvals=list(range(n)),
        ticktext=[escape(x) for x in labels],
        range=[n - 0.3, -0.7],
        fixedrange=True,
        automargin=True,
        gridcolor=GRID,
        zeroline=False,
    )
    lay_out(figure, 120 + 26 * n)
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 44, "b": 50})


def _dots(
    fate: str,
    rows: Sequence[int],
    labels: Sequence[str],
    totals: Sequence[float],
    gaps: Sequence[float],
) -> go.Scatter:
    """The candidates that met one fate."""
    pruned = fate == "pruned"
    missed = _(" ({n:.2f} short)")
    return go.Scatter(
        x=[totals[i] for i in rows],
        y=rows,
        mode="markers+text",
        name=translated(fate),
        marker={
            "color": FATE_COLOURS[fate],
            "size": 11,
            "symbol": "x-thin-open" if pruned else "circle",
        },
        text=[f"  {totals[i]:.2f}" + missed.format(n=gaps[i]) * pruned for i in rows],
        textposition="middle right",
        textfont={"size": 11},
        cliponaxis=False,
        hovertemplate=f"%{{customdata}}: %{{x:.4f}}<extra>{translated(fate)}</extra>",
        customdata=[escape(labels[i]) for i in rows],
    )


def race(
    totals: tuple[np.ndarray, np.ndarray],
    names: tuple[str, str],
    tokens: tuple[Sequence[str], Sequence[str]],
) -> go.Figure:
    """How far the second output is ahead of the first after each token, (T,) running totals."""
    ahead = totals[1] - totals[0]
    steps = list(range(1, len(ahead) + 1))
    written = [
        tuple(escape(side[t]) if t < len(side) else _("(ended)") for side in tokens)
        for t in range(len(ahead))
    ]
    figure = go.Figure()
    for name, part, colour in (
        (_("{name} ahead").format(name=names[1]), ahead > 0, ACCENT),
        (_("{name} ahead").format(name=names[0]), ahead < 0, OTHER),
        (_("level"), ahead == 0, MUTED),
    ):
        if part.any():
            figure.add_trace(
                go.Bar(
                    x=[s for s, p in zip(steps, part, strict=True) if p],
                    y=ahead[part],
                    name=name,
                    marker={"color": colour},
                    customdata=[w for w, p in zip(written, part, strict=True) if p],
                    hovertemplate=(
                        f"{_('step {n}').format(n='%{x}')}<br>{names[0]}: %{{customdata[0]}}<br>"
                        f"{names[1]}: %{{customdata[1]}}<br>"
                        f"{_('difference')} %{{y:.3f}}<extra></extra>"
                    ),
                )
            )
    figure.update_xaxes(title=_("step"), dtick=1 if len(steps) <= 30 else 5, fixedrange=True)
    figure.update_yaxes(
        title=_("{one} − {other}, nats").format(one=names[1], other=names[0]),
        gridcolor=GRID,
        zerolinecolor=MUTED,
        fixedrange=True,
    )
    lay_out(figure, 300, bargap=0.3)
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 40, "l": 60, "b": 50})
