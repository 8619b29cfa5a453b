"""Lesson: one look, from scores to context."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.lessons.code import show_code
from pages.lessons.exercise import number_exercise
from pages.lessons.papers import references
from pages.lessons.prose import Tex, Text, scientific, vector
from pages.lessons.reading import Reading, attends, read
from pages.lessons.target import number_slider, output_of, spot_slider
from pages.parts import state
from pages.parts.chart import chart, downloads
from s2s.analysis.lessons.energies import Look, entropy, look, softmax, unscaled
from s2s.figures.series import side_by_side
from s2s.locale import _
from s2s.models.attention import Attention
from s2s.models.blocks import MultiHead, attend


def attention(text: Text) -> None:
    """Scores, distribution and context of one step; temperature; heads."""
    reading = read(attends, _("attention"))
    out = output_of(reading)
    st.markdown(text.section("why", pieces=len(reading.ids)))
    at = spot_slider(out.names, 0, _("Output token that is written"))
    layer, head = _which(reading)
    model = reading.pipeline.checkpoint.model
    found = reading.computed(
        ("lesson-attention", out.ids, at, layer, head),
        lambda _m: look(model, reading.ids, out.ids, at, layer, head),
    )
    assert found is not None  # it attends
    _steps(text, reading, found, out.names[at], at)
    st.markdown(text.section("temperature", **_warmth(found)))
    tau = number_slider("tau", _("Temperature τ"), 0.05, 5.0, 0.05)
    _figure(reading, found, tau, (at, layer, head))
    raw, scaled = unscaled(found.size, len(reading.ids))
    st.markdown(text.section("root", d=found.size, pieces=len(reading.ids), raw=raw, scaled=scaled))
    st.markdown(text.section("heads"))
    sizes = _sizes(reading)
    if sizes is None:
        st.caption(text.section("one"))
    else:
        st.caption(
            text.section("many", layers=sizes[0], heads=sizes[1], layer=layer + 1, head=head + 1)
        )
    st.markdown(text.section("gains"))
    st.page_link(
        page="pages/attention_lab.py", label=_("Attention lab"), icon=":material/visibility:"
    )
    _exercise(text, reading, found)
    show_code(Attention.scores, Attention.forward, attend, MultiHead, look)
    references("bahdanau", "luong", "transformer", "properties", "not_explanation", "explanation")


def _sizes(reading: Reading) -> tuple[int, int] | None:
    """(layers, heads) of a decoder that has several."""
    config = reading.pipeline.checkpoint.model.config
    heads = getattr(config, "heads", 0)
    return (config.decoder_layers, heads) if heads else None


def _which(reading: Reading) -> tuple[int, int]:
    """The layer and head that are looked at, from 0."""
    k, sizes = state.kept(), _sizes(reading)
    if sizes is None:
        return 0, 0
    picked = []
    with st.container(horizontal=True):
        for name, most, label in zip(
            ("layer", "head"), sizes, (_("Layer"), _("Head")), strict=True
        ):
            now = min(max(1, getattr(k, name)), most)
            st.number_input(label, 1, most, now, width=140, **state.widget(name))
            picked.append(now - 1)
    return picked[0], picked[1]


def _steps(text: Text, reading: Reading, found: Look, word: str, at: int) -> None:
    """The three steps with their numbers."""
    j = int(found.alpha.argmax())
    st.markdown(text.section("look", i=at + 1, word=word))
    values: dict[str, str | float] = {"j": j + 1, "e": scientific(found.scores[j])}
    if found.kind == "scaled":
        raw = scientific(found.scores[j] * np.sqrt(found.size))
        values |= {"d": found.size, "raw": raw}
    st.markdown(text.section(found.kind, **values))
    st.markdown(
        text.section(
            "rest",
            j=j + 1,
            seen=reading.pieces[j],
            alpha=float(found.alpha[j]),
            size=len(found.context),
            context=vector(found.context),
        )
    )


def _warmth(found: Look) -> dict[str, str | float]:
    tau = state.kept().tau
    return {
        "bits": entropy(found.alpha),
        "most": float(np.log2(len(found.alpha))),
        "pieces": len(found.alpha),
        "tau": Tex(f"{tau:g}"),
        "warm": entropy(softmax(found.scores, tau)),
    }


def _figure(reading: Reading, found: Look, tau: float, place: tuple[int, ...]) -> None:
    warm = softmax(found.scores, tau)
    series = {_("as the model looks (τ = 1)"): found.alpha, f"τ = {tau:g}": warm}
    key = f"attention-{hash((reading.key, place)) & 0xFFFFFFFF:x}-{tau:g}"
    figure = side_by_side(reading.pieces, series, _("attention"), percent=True)
    chart(figure, key, "attention-of-a-step", _("Attention of one step over the source"))
    table = pd.DataFrame(
        {
            _("piece"): reading.pieces,
            _("score e"): found.scores,
            "α": found.alpha,
            f"α, τ = {tau:g}": warm,
        }
    )
    title = _("Scores and weights of one step")
    downloads(figure, table, key, "attention-of-a-step", title, {})


def _exercise(text: Text, reading: Reading, found: Look) -> None:
    """The highest score, and another that lies about 1 below it."""
    if len(found.scores) < 2:
        return
    first = int(found.scores.argmax())
    rest = [j for j in range(len(found.scores)) if j != first]
    second = min(rest, key=lambda j: abs(found.scores[first] - found.scores[j] - 1))
    ratio = float(np.exp(found.scores[first] - found.scores[second]))
    number_exercise(
        "attention",
        text,
        ratio,
        0.03 * ratio,
        first=reading.pieces[first],
        second=reading.pieces[second],
        e1=float(found.scores[first]),
        e2=float(found.scores[second]),
    )
