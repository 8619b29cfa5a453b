"""Lesson: the encoder, and reading from both ends."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.lessons.code import show_code
from pages.lessons.exercise import choice_exercise, choices
from pages.lessons.papers import references
from pages.lessons.prose import Text, vector
from pages.lessons.reading import Reading, is_rnn, read, step_slider
from pages.parts.chart import chart, downloads
from s2s.analysis.lessons.encoder import Directions, directions, influence, liveliest
from s2s.figures.states import as_read, felt
from s2s.locale import _
from s2s.models.recurrent.encoder import both_directions, read_source

UNITS = 12  # of each direction that are drawn


def encoder(text: Text) -> None:
    """States of both directions as the sentence is read, and what each word changes in them."""
    st.markdown(text.section("reading"))
    reading = read(
        lambda config: is_rnn(config, bidirectional=True) and not is_rnn(config, attention="none"),
        _("a recurrent encoder that reads from both ends"),
    )
    states = _states(reading)
    n, half = states.forward.shape
    at = step_slider(reading.pieces, _("Each direction has read as far as its step"))
    st.markdown(
        text.section(
            "states",
            t=at + 1,
            left=reading.pieces[at],
            right=reading.pieces[n - 1 - at],
            forward=vector(states.forward[at]),
            backward=vector(states.backward[n - 1 - at]),
            half=half,
        )
    )
    _as_read(reading, states, at)
    st.markdown(
        text.section("handed", n=n, size=2 * half, all=n * 2 * half, start=vector(states.start))
    )
    _felt(text, reading, at)
    choice_exercise("encoder", text, choices(text), 1)
    show_code(directions, read_source, both_directions)
    references("bidirectional", "cho", "bahdanau")


def _as_read(reading: Reading, states: Directions, at: int) -> None:
    forward = states.forward[:, liveliest(states.forward, UNITS)].T  # (U,S)
    backward = states.backward[:, liveliest(states.backward, UNITS)].T
    figure = as_read(reading.pieces, forward, backward, at)
    key = f"encoder-{at}-{hash(reading.key) & 0xFFFFFFFF:x}"
    chart(figure, key, "states", _("States of both directions, as far as each has read"))
    columns = [f"{i + 1} {p}" for i, p in enumerate(reading.pieces)]
    both = np.concatenate([forward, backward])
    table = pd.DataFrame(both.round(3), columns=columns)
    table.insert(0, _("direction"), [_("forward")] * UNITS + [_("backward")] * UNITS)
    downloads(figure, table, key, "states", _("States of both directions"), {})


def _felt(text: Text, reading: Reading, at: int) -> None:
    st.markdown(text.section("felt", word=reading.pieces[at]))
    forward, backward = reading.computed(
        ("lesson-influence", at), lambda m: influence(m, reading.ids, at)
    )
    figure = felt(reading.pieces, forward, backward, at)
    key = f"felt-{at}-{hash(reading.key) & 0xFFFFFFFF:x}"
    chart(figure, key, "felt", _("Change of every state without one word"))
    table = pd.DataFrame(
        {
            _("piece"): reading.pieces,
            _("forward"): forward.round(4),
            _("backward"): backward.round(4),
        }
    )
    downloads(figure, table, key, "felt", _("Change without one word"), {})


def _states(reading: Reading) -> Directions:
    return reading.computed("lesson-encoder", lambda m: directions(m, reading.ids))
