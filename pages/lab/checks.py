"""Panel: laws that must hold, checked on the trace that is shown."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts.cache import checks
from pages.parts.chart import csv
from pages.parts.text import plain


def checks_panel(lab: Lab) -> None:
    """A green tick or a red number for every law."""
    st.markdown(
        "A picture of a search is only worth something if its numbers agree with the model: these "
        "laws are checked anew on the very trace that this page draws."
    )
    found = checks(lab.key, lab.name, lab.trace)
    for c in found:
        if c.error is None:
            mark, note = ":gray[:material/remove:]", f"does not apply: {c.detail}"
        elif c.holds:
            off = f"off by {c.error:.1e}" if c.error else "exact"
            mark, note = ":green[:material/check:]", f"{off}; {c.detail}"
        else:
            mark, note = (
                f":red[**{c.error:.3g}**]",
                f"over the tolerance {c.tolerance:.0e}; {c.detail}",
            )
        st.markdown(f"{mark} **{plain(c.law)}** ({plain(note)})")
    table = pd.DataFrame(
        {
            "law": c.law,
            "holds": "does not apply" if c.error is None else "yes" if c.holds else "NO",
            "largest deviation": c.error,
            "tolerance": c.tolerance,
            "compared": c.detail,
        }
        for c in found
    )
    with st.expander("The same as a table"):
        st.dataframe(
            table,
            hide_index=True,
            alt="Laws and deviations",
            column_config={
                c: st.column_config.NumberColumn(format="scientific")
                for c in ("largest deviation", "tolerance")
            },
        )
        st.download_button("Numbers (CSV)", csv(table), "checks.csv", "text/csv", on_click="ignore")
