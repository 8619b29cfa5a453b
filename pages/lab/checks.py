"""Panel: laws that must hold, checked on the trace that is shown."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts.cache import checks
from pages.parts.chart import csv
from pages.parts.columns import draw
from pages.parts.text import plain
from s2s.analysis.invariants import Check
from s2s.locale import _, later, translated
from s2s.text.remarks import shown


def checks_panel(lab: Lab) -> None:
    """A green tick or a red number for every law."""
    st.markdown(
        _(
            "A picture of a search is only worth something if its numbers agree with the model: these "
            "laws are checked anew on the very trace that this page draws."
        )
    )
    found = checks(lab.key, lab.name, lab.trace)
    for c in found:
        mark, note = _result(c)
        st.markdown(f"{mark} **{plain(translated(c.law))}** · {plain(note)}")
    table = pd.DataFrame(
        {
            later("law"): c.law,
            later("holds"): later("does not apply")
            if c.error is None
            else later("yes")
            if c.holds
            else later("NO"),
            later("largest deviation"): c.error,
            later("tolerance"): c.tolerance,
            later("compared"): c.detail,
        }
        for c in found
    )
    with st.expander(_("The same as a table")):
        draw(
            table.assign(compared=[shown(c.detail) for c in found]),
            _("Laws and deviations"),
            dict.fromkeys(("largest deviation", "tolerance"), "scientific"),
            ["law", "holds"],
        )
        title = _("Numbers (CSV)")
        st.download_button(title, csv(table), "checks.csv", "text/csv", on_click="ignore")


def _result(c: Check) -> tuple[str, str]:
    """A tick, a dash or a red number, and what was compared."""
    detail = shown(c.detail)
    if c.error is None:
        return ":gray[:material/remove:]", _("does not apply: {detail}").format(detail=detail)
    if not c.holds:
        said = _("over the tolerance {most:.0e}; {detail}").format(most=c.tolerance, detail=detail)
        return f":red[**{c.error:.3g}**]", said
    said = _("off by {error:.1e}; {detail}") if c.error else _("exact; {detail}")
    return ":green[:material/check:]", said.format(error=c.error, detail=detail)
