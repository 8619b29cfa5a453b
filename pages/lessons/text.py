"""Lesson: text to numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from pages.lessons.code import show_code
from pages.lessons.exercise import number_exercise
from pages.lessons.papers import references
from pages.lessons.prose import Text
from pages.lessons.reading import LIMIT, Reading, read
from pages.parts import state
from pages.parts.chart import chart, downloads
from pages.parts.picture import plain_piece
from s2s.analysis.lessons.text import changes, joined, padded
from s2s.data.batches import pad
from s2s.figures.chips import row
from s2s.figures.joins import by_joins
from s2s.figures.style import piece
from s2s.locale import _
from s2s.tasks import TASKS
from s2s.tasks.base import encode_text
from s2s.text.cleaning import clean

JOINS = (0, 10, 30, 100, 300, 1_000, 2_000, 4_000, 8_000)
BATCH = 3  # texts beside each other, the visitor's first


def numbers(text: Text) -> None:
    """Cleaning, vocabulary, padding and truncation of the visitor's sentence."""
    reading = read()
    _cleaning(text)
    _vocabulary(text, reading)
    _batch(text, reading)
    show_code(clean, joined, encode_text, pad)
    references("bpe", "sentencepiece")


def _cleaning(text: Text) -> None:
    raw = state.kept().text[:LIMIT]
    st.markdown(text.section("cleaning"))
    found = changes(raw)
    st.markdown(text.section("changed" if found else "unchanged", n=len(found)))
    if found:
        table = pd.DataFrame(found, columns=[_("before"), _("after")])
        st.dataframe(table, hide_index=True, key="text-changes")


def _vocabulary(text: Text, reading: Reading) -> None:
    k = state.kept()
    tokenizer, words = reading.pipeline.tokenizer, clean(reading.sentence.source.text)
    learned = tokenizer.learned()
    st.markdown(text.section("vocabulary", size=tokenizer.size, joins=len(learned)))
    steps = [n for n in JOINS if n < len(learned)] + [len(learned)]
    now = min(steps, key=lambda n: abs(n - k.joins)) if k.joins >= 0 else steps[-1]
    st.select_slider(_("Joins learned"), steps, now, **state.widget("joins", of=tuple(steps)))
    found = reading.computed("lesson-text", lambda m: _with_each(m.tick, words, learned, steps))
    pieces = found[steps.index(now)]
    st.html(row([piece(p) for p in pieces]))
    figure = by_joins(steps, [len(f) for f in found], now)
    key = f"text-{now}-{hash(reading.key) & 0xFFFFFFFF:x}"
    chart(figure, key, "joins", _("Pieces of the sentence by the number of joins learned"))
    table = pd.DataFrame(
        {
            _("joins learned"): steps,
            _("pieces"): [len(f) for f in found],
            _("the sentence"): [" ".join(map(piece, f)) for f in found],
        }
    )
    downloads(figure, table, key, "joins", _("Pieces by joins"), {})
    rows = pd.DataFrame({_("piece"): reading.pieces, _("id"): list(map(str, reading.ids))})
    st.markdown(text.section("ids", n=len(reading.ids)))
    st.dataframe(rows.T, key="text-ids", column_config={"_index": ""})


def _with_each(
    tick: Callable[[], None], words: str, learned: Mapping[str, int], steps: Sequence[int]
) -> list[list[str]]:
    """The pieces of a text with each of several numbers of joins."""
    found = []
    for n in steps:
        tick()
        found.append(joined(words, learned, n))
    return found


def _batch(text: Text, reading: Reading) -> None:
    k = state.kept()
    tokenizer = reading.pipeline.tokenizer
    own = reading.sentence.source.text
    others = [e.text for e in TASKS["translation"].examples if e.text != own]
    st.markdown(text.section("batch"))
    st.slider(_("Longest source, in tokens"), 2, 40, k.most, **state.widget("most"))
    found = padded([own, *others[: BATCH - 1]], tokenizer, k.most)
    cells = [
        [
            plain_piece(p) if real else "·"
            for p, real in zip(tokenizer.pieces(row), mask, strict=True)
        ]
        for row, mask in zip(found.ids.tolist(), found.real.tolist(), strict=True)
    ]
    table = pd.DataFrame(cells, columns=[str(n + 1) for n in range(found.ids.shape[1])])
    st.dataframe(table, hide_index=True, key="text-batch")
    rows, columns = found.ids.shape
    share = found.wasted / found.ids.size
    st.markdown(text.section("waste", rows=rows, columns=columns, share=share, cut=sum(found.cut)))
    number_exercise("text", text, found.wasted, 0, rows=rows, columns=columns, most=k.most)
