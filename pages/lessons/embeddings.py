"""Lesson: embeddings."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.lessons.code import show_code
from pages.lessons.exercise import number_exercise
from pages.lessons.papers import references
from pages.lessons.prose import Tex, Text, vector
from pages.lessons.reading import Reading, read, step_slider
from pages.parts.chart import chart, downloads
from pages.parts.picture import plain_piece
from s2s.analysis.lessons.embeddings import cosines, matrix_of, neighbours, plane
from s2s.figures.plane import scattered
from s2s.locale import _
from s2s.models.contract import make_embedding

NEAR = 8  # neighbours that are listed


def embeddings(text: Text) -> None:
    """One piece's row, its neighbours, and the sentence in a plane."""
    reading = read()
    st.markdown(text.section("row"))
    longest = max(range(len(reading.pieces)), key=lambda i: len(reading.pieces[i]))
    at = step_slider(reading.pieces, _("The piece that is looked at"), longest)
    matrix = _matrix(reading)
    token = reading.ids[at]
    size, width = matrix.shape
    st.markdown(
        text.section(
            "lookup",
            piece=reading.pieces[at],
            id=token,
            size=size,
            width=width,
            numbers=vector(matrix[token]),
        )
    )
    near = _near(reading, token)
    names = [plain_piece(p) for p in reading.pipeline.tokenizer.pieces([i for i, _c in near])]
    st.markdown(text.section("near", piece=reading.pieces[at], first=names[0], cosine=near[0][1]))
    table = pd.DataFrame({_("piece"): names, _("cosine"): [c for _i, c in near]})
    st.dataframe(
        table,
        hide_index=True,
        key="embeddings-near",
        column_config={
            _("cosine"): st.column_config.ProgressColumn(format="%.3f", min_value=0, max_value=1)
        },
    )
    _plane(text, reading, token, near, names)
    st.markdown(text.section("tied"))
    number_exercise("embeddings", text, size * width, 0, size=size, width=width)
    show_code(cosines, plane, make_embedding)
    references("word2vec", "tied", "bpe")


def _plane(
    text: Text, reading: Reading, token: int, near: list[tuple[int, float]], names: list[str]
) -> None:
    """The sentence's pieces and the neighbours of one, by their two principal components."""
    own = list(dict.fromkeys(reading.ids))
    others = [i for i, _c in near if i not in own]
    seen = plane(_matrix(reading)[own + others])
    labels = [plain_piece(p) for p in reading.pipeline.tokenizer.pieces(own + others)]
    rows = {i: n for n, i in enumerate(own + others)}
    groups = {
        _("your sentence"): [rows[i] for i in own if i != token],
        _("the chosen piece"): [rows[token]],
        _("its neighbours"): [rows[i] for i in others],
    }
    st.markdown(text.section("plane", share=Tex(f"{seen.share:.0%}")))
    figure = scattered(seen.points, labels, groups)
    key = f"embeddings-{token}-{hash(reading.key) & 0xFFFFFFFF:x}"
    chart(figure, key, "embeddings", _("Pieces of the sentence and neighbours as points"))
    table = pd.DataFrame(
        {
            _("piece"): labels,
            _("what"): [g for i in range(len(labels)) for g, r in groups.items() if i in r],
            "x": seen.points[:, 0],
            "y": seen.points[:, 1],
        }
    )
    downloads(figure, table, key, "embeddings", _("Pieces in a plane"), {"x": "%.3f", "y": "%.3f"})


def _matrix(reading: Reading):
    return matrix_of(reading.pipeline.checkpoint.model)


def _near(reading: Reading, token: int) -> list[tuple[int, float]]:
    return reading.computed(
        ("lesson-embeddings", token),
        lambda m: neighbours(matrix_of(m), token, reading.pipeline.tokenizer, NEAR),
    )
