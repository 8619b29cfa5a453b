"""A figure with everything that belongs to it: its numbers, and ways to take it away."""

from __future__ import annotations

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from s2s.figures.style import standalone


def chart(figure: go.Figure, key: str, name: str, alt: str, pans: bool = False) -> None:
    """Draw a figure. Its toolbar's camera saves PNG or SVG, as ``downloads`` has it."""
    bar = {"displayModeBar": True} if pans else {}
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
        | bar,
    )


def downloads(
    figure: go.Figure,
    table: pd.DataFrame,
    key: str,
    name: str,
    title: str,
    formats: dict | None = None,
) -> None:
    """The table twin of a figure, its CSV, and the figure as HTML, SVG or PNG.

    ``formats``: Streamlit column settings or number formats by column; None: the table stands on the
    page already.
    """
    label = "Downloads" if formats is None else "The same numbers as a table, and downloads"
    with st.expander(label):
        if formats is not None:
            st.dataframe(
                table,
                hide_index=True,
                alt=title,
                key=f"{key}-table",
                column_config={
                    c: st.column_config.NumberColumn(format=f) if isinstance(f, str) else f
                    for c, f in formats.items()
                },
            )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            st.download_button(
                "Numbers (CSV)",
                table.to_csv(index=False),
                f"{name}.csv",
                "text/csv",
                on_click="ignore",
                key=f"{key}-csv",
            )
            st.download_button(
                "Picture (HTML)",
                lambda: standalone(figure, title),
                f"{name}.html",
                "text/html",
                on_click="ignore",
                key=f"{key}-html",
            )
            st.segmented_control(
                "The camera in the figure's toolbar saves",
                ["png", "svg"],
                default="png",
                required=True,
                key=f"{key}-picture",
                format_func=str.upper,
            )
