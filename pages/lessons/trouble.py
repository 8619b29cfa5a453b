"""Lesson: gradients that vanish or explode; little data, other domains, tuning."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import streamlit as st

from pages.lessons.code import show_code
from pages.lessons.exercise import number_exercise
from pages.lessons.papers import references
from pages.lessons.prose import Tex, Text, scientific
from pages.lessons.reading import Reading, read, trained
from pages.lessons.target import number_slider, output_of, spot_slider
from pages.parts import state
from pages.parts.cache import shelf
from pages.parts.chart import chart, downloads
from pages.parts.work import slice_of_work
from s2s.analysis.gradients import CELLS, Flow, Unrolled, descend, embedded, flow, reach, repeated
from s2s.figures.series import lines, side_by_side
from s2s.locale import _
from s2s.training.schedule import learning_rate

NAMES = {"tanh": "RNN", "gru": "GRU", "lstm": "LSTM"}
SIZE = 48  # units of the networks that are measured
REMEMBER = 30  # the most steps that one is made to remember: it is trained while the reader waits
UPDATES = 60


def trouble(text: Text) -> None:
    """Gradients by distance, clipping, short ways, low resources, domains, tuning."""
    reading = read(trained, _("a model that can be trained here"))
    st.markdown(text.section("why"))
    flows = _flows(text, reading)
    st.markdown(text.section("gates"))
    _clipping(text)
    _short_ways(text, reading)
    st.markdown(text.section("remedies"))
    _data(text, reading)
    _tuning(text, reading)
    _exercise(text, flows)
    show_code(Unrolled, flow, descend, reach, learning_rate)
    references(
        "bengio", "clipping", "lstm", "jozefowicz", "backtranslation", "bpe", "adam", "adamw"
    )


def _flows(text: Text, reading: Reading) -> dict[str, Flow]:
    """The figure: what is left of a gradient, step by step back."""
    words = st.container()
    left, middle, right = st.columns(3)
    with left:
        gain = number_slider("gain", _("Gain of the recurrent weights g"), 0.5, 1.6, 0.05)
    with middle:
        far = int(number_slider("far", _("Steps"), 10, 150, 5))
    with right:
        keeping = number_slider("keeping", _("Bias of the keeping gates"), -2.0, 6.0, 0.5)
    x = repeated(embedded(reading.pipeline.checkpoint.model, reading.ids), far)
    found = {
        cell: shelf().get(
            ("lesson-flow", *reading.key, cell, gain, far, keeping),
            lambda cell=cell: slice_of_work(lambda _t: flow(cell, x, SIZE, gain, keeping), False),
        )
        for cell in CELLS
    }
    rates = {cell: Tex(f"{f.rate:.3f}") for cell, f in found.items()}
    words.markdown(text.section("measure", size=SIZE, length=far, gain=Tex(f"{gain:g}"), **rates))
    series = {NAMES.get(cell, _("linear")): f.norms for cell, f in found.items()}
    key = f"flow-{hash((reading.key, gain, far, keeping)) & 0xFFFFFFFF:x}"
    figure = lines(range(far), series, (_("steps back d"), _("norm of the gradient")), log=True)
    chart(figure, key, "gradients", _("Norm of the gradient by distance"))
    table = pd.DataFrame({_("steps back d"): range(far)} | series)
    formats = dict.fromkeys(series, "scientific")
    downloads(figure, table, key, "gradients", _("Norm of the gradient by distance"), formats)
    return found


def _clipping(text: Text) -> None:
    """The same start with and without a bound."""
    k = state.kept()
    length = min(k.far, REMEMBER)
    words = st.container()
    bound = number_slider("bound", _("Largest norm of the gradient θ"), 0.05, 5.0, 0.05)
    with st.spinner(_("Training two small networks …")):
        free, held = (
            shelf().get(
                ("lesson-descent", k.gain, length, clip),
                lambda clip=clip: slice_of_work(
                    lambda _t: descend("tanh", length, k.gain, clip, UPDATES), False
                ),
            )
            for clip in (None, bound)
        )
    words.markdown(
        text.section(
            "clip",
            length=length,
            updates=UPDATES,
            free_norm=scientific(float(np.nanmax(free.norms))),
            free=float(free.losses[-1]),
            bound=Tex(f"{bound:g}"),
            held=float(held.losses[-1]),
        )
    )
    series = {_("as it comes"): free.losses, f"θ = {bound:g}": held.losses}
    key = f"descent-{k.gain:g}-{length}-{bound:g}"
    figure = lines(range(1, UPDATES + 1), series, (_("update"), _("loss")))
    chart(figure, key, "clipping", _("Loss with and without clipping"))
    columns = {name: pd.Series(values) for name, values in series.items()}
    table = pd.DataFrame({_("update"): pd.Series(range(1, UPDATES + 1))} | columns)
    downloads(figure, table, key, "clipping", _("Loss with and without clipping"), {})


def _short_ways(text: Text, reading: Reading) -> None:
    """How one output token pulls at every source word of the reader's own model."""
    out, words = output_of(reading), st.container()
    at = spot_slider(out.names, max(0, len(out.ids) - 2), _("Output token whose loss it is"))
    pulls = reading.computed(
        ("lesson-reach", out.ids, at), lambda m: reach(m, reading.ids, out.ids, at)
    )
    words.markdown(text.section("shortcut", word=out.names[at]))
    key = f"reach-{hash((reading.key, at)) & 0xFFFFFFFF:x}"
    series = {_("norm of the gradient"): pulls}
    figure = side_by_side(reading.pieces, series, _("norm of the gradient"))
    chart(figure, key, "reach", _("Pull at every source word"))
    table = pd.DataFrame({_("piece"): reading.pieces} | series)
    downloads(figure, table, key, "reach", _("Pull at every source word"), {})


