"""Colours, sizes and the shared layout of every figure.

Colours are translucent or mid-toned, so that one figure reads well on a light and on a dark page.
"""

from __future__ import annotations

from typing import Any

import plotly.graph_objects as go

from s2s.locale import later, translated

ACCENT = "#14978a"  # what was chosen, attention
OTHER = "#c2762f"  # what it is compared with
MUTED = "#8a9896"
HEAT = [[0.0, "rgba(20,151,138,0)"], [0.35, "rgba(20,151,138,0.45)"], [1.0, "rgba(20,151,138,1)"]]
GRID = "rgba(138,152,150,0.22)"
FONT = "Source Sans, Source Sans Pro, Noto Sans, Noto Sans CJK SC, Noto Sans Arabic, sans-serif"

LEGEND = {"orientation": "h", "y": 1, "yanchor": "bottom", "x": 0, "itemclick": False}
CHIP = (
    "display:inline-block;padding:.1rem .45rem;margin:.12rem;border-radius:.4rem;"
    "border:1px solid rgba(138,152,150,.35);"
)  # a token in a row, as CSS
FATE_COLOURS = {
    later("chosen"): ACCENT,
    later("kept"): "#5b8def",
    later("finished"): "#9b6bd3",
    later("pruned"): MUTED,
    later("not drawn"): MUTED,
    later("blocked"): "#c94f4f",
}


SPACE_MARK = "\u2581"  # SentencePiece's: drawn far too wide in most fonts


SPOKEN = {"<you>": later("you ▸"), "<me>": later("bot ▸")}


def piece(text: str) -> str:
    """A piece as it is drawn: a middle dot for the space before a word, speakers by name."""
    if text in SPOKEN:
        return translated(SPOKEN[text])
    return text.replace(SPACE_MARK, "·") if text != SPACE_MARK else "·"


def escape(text: str) -> str:
    """Text for Plotly labels, which would read <b> or <a href> as mark-up."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def lay_out(figure: go.Figure, height: int, **extra: Any) -> go.Figure:
    """The house layout: transparent, compact, no title (headings belong to the page)."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        font={"family": FONT, "size": 14},
        hoverlabel={"font": {"family": FONT, "size": 14}},
        showlegend=False,
        **extra,
    )
    return figure


def standalone(figure: go.Figure, title: str) -> str:
    """A figure as one HTML file that needs no network."""
    figure = go.Figure(figure)
    figure.update_layout(
        title={"text": escape(title)}, paper_bgcolor="white", margin={"t": 90, "l": 20}
    )
    return figure.to_html(include_plotlyjs=True, full_html=True)
