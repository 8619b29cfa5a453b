"""A figure with everything that belongs to it: its numbers, and ways to take it away."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from pages.parts.columns import draw
from s2s.figures.style import standalone
from s2s.locale import _

Figure = go.Figure | dict[str, Any]
RISKY = ("=", "+", "-", "@", "\t", "\r")  # a spreadsheet takes a cell that begins so for a formula


def chart(figure: Figure, key: str, name: str, alt: str, pans: bool = False) -> None:
    """Draw a figure. Its toolbar's camera saves PNG or SVG, as ``downloads`` has it."""
    picture = st.session_state.get(f"{key}-picture", "png")
    st.plotly_chart(
        figure,
        key=f"{key}-{picture}",
        alt=alt,
        config={
            "displaylogo": False,
            "modeBarButtonsToRemove": ["select2d", "lasso2d", "autoScale2d"],
            "toImageButtonOptions": {"format": picture, "scale": 3, "filename": name},
        }
        | ({"displayModeBar": True} if pans else {}),
    )


def csv(table: pd.DataFrame, between: str = ",") -> str:
    """A table as CSV, or with tabs ``between``, in which no text is taken for a formula."""
    safe = table.copy()
    for column in safe.columns:
        if safe[column].dtype == object or pd.api.types.is_string_dtype(safe[column].dtype):
            safe[column] = safe[column].map(neutral)
    return safe.rename(columns=neutral).to_csv(index=False, sep=between)


def neutral(value: Any) -> Any:
    """A text that spreadsheets show as it stands."""
    return "'" + value if isinstance(value, str) and value.startswith(RISKY) else value


def downloads(
    figure: Figure | Callable[[], Figure],
    table: pd.DataFrame | Callable[[], pd.DataFrame],
    key: str,
    name: str,
    title: str,
    formats: dict | None = None,
    words: Sequence[str] = (),
) -> None:
    """The table twin of a figure, its CSV, and the figure as HTML, SVG or PNG; made when opened.

    ``formats`` and ``words`` are those of ``draw``; no ``formats``: the table stands on the page already.
    """
    twin = _("The same numbers as a table, and downloads")
    label = _("Downloads") if formats is None else twin
    fold = st.expander(label, key=f"{key}-fold", on_change="rerun")
    if not fold.open:
        return
    numbers = table() if callable(table) else table
    with fold:
        if formats is not None:
            draw(numbers, title, formats, words, key=f"{key}-table")
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.download_button(
                _("Numbers (CSV)"),
                csv(numbers),
                f"{name}.csv",
                "text/csv",
                on_click="ignore",
                key=f"{key}-csv",
            )
            st.download_button(
                _("Picture (HTML)"),
                lambda: standalone(figure() if callable(figure) else figure, title),
                f"{name}.html",
                "text/html",
                on_click="ignore",
                key=f"{key}-html",
            )
            st.segmented_control(
                _("The camera in the figure's toolbar saves"),
                ["png", "svg"],
                default="png",
                required=True,
                key=f"{key}-picture",
                format_func=str.upper,
            )