def _data(text: Text, reading: Reading) -> None:
    """Low resources and other domains."""
    sentence, best = reading.sentence, reading.sentence.best
    words = max(1, len(sentence.src_words) - 1)  # the end is none
    st.markdown(
        text.section(
            "low",
            fertility=Tex(f"{(len(reading.ids) - 1) / words:.2f}"),
            spelled=Tex(f"{reading.pipeline.tokenizer.spelled(reading.ids):.0%}"),
        )
    )
    st.markdown(text.section("domain", nll=-best.total / len(best.tokens)))


def _tuning(text: Text, reading: Reading) -> None:
    """The settings that this model was trained with."""
    st.markdown(text.section("tuning"))
    config = reading.pipeline.config.train
    rows = [line[2:].split(" | ") for line in text.section("rows").splitlines()]
    values = [
        getattr(config, name, None) if hasattr(config, name) else _of_model(reading, name)
        for _label, name, _why in rows
    ]
    table = pd.DataFrame(
        {
            _("Setting"): [row[0] for row in rows],
            _("here"): [f"{value:g}" for value in values],
            _("what to know"): [row[2] for row in rows],
        }
    )
    st.table(table)
    st.markdown(text.section("optimisers"))


def _of_model(reading: Reading, name: str) -> float:
    return getattr(reading.pipeline.checkpoint.model.config, name)


def _exercise(text: Text, flows: dict[str, Flow]) -> None:
    """Of the cell whose gradient changes most: after how many steps it is a hundredth, or hundredfold."""
    rates = {name: flows[cell].rate for cell, name in NAMES.items() if flows[cell].rate > 0}
    cell = max(rates, key=lambda name: abs(math.log(rates[name])))
    rate = round(rates[cell], 3)
    if rate in (0.0, 1.0):
        return
    target, share = (0.01, _("a hundredth")) if rate < 1 else (100, _("a hundred times"))
    steps = math.log(target) / math.log(rate)
    number_exercise(
        "trouble",
        text,
        steps,
        1 + 0.03 * steps,
        cell=cell,
        rate=rate,
        share=share,
        target=Tex(f"{target:g}"),
    )
