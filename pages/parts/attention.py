"""The picture of attention, as lines or as a matrix, and the chosen step beside it."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.parts import state
from pages.parts.begin import end
from pages.parts.cache import digest, pipeline
from pages.parts.chart import chart, downloads
from pages.parts.lines import mount
from pages.parts.picture import Picture, chosen_step, lines_data, picture, step_data
from pages.parts.words import HONEST, NO_ATTENTION, all_of
from s2s.figures.heatmap import matrix
from s2s.locale import _, later, translated
from s2s.trace import Sentence

VIEWS = {"lines": later("Lines"), "matrix": later("Matrix")}
UNITS = {"words": later("Words"), "pieces": later("Pieces")}


def group_of(sentence: Sentence, n: int, name: str) -> str:
    """One picture's parts know each other by this; it changes with the output."""
    key = (digest(name), sentence.source, sentence.trace.source, sentence.hypotheses[n].tokens)
    return f"g{hash(key) & 0xFFFFFFFF:x}"


def common(sentence: Sentence, n: int, name: str, number: int, step: int) -> dict:
    """What every part of a picture is told."""
    return {"id": group_of(sentence, n, name), "sentence": number, "step": step}


def pick(number: int, step: int) -> None:
    """A step was chosen in the picture."""
    k = state.kept()
    if number != k.sentence:
        state.put(sentence=number)
    k.step = step


@st.fragment
def attention(
    sentence: Sentence, n: int, name: str, number: int, page: str, narrow: bool = False
) -> None:
    """Switch, picture and step. ``number``: of the sentence in its text; ``narrow``: below each other."""
    k = state.kept()
    switches(sentence.hypotheses[n].alpha() is not None)
    p = picture(sentence, n, k.unit)
    shared = common(sentence, n, name, number, chosen_step(sentence, n, k.step))
    if narrow:
        left, right = st.container(), st.container()
    else:
        left, right = st.columns([2, 1], gap="small")
    with left:
        draw(sentence, n, name, p, shared, k.view)
    with right:
        mount(step_data(sentence, n, p, name, k.unit, shared), "step-part", pick)
    note(sentence, n, p)
    end(page)


def switches(attends: bool) -> None:
    """Lines or matrix, words or pieces, and what the picture shows."""
    k = state.kept()
    with st.container(horizontal=True, vertical_alignment="center", key="switches"):
        if attends:
            st.segmented_control(
                _("Picture of attention"),
                list(VIEWS),
                default=k.view,
                required=True,
                format_func=all_of(VIEWS).get,
                label_visibility="collapsed",
                **state.widget("view"),
            )
        st.segmented_control(
            _("Unit"),
            list(UNITS),
            default=k.unit,
            required=True,
            format_func=all_of(UNITS).get,
            label_visibility="collapsed",
            help=_("Pieces are the model's own tokens; · marks the space before a word."),
            **state.widget("unit"),
        )
        st.caption(
            _("Hover or tap a word; click an output word for its step. ") + translated(HONEST)
            if attends
            else translated(NO_ATTENTION),
            width="content",
        )


def draw(
    sentence: Sentence, n: int, name: str, p: Picture, shared: dict, view: str, place: str = ""
) -> None:
    """Lines or matrix. ``place`` tells two pictures on one page apart."""
    if view == "lines" or p.alpha is None:
        data = lines_data(sentence, n, p, pipeline(name).config, shared)
        mount(data, f"lines-part{place}", pick)
        return
    frame = f"matrix{place}-{shared['id']}"
    with st.container(key=frame):
        row = next((i for i, (a, b) in enumerate(p.spans) if a <= shared["step"] < b), 0)
        figure = matrix(p.alpha, p.src, p.tgt, p.breaks, row)
        if figure["layout"]["dragmode"]:
            st.caption(_("Drag the map to see the rest of it."))
        chart(figure, f"{frame}-chart", "attention", _alt(p))
    data = lines_data(sentence, n, p, pipeline(name).config, shared)
    mount(data | {"part": "matrix", "chart": frame}, f"matrix-part{place}", pick)


def _alt(p: Picture) -> str:
    said = _("Attention, {tgt} output by {src} source words")
    return said.format(tgt=len(p.tgt), src=len(p.src))


def note(sentence: Sentence, n: int, p: Picture) -> None:
    """The numbers of the picture, closed until asked for."""
    if p.alpha is None:
        return
    h = sentence.hypotheses[n]
    layers, heads = h.attention.shape[1:3]
    if layers * heads > 1:
        said = _("Mean of {layers} layers and {heads} heads.")
        st.caption(said.format(layers=layers, heads=heads))
    downloads(
        lambda: matrix(p.alpha, p.src, p.tgt, p.breaks),
        lambda: table(p),
        f"attention-{n}",
        "attention",
        sentence.outputs[n],
        {},
    )


def table(p: Picture) -> pd.DataFrame:
    """Weights with numbered labels: a word may occur twice."""
    columns = [f"{i + 1} {w}" for i, w in enumerate(p.src)]
    found = pd.DataFrame(p.alpha.astype(float).round(4), columns=columns)
    found.insert(0, later("output"), [f"{i + 1} {w}" for i, w in enumerate(p.tgt)])
    return found
