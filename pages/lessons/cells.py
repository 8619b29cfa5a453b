"""Lesson: recurrent cells, gate by gate."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.lessons.code import show_code
from pages.lessons.exercise import number_exercise
from pages.lessons.papers import references
from pages.lessons.prose import Text
from pages.lessons.reading import Reading, is_rnn, read, step_slider
from pages.parts import state
from pages.parts.chart import chart, downloads
from s2s.analysis.lessons.cells import Gated, busiest, gated
from s2s.figures.gates import over_words
from s2s.locale import _
from s2s.models.recurrent.cells import gru_cell, lstm_cell

CELLS = {"gru": "GRU", "lstm": "LSTM"}
SHOWN = {"gru": ("r", "z", "n", "h"), "lstm": ("i", "f", "g", "o", "c")}


def cells(text: Text) -> None:
    """One unit of a GRU or an LSTM while the sentence is read."""
    k = state.kept()
    st.markdown(text.section("plain"))
    st.segmented_control(
        _("Cell"),
        list(CELLS),
        default=k.cell,
        required=True,
        format_func=CELLS.get,
        **state.widget("cell"),
    )
    reading = read(
        lambda config: is_rnn(config, cell=k.cell),
        _("a GRU") if k.cell == "gru" else _("an LSTM"),
    )
    found = steps_of(reading)
    size = found.values["h"].shape[1]
    names = [reading.pieces[i] for i in found.order]
    unit = k.dim if 0 <= k.dim < size else busiest(found)
    at = step_slider(names, _("The cell has read as far as"))
    st.number_input(
        _("Unit, 0 to {last}").format(last=size - 1),
        0,
        size - 1,
        unit,
        **state.widget("dim"),
        width=200,
    )
    now = {name: float(values[at, unit]) for name, values in found.values.items()}
    st.markdown(text.section(k.cell, word=names[at], unit=unit, t=at + 1, **now))
    if k.cell == "lstm" and found.order[0]:
        st.caption(text.section("reversed"))
    _figure(reading, found, names, at, unit)
    st.markdown(text.section("memory"))
    keep = now["z" if k.cell == "gru" else "f"]
    number_exercise(
        "cells",
        text,
        keep**3,
        0.02,
        gate="z" if k.cell == "gru" else "f",
        keep=keep,
        word=names[at],
    )
    show_code(gru_cell if k.cell == "gru" else lstm_cell, gated)
    references("elman", "lstm", "forget", "cho", "chung")


def steps_of(reading: Reading) -> Gated:
    """Every gate at every step, kept."""
    return reading.computed("lesson-cells", lambda m: gated(m, reading.ids))


def _figure(reading: Reading, found: Gated, names: list[str], at: int, unit: int) -> None:
    shown = {name: found.values[name][:, unit] for name in SHOWN[found.cell]}
    curves = shown | {_("without gates"): found.values["plain"][:, unit]}
    key = f"cells-{found.cell}-{unit}-{at}-{hash(reading.key) & 0xFFFFFFFF:x}"
    figure = over_words(names, curves, at)
    chart(figure, key, "gates", _("Gates and state of one unit while the sentence is read"))
    table = pd.DataFrame({_("piece"): names} | {n: np.round(c, 4) for n, c in curves.items()})
    downloads(figure, table, key, "gates", _("One unit, step by step"), {})
