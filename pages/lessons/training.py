"""Lesson: what a network is told when it is wrong, and what it does about it."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from pages.lessons.code import show_code
from pages.lessons.exercise import number_exercise
from pages.lessons.papers import references
from pages.lessons.prose import Tex, Text, scientific
from pages.lessons.reading import Reading, read, trained
from pages.lessons.target import (
    Target,
    losses_of,
    number_slider,
    pieces,
    quoted,
    reference_box,
    second_best,
    spot_slider,
    target_of,
)
from pages.parts.chart import chart, downloads
from pages.parts.text import plain
from s2s.analysis.lessons.adam import adam, descent
from s2s.analysis.lessons.exposure import exposure, slip
from s2s.analysis.lessons.losses import (
    Pull,
    TokenLosses,
    hidden_words,
    pull,
    scheduled,
)
from s2s.figures.series import side_by_side
from s2s.locale import _
from s2s.models.contract import Seq2Seq
from s2s.models.dropout import Dropout
from s2s.training.objective import Objective, hide, mixed


def training(text: Text) -> None:
    """Loss by token, exposure, scheduled sampling, clipping, Adam, regularisation."""
    reading = read(trained, _("a model that can be trained here"))
    st.markdown(text.section("pair"))
    given = reference_box(_("A right answer for your sentence"))
    right = target_of(reading, given or second_best(reading))
    key, losses = (*reading.key, right.ids), losses_of(reading, right)
    at = spot_slider(right.names, int(losses.nll.argmax()), _("Token of the right answer"))
    p = math.exp(-losses.nll[at])
    st.markdown(
        text.section(
            "loss",
            nll=float(losses.nll.mean()),
            t=at + 1,
            word=right.names[at],
            p=scientific(p),
            cost=scientific(float(losses.nll[at])),
            perplexity=losses.perplexity,
        )
    )
    _smoothing(text, right, losses, key)
    _exposure(text, reading, right, key, at)
    _sampling(text, reading, right, losses)
    _update(text, reading, right)
    number_exercise(
        "training",
        text,
        float(losses.nll[at]) + math.log(2),
        0.02,
        word=right.names[at],
        p=scientific(p),
        cost=scientific(float(losses.nll[at])),
    )
    show_code(Seq2Seq.loss, Objective.forward, mixed, Pull.clipped, adam, hide, Dropout.forward)
    references(
        "smoothing", "ranzato", "scheduled", "clipping", "adam", "adamw", "dropout", "sutskever"
    )


def _smoothing(text: Text, right: Target, losses: TokenLosses, key: tuple) -> None:
    words = st.container()
    epsilon = number_slider("smooth", _("Label smoothing ε"), 0.0, 0.9, 0.05)
    smoothed = losses.smoothed(epsilon)
    words.markdown(
        text.section(
            "smoothing",
            epsilon=Tex(f"{epsilon:g}"),
            smoothed=float(smoothed.mean()),
            nll=float(losses.nll.mean()),
        )
    )
    series = {_("cross-entropy"): losses.nll, _("smoothed"): smoothed}
    name = f"training-{hash(key) & 0xFFFFFFFF:x}-{epsilon:g}"
    figure = side_by_side(right.names, series, _("nats"))
    chart(figure, name, "loss-by-token", _("Loss of every token"))
    table = pd.DataFrame({_("token"): right.names} | series)
    downloads(figure, table, name, "loss-by-token", _("Loss of every token"), {})


def _exposure(text: Text, reading: Reading, right: Target, key: tuple, at: int) -> None:
    """The right answer against what the model writes by itself; then one slip."""
    options = reading.sentence.trace.options
    found = reading.computed(
        ("lesson-exposure", right.ids), lambda m: exposure(m, reading.ids, right.ids, options)
    )
    n, (forced, free) = len(right.ids), found.right
    st.markdown(text.section("exposure", forced=forced, tokens=n, free=free))
    quoted(reading.pipeline.tokenizer.decode(found.free))
    if n < 3:
        return
    place = min(at, n - 2)
    fall = reading.computed(
        ("lesson-slip", right.ids, place), lambda m: slip(m, reading.ids, right.ids, place)
    )
    st.markdown(
        text.section(
            "slip",
            wrong=pieces(reading, [fall.wrong])[0],
            right=right.names[place],
            slipped=float(fall.slipped[place + 1 :].sum()),
            clean=float(fall.clean[place + 1 :].sum()),
        )
    )
    series = {_("behind right words"): fall.clean, _("behind the wrong word"): fall.slipped}
    name = f"slip-{hash(key) & 0xFFFFFFFF:x}-{place}"
    figure = side_by_side(right.names, series, _("nats"), marked=place)
    chart(figure, name, "after-a-slip", _("Loss of every token behind one wrong word"))
    table = pd.DataFrame({_("token"): right.names} | series)
    title = _("Loss of every token behind one wrong word")
    downloads(figure, table, name, "after-a-slip", title, {})


def _sampling(text: Text, reading: Reading, right: Target, losses: TokenLosses) -> None:
    """Scheduled sampling, and word dropout, at one share."""
    model = reading.pipeline.checkpoint.model
    st.markdown(text.section("scheduled"))
    share = number_slider("share", _("Share of words that are replaced"), 0.0, 1.0, 0.05)
    read_in, then = reading.computed(
        ("lesson-scheduled", right.ids, share),
        lambda _m: scheduled(model, reading.ids, right.ids, share),
    )
    gold = model.forced_input(right.ids)[0].tolist()
    _marked(pieces(reading, read_in[1:]), [a != b for a, b in zip(read_in, gold, strict=True)][1:])
    st.markdown(text.section("after", nll=float(then.nll.mean()), clean=float(losses.nll.mean())))
    st.markdown(text.section("regular", dropout=Tex(f"{model.config.dropout:g}")))
    hidden = hidden_words(model, reading.ids, share)
    gone = [a != b for a, b in zip(hidden, reading.ids, strict=True)]
    names = ["▢" if out else n for out, n in zip(gone, reading.pieces, strict=True)]
    _marked(names, gone)
    st.markdown(text.section("others"))


def _marked(names: list[str], bold: list[bool]) -> None:
    """Pieces in a row, some of them bold."""
    words = [f"**{plain(n)}**" if b else plain(n) for n, b in zip(names, bold, strict=True)]
    st.markdown("> " + " · ".join(words))


def _update(text: Text, reading: Reading, right: Target) -> None:
    """The gradient of this pair, clipped, and what Adam makes of its steepest number."""
    c, model = reading.pipeline.config.train, reading.pipeline.checkpoint.model
    found = reading.computed(("lesson-pull", right.ids), lambda _m: _pulled(model, reading, right))
    words = st.container()
    bound = number_slider("bound", _("Largest norm of the gradient θ"), 0.05, 5.0, 0.05)
    norm, name, place, weight, slope = found
    factor = min(1.0, bound / (norm + 1e-6))
    values = {"norm": scientific(norm), "bound": Tex(f"{bound:g}"), "factor": scientific(factor)}
    words.markdown(text.section("gradient", **values))
    g = slope * factor
    [u] = adam(weight, [g], c.lr, beta2=c.beta2)
    [plain_step] = descent(0.0, [g], c.lr)
    numbers = {
        "w": weight,
        "g": g,
        "m": u.m,
        "mhat": u.m_hat,
        "v": u.v,
        "vhat": u.v_hat,
        "change": u.change,
        "after": u.weight,
        "plain": plain_step,
    }
    shown = {n: scientific(v, 5) for n, v in numbers.items()}
    rates = {"beta2": Tex(f"{c.beta2:g}"), "eta": Tex(f"{c.lr:g}")}
    st.markdown(text.section("adam", matrix=Tex(name), place=Tex(place), **shown, **rates))


def _pulled(
    model: Seq2Seq, reading: Reading, right: Target
) -> tuple[float, str, str, float, float]:
    """Norm, and of the steepest number its weight's name, place, value and gradient: a few numbers
    are kept, not a gradient as large as the model."""
    found = pull(model, reading.ids, right.ids, reading.pipeline.config.train.smoothing)
    name, place = found.steepest()
    weight = float(dict(model.named_parameters())[name].detach()[place])
    at = "[" + ", ".join(map(str, place)) + "]"
    return found.norm, name, at, weight, float(found.gradients[name][place])
