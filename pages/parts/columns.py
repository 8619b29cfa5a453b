"""Tables on screen: files have them in English, visitors read heads and fixed words in their language."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from s2s.locale import translated


def draw(
    table: pd.DataFrame,
    alt: str,
    formats: dict[str, Any] | None = None,
    words: Sequence[str] = (),
    **more: Any,
) -> None:
    """Put a table on the page. ``formats``: Streamlit's column settings, or number formats, by column;
    ``words``: columns whose texts are marked by ``later``, as the names of the columns are."""
    spoken = table.assign(**{c: [_said(v) for v in table[c]] for c in words})
    heads = headed(table, formats or {})
    st.dataframe(
        spoken, hide_index=True, alt=alt, column_config=heads, placeholder="", **more
    )  # nothing for what is missing, not Python's word for it


def headed(table: pd.DataFrame, formats: dict[str, Any]) -> dict[str, Any]:
    """Column settings, each with the head that the column has in the language of the interface."""
    found: dict[str, Any] = {}
    for name in table.columns:
        own = formats.get(name, st.column_config.Column())
        config = st.column_config.NumberColumn(format=own) if isinstance(own, str) else own
        label = config and (config["label"] or translated(name))
        found[name] = config and config | {"label": label}
    return found


def _said(value: Any) -> Any:
    return translated(value) if isinstance(value, str) else value
