"""Bars: the alternatives of one step, and where the model looked in it."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from s2s.figures.style import (
    ACCENT,
    FATE_COLOURS,
    GRID,
    LEGEND,
    MUTED,
    OTHER,
    escape,
    lay_out,
)
from s2s.locale import _, later, translated


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
                    name=translated(fate),
                    marker={"color": colour},
                    text=[f"{probabilities[i]:.1%}" for i in rows],
                    textposition="outside",
                    cliponaxis=False,
                    hovertemplate=f"%{{customdata}}: %{{x:.4f}}<extra>{translated(fate)}</extra>",
                    customdata=[escape(labels[i]) for i in rows],
                )
            )
    figure.update_xaxes(range=[0, 1.15], visible=False, fixedrange=True)
    figure.update_yaxes(
        tickvals=list(range(n)),
        ticktext=[escape(x) for x in labels],
        range=[n - 0.5, -0.5],
        fixedrange=True,
        automargin=True,
        showgrid=False,
    )
    lay_out(figure, 70 + 30 * n, bargap=0.35)
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 40})


def copying(tokens: Sequence[str], gen: Sequence[float], copied: Sequence[float]) -> go.Figure:
    """For each output token the gate's copy probability, and how much of the token was copied."""
    n = len(tokens)
    figure = go.Figure()
    series = (
        (_("gate: probability of copying"), [1 - g for g in gen], MUTED),
        (_("copied share of the token written"), list(copied), ACCENT),
    )
    for name, values, colour in series:
        figure.add_trace(
            go.Bar(
                x=list(range(n)),
                y=values,
                name=name,
                marker={"color": colour},
                customdata=[escape(t) for t in tokens],
                hovertemplate="%{customdata}: %{y:.3f}<extra>" + name + "</extra>",
            )
        )
    figure.update_xaxes(
        tickvals=list(range(n)),
        ticktext=[escape(t) for t in tokens],
        fixedrange=True,
        autotickangles=[0, -60, -90],
        automargin=True,
        showgrid=False,
    )
    figure.update_yaxes(range=[0, 1.02], tickformat=".0%", gridcolor=GRID, fixedrange=True)
    lay_out(figure, 300, bargap=0.3)
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 40})


def parts(labels: Sequence[str], shares: Sequence[float]) -> go.Figure:
    """Attention mass of each part of a source, oldest on top."""
    n = len(labels)
    figure = go.Figure(
        go.Bar(
            x=list(shares),
            y=list(range(n)),
            orientation="h",
            marker={"color": ACCENT},
            text=[f"{s:.0%}" for s in shares],
            textposition="outside",
            cliponaxis=False,
            customdata=[escape(x) for x in labels],
            hovertemplate="%{customdata}: %{x:.3f}<extra></extra>",
        )
    )
    short = [x if len(x) <= 34 else x[:32] + " …" for x in labels]
    figure.update_yaxes(
        tickvals=list(range(n)),
        ticktext=[escape(x) for x in short],
        range=[n - 0.5, -0.5],
        fixedrange=True,
        automargin=True,
        showgrid=False,
    )
    figure.update_xaxes(range=[0, 1.15], visible=False, fixedrange=True)
    return lay_out(figure, 30 + 34 * n, bargap=0.35)


def differences(tokens: Sequence[str], nats: Sequence[float]) -> go.Figure:
    """What each token won (up) or lost (down), in nats."""
    figure = go.Figure()
    for name, colour, sign in (
        (_("more probable"), ACCENT, 1),
        (_("less probable"), OTHER, -1),
    ):
        at = [i for i, value in enumerate(nats) if value * sign > 0]
        figure.add_trace(
            go.Bar(
                x=at,
                y=[float(nats[i]) for i in at],
                name=name,
                marker={"color": colour},
                customdata=[escape(tokens[i]) for i in at],
                hovertemplate=f"%{{customdata}}: %{{y:+.3f}} {_('nats')}<extra></extra>",
            )
        )
    figure.update_xaxes(
        tickvals=list(range(len(tokens))),
        ticktext=[escape(t) for t in tokens],
        range=[-0.5, len(tokens) - 0.5],
        fixedrange=True,
        autotickangles=[0, -60, -90],
        automargin=True,
        showgrid=False,
    )
    figure.update_yaxes(
        gridcolor=GRID, fixedrange=True, title={"text": _("nats")}, zerolinecolor=MUTED
    )
    lay_out(figure, 260, bargap=0.35)
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 40})


COVERED = {
    later("usual"): ACCENT,
    later("little"): OTHER,
    later("much"): FATE_COLOURS["finished"],
}


def coverage(
    words: Sequence[str], got: Sequence[float], judged: Sequence[str], bounds: tuple[float, float]
) -> go.Figure:
    """Attention received by each source word; ``judged``: keys of ``COVERED``; the bounds as lines."""
    figure = go.Figure()
    for kind, colour in COVERED.items():
        at = [i for i, j in enumerate(judged) if j == kind]
        if at:
            figure.add_trace(
                go.Bar(
                    x=at,
                    y=[float(got[i]) for i in at],
                    name=translated(kind),
                    marker={"color": colour},
                    customdata=[escape(words[i]) for i in at],
                    hovertemplate=f"%{{customdata}}: %{{y:.2f}}<extra>{translated(kind)}</extra>",
                )
            )
    for bound in bounds:
        figure.add_hline(bound, line={"color": MUTED, "dash": "dot", "width": 1})
    figure.update_xaxes(
        tickvals=list(range(len(words))),
        ticktext=[escape(w) for w in words],
        range=[-0.5, len(words) - 0.5],
        fixedrange=True,
        autotickangles=[0, -60, -90],
        automargin=True,
        showgrid=False,
    )
    figure.update_yaxes(gridcolor=GRID, fixedrange=True, rangemode="tozero")
    lay_out(figure, 300, bargap=0.35)
    return figure.update_layout(showlegend=True, legend=LEGEND, margin={"t": 40})
