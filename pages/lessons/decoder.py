"""Lesson: the decoder, and the bottleneck before it."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from pages.lessons.code import show_code
from pages.lessons.exercise import number_exercise
from pages.lessons.papers import references
from pages.lessons.prose import Tex, Text, vector
from pages.lessons.reading import Reading, beside, is_rnn, output_slider, read
from pages.parts import state
from pages.parts.cache import Card, pipeline, shelf
from pages.parts.chart import chart, downloads
from pages.parts.picture import plain_piece
from pages.parts.text import plain
from pages.parts.work import working
from s2s.analysis.lessons.decoder import Joined, Writing, lengthened, sizes, written
from s2s.figures.bottleneck import by_tokens
from s2s.figures.lengths import by_length
from s2s.figures.text import bars
from s2s.locale import _
from s2s.models.recurrent.cells import lstm_cell
from s2s.pipeline import Pipeline
from s2s.tasks import TASKS

JOINED = 4  # sentences at most


def decoder(text: Text) -> None:
    """The output token by token, then the same network with more and more to remember."""
    st.markdown(text.section("writing"))
    reading = read(
        lambda config: is_rnn(config, attention="none"), _("a decoder without attention")
    )
    steps = _steps(reading)
    show = reading.pipeline.tokenizer.pieces
    pieces = [plain_piece(p) for p in show([s.written for s in steps])]
    at = output_slider(pieces, _("The decoder writes"), 0)
    now = steps[at]
    before = plain_piece(show([now.read])[0]) if at else _("start")
    st.markdown(
        text.section(
            "step",
            t=at + 1,
            before=before,
            token=pieces[at],
            p=math.exp(now.logprob),
            state=vector([*now.state, 0.0], 4),
        )
    )
    names = [plain_piece(p) for p in show([i for i, _p in now.best])]
    st.html(bars(names, [p for _i, p in now.best]))
    st.caption(text.section("five"))
    _bottleneck(text, reading)
    show_code(written, lengthened, lstm_cell)
    references("sutskever", "cho", "properties", "bahdanau")


def _bottleneck(text: Text, reading: Reading) -> None:
    model = reading.pipeline.checkpoint.model
    fixed, _looked = sizes(model, reading.ids)
    n = len(reading.ids)
    st.markdown(text.section("bottleneck", n=n, fixed=fixed, each=Tex(f"{fixed / n:.0f}")))
    rival = beside(
        reading.card, lambda config: is_rnn(config) and not is_rnn(config, attention="none")
    )
    if rival:
        _measured(text, reading, rival)
        _by_length(text, reading, rival)
    layers = reading.pipeline.config.model.get("decoder_layers", 1)
    number_exercise(
        "decoder", text, fixed, 0, layers=layers, hidden=reading.pipeline.config.model["hidden"]
    )


def _measured(text: Text, reading: Reading, rival: Card) -> None:
    """Both models on a sentence that grows; measured when asked for."""
    k = state.kept()
    st.markdown(text.section("grow"))
    if not k.measured:
        st.button(
            _("Measure it on your sentence"),
            icon=":material/straighten:",
            on_click=state.put,
            kwargs={"measured": 1},
        )
        return
    own = reading.sentence.source.text
    others = [e.text for e in TASKS["translation"].examples if e.text != own]
    sentences = (own, *others[: JOINED - 1])
    titles = {_short(reading.card): reading.card.name, _short(rival): rival.name}
    found = {title: _lengthened(name, title, sentences) for title, name in titles.items()}
    figure = by_tokens({t: [(r.tokens, r.score) for r in rows] for t, rows in found.items()})
    key = f"decoder-{hash(sentences) & 0xFFFFFFFF:x}"
    chart(figure, key, "bottleneck", _("What is left of a growing sentence, by model"))
    table = pd.DataFrame(
        [
            (title, r.sentences, r.tokens, round(r.score, 1), r.output)
            for title, rows in found.items()
            for r in rows
        ],
        columns=[_("model"), _("sentences"), _("tokens"), "chrF", _("output")],
    )
    downloads(figure, table, key, "bottleneck", _("A growing sentence"), {})


def _lengthened(name: str, title: str, sentences: tuple[str, ...]) -> list[Joined]:
    p = pipeline(name)

    def make(watched: Pipeline) -> list[Joined]:
        bar = st.progress(0.0, _("{model} is reading …").format(model=plain(title)))
        rows = []
        for row in lengthened(watched, sentences):
            rows.append(row)
            bar.progress(len(rows) / len(sentences))
        bar.empty()
        return rows

    return shelf().get(("lesson-decoder", p.checkpoint.digest, sentences), lambda: working(p, make))


def _by_length(text: Text, reading: Reading, rival: Card) -> None:
    """The same over a whole test set, as the reports of both checkpoints have it."""
    reports = {_short(card): _report(card) for card in (rival, reading.card)}
    if not all(reports.values()):
        return
    st.markdown(text.section("corpus"))
    figure = by_length(reports, "BLEU")
    chart(figure, "decoder-lengths", "by_length", _("BLEU by source length, by model"))
    table = pd.DataFrame(
        [
            (title, f"{r['words'][0]}–{r['words'][1]}", r["sentences"], r["score"])
            for title, rows in reports.items()
            for r in rows
        ],
        columns=[_("model"), _("words"), _("sentences"), "BLEU"],
    )
    downloads(figure, table, "decoder-lengths", "by_length", _("BLEU by length"), {})


def _report(card: Card) -> list[dict]:
    tests = pipeline(card.name).checkpoint.metrics.get("tests") or {}
    found = next(iter(tests.values()), {}).get("by_length")
    return found if isinstance(found, list) else []


def _short(card: Card) -> str:
    """A model's name without its languages."""
    return card.title.split(" · ", 1)[-1]


def _steps(reading: Reading) -> list[Writing]:
    target = reading.sentence.best.tokens
    return reading.computed(("lesson-written", target), lambda m: written(m, reading.ids, target))
