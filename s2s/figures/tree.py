"""The beam tree: steps down, hypotheses side by side."""

from __future__ import annotations

from collections.abc import Sequence

import plotly.graph_objects as go

from s2s.analysis.tree import ROOT, Line, Node, Tree
from s2s.figures.style import ACCENT, FATE_COLOURS, GRID, LEGEND, MUTED, escape, lay_out
from s2s.locale import _, later, translated
from s2s.trace import Fate

ROW, LANES, LONGEST = 46, 9, 11  # pixels a step, lanes in view at first, characters of a label
STYLES = {  # kind of node → colour of its edge, width, dash
    later("chosen output"): (ACCENT, 4, "solid"),
    later("other outputs"): (FATE_COLOURS["finished"], 2, "solid"),
    later("kept, led nowhere"): (FATE_COLOURS["kept"], 1.2, "solid"),
    later("pruned"): (MUTED, 1, "dot"),
    later("blocked"): (FATE_COLOURS["blocked"], 1, "dot"),
}


def kind(node: Node) -> str:
    """Which of ``STYLES`` a node has."""
    if node.ranks:
        return "chosen output" if 0 in node.ranks else "other outputs"
    if node.fate in (Fate.PRUNED, Fate.BLOCKED):
        return node.fate.name.lower()
    return "kept, led nowhere"


def beam_tree(
    tree: Tree, lines: Sequence[Line], labels: Sequence[str], scores: Sequence[float]
) -> go.Figure:
    """``labels``: by node; ``scores``: final score of each output, best first.

    The number beside an edge is the log-probability of the token below it. The chosen output runs
    straight down on the left.
    """
    lane = {n: line.lane for line in lines for n in line.nodes}
    figure = go.Figure()
    for name, (colour, width, dash) in STYLES.items():
        nodes = [n for n in tree.nodes[1:] if kind(n) == name]
        if nodes:
            figure.add_trace(_edges(nodes, lane, name, colour, width, dash))
    texts = [_short(label) for label in labels]
    for name, (colour, *_rest) in STYLES.items():
        nodes = [n for n in tree.nodes[1:] if kind(n) == name]
        if nodes:
            figure.add_trace(_words(nodes, lane, texts, labels, name, colour))
    shown = tree.nodes[1:]
    figure.add_trace(
        go.Scatter(
            x=[lane[n.id] for n in shown],
            y=[n.depth - 0.37 for n in shown],
            text=[f" {n.logprob:.2f}" for n in shown],
            mode="text",
            textposition="middle right",
            textfont={"size": 10, "color": MUTED},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    ended = [n for n in shown if n.ends >= 0]
    figure.add_trace(
        go.Scatter(
            x=[lane[n.id] for n in ended],
            y=[n.depth + 0.6 for n in ended],
            text=[f"<b>#{n.ends + 1}</b> {scores[n.ends]:.3f}" for n in ended],
            mode="text",
            textfont={"size": 12, "color": [_rank_colour(n) for n in ended]},
            hoverinfo="skip",
            showlegend=False,
        )
    )
    return _axes(figure, tree, lane)


def _rank_colour(node: Node) -> str:
    return STYLES[kind(node)][0]


def _edges(
    nodes: list[Node], lane: dict[int, int], name: str, colour: str, width: float, dash: str
) -> go.Scatter:
    """Lines from below the parent's word to above the child's: aslant first, then straight down, so
    that they keep clear of words and scores."""
    x, y = [], []
    for n in nodes:
        above = n.depth - 1
        x += [lane[n.parent], lane[n.id], lane[n.id], None]
        y += [above + (0.3 if n.parent == ROOT else 0.22), above + 0.46, n.depth - 0.24, None]
    return go.Scatter(
        x=x,
        y=y,
        mode="lines",
        line={"color": colour, "width": width, "dash": dash},
        name=translated(name),
        legendgroup=name,
        hoverinfo="skip",
    )


def _words(
    nodes: list[Node],
    lane: dict[int, int],
    texts: list[str],
    labels: Sequence[str],
    name: str,
    colour: str,
) -> go.Scatter:
    strong = name == "chosen output"
    missed = _("missed the cut by {n:.3f}")
    numbers = _("running total {total}, normalised {score}")
    pale = name in ("pruned", "blocked")
    font = {"size": 14 if not pale else 11} | ({"color": colour} if strong or pale else {})
    return go.Scatter(
        x=[lane[n.id] for n in nodes],
        y=[n.depth for n in nodes],
        text=[f"<b>{texts[n.id]}</b>" if strong else texts[n.id] for n in nodes],
        mode="text",
        textfont=font,
        legendgroup=name,
        showlegend=False,
        customdata=[
            (
                escape(labels[n.id]),
                n.logprob,
                n.total,
                n.score,
                missed.format(n=n.gap)
                if n.fate == Fate.PRUNED
                else translated(n.fate.name.lower()),
            )
            for n in nodes
        ],
        hovertemplate=(
            f"<b>%{{customdata[0]}}</b> {_('log-probability')} %{{customdata[1]:.3f}}<br>"
            + numbers.format(total="%{customdata[2]:.3f}", score="%{customdata[3]:.3f}")
            + f"<br>%{{customdata[4]}}<extra>{translated(name)}</extra>"
        ),
    )


def _axes(figure: go.Figure, tree: Tree, lane: dict[int, int]) -> go.Figure:
    depth, lanes = max(n.depth for n in tree.nodes), 1 + max(lane.values())
    figure.update_xaxes(
        range=[-0.7, min(lanes, LANES) - 0.4],
        visible=False,
        zeroline=False,
        minallowed=-0.8,
        maxallowed=max(lanes, 2) - 0.2,
    )
    figure.update_yaxes(
        range=[depth + 0.95, 0.1],
        tickvals=list(range(1, depth + 1)),
        showgrid=False,
        zeroline=False,
        title={"text": _("step"), "standoff": 4},
        tickfont={"size": 11},
        gridcolor=GRID,
    )
    lay_out(figure, 136 + ROW * (depth + 1), dragmode=False)
    legend = LEGEND | {"itemdoubleclick": False}
    return figure.update_layout(showlegend=True, legend=legend, margin={"t": 90, "l": 40})


def _short(label: str) -> str:
    return escape(label if len(label) <= LONGEST else label[: LONGEST - 1] + "…")
