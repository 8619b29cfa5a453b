"""Lesson: where the subject went from here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from pages.lessons.code import show_code, source_of
from pages.lessons.exercise import number_exercise
from pages.lessons.papers import references
from pages.lessons.prose import Tex, Text
from pages.lessons.reading import Reading, read, summary
from pages.lessons.target import output_of, quoted, spot_slider
from pages.parts.chart import chart, downloads
from s2s.analysis.copying import sources
from s2s.figures.series import side_by_side
from s2s.locale import _
from s2s.models.attention import Attention
from s2s.models.blocks import EncoderLayer, positions
from s2s.models.contract import Seq2Seq
from s2s.models.recurrent.copying import mixture
from s2s.models.recurrent.model import RNN
from s2s.tasks import dialogue, summarization

ELSEWHERE = Path(__file__).parent / "elsewhere"
SPEED = 15  # characters a second, about, when a text is read aloud
FRAMES = 100  # of sound a second


def beyond(text: Text) -> None:
    """Copying live, then what came after, then other frameworks."""
    reading = read()
    st.markdown(text.section("pointer"))
    short = summary(reading.sentence.source.text)
    asked = None
    if short is None:
        st.info(text.section("no_pointer"))
    else:
        asked = _pointer(text, short)
    st.markdown(text.section("uses"))
    with st.container(horizontal=True):
        st.page_link(page="pages/dialogue.py", label=_("Dialogue"), icon=":material/forum:")
        st.page_link(page="pages/summarize.py", label=_("Summarize"), icon=":material/short_text:")
    s = len(reading.ids)
    st.markdown(text.section("transformer", steps=s - 1, pieces=s, square=s * s))
    st.markdown(text.section("pretrained"))
    seconds = len(reading.sentence.source.text) / SPEED
    frames = round(FRAMES * seconds)
    st.markdown(text.section("modal", seconds=Tex(f"{seconds:.1f}"), frames=frames, pieces=s))
    st.markdown(text.section("knowledge"))
    st.markdown(text.section("outlook"))
    _frameworks(text)
    st.markdown(text.section("resources"))
    if asked:
        half = 0.5 * (float(asked["vocab"]) + float(asked["mass"]))
        number_exercise("beyond", text, half, 0.01, **asked)
    show_code(
        mixture,
        sources,
        dialogue.pairs,
        dialogue.encode,
        summarization.pairs,
        EncoderLayer,
        positions,
    )
    references(
        "pointer",
        "see",
        "transformer",
        "bert",
        "gpt",
        "t5",
        "bart",
        "listen",
        "caption",
        "johnson",
        "sutskever",
        "bahdanau",
    )


def _pointer(text: Text, short: Reading) -> dict[str, str | float]:
    """The gate of the summarizer, token by token; what the exercise is made of."""
    h, out = short.sentence.best, output_of(short)
    quoted(out.text)
    words = st.container()
    gate, copied = h.extras["generate"], sources(h, short.ids).sum(1)
    usual = int(np.abs(copied - 0.5).argmin())
    at = spot_slider(out.names, usual, _("Token of the summary"))
    alpha = h.alpha()
    assert alpha is not None
    same = np.array(short.ids) == h.tokens[at]
    gen, mass, p = float(gate[at]), float(alpha[at][same].sum()), float(np.exp(h.logprobs[at]))
    vocabulary = max(0.0, p - (1 - gen) * mass) / gen if gen > 0 else 0.0
    values = {"word": out.names[at], "gen": gen, "vocab": vocabulary, "mass": mass}
    words.markdown(text.section("token", t=at + 1, p=p, share=Tex(f"{copied[at]:.0%}"), **values))
    series = {_("gate: probability of copying"): 1 - gate, _("copied share of the token"): copied}
    key = f"beyond-{hash((short.key, at)) & 0xFFFFFFFF:x}"
    figure = side_by_side(out.names, series, _("share"), percent=True, marked=at)
    chart(figure, key, "copying", _("Gate and copying of every token"))
    table = pd.DataFrame({_("token"): out.names} | series)
    downloads(figure, table, key, "copying", _("Gate and copying of every token"), {})
    return {"word": out.names[at], "vocab": vocabulary, "mass": mass, "p": p}


PAIRS: tuple[tuple[Callable, str], ...] = (  # ours, and the file with theirs
    (RNN.__init__, "keras_model"),
    (Attention.forward, "keras_attention"),
    (Seq2Seq.loss, "tensorflow_training"),
)


def _frameworks(text: Text) -> None:
    """Ours from the source, theirs as text."""
    st.markdown(text.section("frameworks"))
    names = (_("Encoder and decoder"), _("Attention"), _("One training step"))
    for tab, (ours, theirs) in zip(st.tabs(names), PAIRS, strict=True):
        left, right = tab.columns(2)
        file, line, code = source_of(ours)
        left.caption(f"PyTorch · `{ours.__qualname__}` · `{file}:{line}`")
        left.code(code, language="python", wrap_lines=True)
        framework = "Keras" if theirs.startswith("keras") else "TensorFlow"
        right.caption(f"{framework} · {_('not run here')}")
        right.code(
            (ELSEWHERE / f"{theirs}.txt").read_text(encoding="utf-8"),
            language="python",
            wrap_lines=True,
        )
