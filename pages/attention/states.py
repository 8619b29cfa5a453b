"""Panel: the states of this sentence, and where training had the like."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from pages.attention.pair import choose_word, target_box
from pages.lab.context import Lab
from pages.parts.chart import chart, csv, downloads
from pages.parts.looks import index_of, states_of
from pages.parts.picture import word
from pages.parts.text import plain, warn
from s2s.analysis.index import Index
from s2s.analysis.states import Cloud, Plane, at_words, of_words, principal
from s2s.errors import S2SError
from s2s.figures.projection import neighbours, plane
from s2s.locale import _, later
from s2s.trace import Sentence

NEAR = 6  # training pairs that are listed


def states_panel(lab: Lab) -> None:
    """The chosen word's neighbours in training; then both spaces as pictures."""
    st.markdown(
        _(
            "Before it writes a word, the model is in a **state**: a point among many. Training left "
            "points too: those nearby say **where it has seen this**."
        )
    )
    sentence = target_box(lab)
    at = choose_word(sentence, _("Where has it seen …"))
    try:
        index = index_of(lab.name)
    except S2SError as error:
        warn(str(error))
        index = None
    encoder, decoder = states_of(lab.name, sentence.trace.source, sentence.best.tokens)
    written = at_words(decoder, sentence.tgt_words[0])
    if index is None:
        st.caption(
            _(
                "No index of training pairs was made for this model (s2s index), so the planes below "
                "are this sentence's own, and nothing can be said of where it has seen this."
            )
        )
    else:
        _near(lab, sentence, index, written[at], at)
    _pictures(lab, sentence, index, encoder, written, at)


def _near(lab: Lab, sentence: Sentence, index: Index, state: np.ndarray, at: int) -> None:
    """The nearest training pairs, the word that was being written marked."""
    words = sentence.tgt_words[0]
    if words[at][1] == len(sentence.best.tokens) - 1 and sentence.best.finished:
        st.caption(_("Ends of sentences are not kept in the index: choose a word."))
        return
    found = index.nearest(state, lab.pipeline.tokenizer, NEAR)
    config = lab.pipeline.config
    st.html(
        neighbours(
            [(f.source, f.target, f.place, f.distance) for f in found],
            (config.src_language, config.tgt_language),
        )
    )
    same = sum(f.word == words[at][0] for f in found)
    said = _(
        "Of {words:,} words in {pairs:,} training pairs drawn by chance, those with the nearest states; "
        "{same} of {n} wrote the same word. 0: the same state; 1: as far as two states drawn by chance."
    ).format(words=len(index.decoder.codes), pairs=len(index.pairs), same=same, n=len(found))
    credit = _(" Texts: {credit}.").format(credit=index.credit) if index.credit else ""
    st.caption(said + plain(credit))
    table = pd.DataFrame(
        {"distance": f.distance, "word": f.word, "target": f.target, "source": f.source}
        for f in found
    )
    title = _("Neighbours (CSV)")
    st.download_button(title, csv(table), "neighbours.csv", "text/csv", on_click="ignore")


def _pictures(
    lab: Lab,
    sentence: Sentence,
    index: Index | None,
    encoder: np.ndarray | None,
    written: np.ndarray,
    at: int,
) -> None:
    """Both spaces on their first two axes."""
    spaces = []
    if encoder is not None:
        src = sentence.src_words
        cloud = index.encoder if index else None
        spaces.append(("encoder", _("What was read"), of_words(encoder, src), src, cloud, -1))
    tgt = sentence.tgt_words[0]
    cloud = index.decoder if index else None
    spaces.append(
        ("decoder", _("What was about to be written, word by word"), written, tgt, cloud, at)
    )
    for column, (name, heading, states, spans, cloud, chosen) in zip(
        st.columns(len(spaces), gap="medium"), spaces, strict=True
    ):
        labels = [word(w) for w, _, _ in spans]
        with column:
            st.markdown(f"**{heading}**")
            _one(lab, sentence, name, states, labels, cloud, chosen)
    st.caption(
        _(
            "Axes: the two directions in which training's states differ most, with the share of all "
            "differences that lies along each. Points near each other here may be far apart in the "
            "others: distances count them all."
        )
        if index
        else _(
            "Axes: the two directions in which this sentence's states differ most, and the share that "
            "lies along each."
        )
    )


def _one(
    lab: Lab,
    sentence: Sentence,
    name: str,
    states: np.ndarray,
    labels: list[str],
    cloud: Cloud | None,
    chosen: int,
) -> None:
    """One space: the picture and its numbers."""
    flat: Plane = cloud.plane if cloud else principal(states, 2)
    points = np.zeros((len(states), 2))
    found = flat.project(states)[:, :2]
    points[:, : found.shape[1]] = found  # a single state has no direction at all
    shares = [*flat.shares[:2].tolist(), 0.0, 0.0][:2]
    figure = plane(
        points,
        labels,
        shares,
        cloud.points[:, :2] if cloud else None,
        path=name == "decoder",
        chosen=chosen,
    )
    tokens = (sentence.trace.source, sentence.best.tokens)
    key = f"states-{name}-{lab.id}-{hash((tokens, chosen)) & 0xFFFFFFFF:x}"
    read = name == "encoder"
    alt = _("States of the encoder on two axes") if read else _("States of the decoder on two axes")
    chart(figure, key, f"{name}-states", alt=alt)
    table = pd.DataFrame(
        {later("word"): labels, later("1st"): points[:, 0], later("2nd"): points[:, 1]}
    )
    title = _("States of the encoder") if read else _("States of the decoder")
    downloads(figure, table, key, f"{name}-states", title, {"1st": "%.3f", "2nd": "%.3f"})
