"""Decode, and put the answer on the page."""

from __future__ import annotations

import streamlit as st

from pages.parts import state
from pages.parts.attention import common, pick
from pages.parts.cache import Card, decode, pipeline
from pages.parts.frame import stop
from pages.parts.lines import mount
from pages.parts.options import Settings
from pages.parts.picture import answer_data, chosen_step
from pages.parts.text import fail, plain, short, warn
from s2s.errors import S2SError
from s2s.locale import _, later, plural, translated
from s2s.text.remarks import shown
from s2s.text.source import Source
from s2s.trace import Result, Sentence

BITS = {"fp32": later("full precision"), "bf16": later("16-bit"), "int8": later("8-bit")}


def run(
    card: Card,
    source: Source,
    settings: Settings,
    prefix: str = "",
    doing: str = "",
    exact: bool = False,
) -> Result:
    """Decode with a spinner; an error is shown and ends the page, with everything typed in place."""
    try:
        with st.spinner(doing or _("Decoding …"), show_time=True):
            return decode(card.name, source, *settings, prefix, exact)
    except S2SError as error:
        fail(str(error))
        stop()


def show_answer(result: Result, card: Card, place: str = "answer", note: str = "") -> None:
    """The answer, word by word, with model and speed under it; then warnings."""
    k = state.kept()
    number = min(k.sentence, len(result.sentences) - 1)
    sentence = result.sentences[number]
    shared = common(sentence, 0, card.name, number, chosen_step(sentence, 0, k.step))
    n = len(result.sentences)
    about = (
        f"{note} · " * bool(note)
        + (plural("{n} sentence", "{n} sentences", n).format(n=n) + " · ") * (n > 1)
        + _("{n:.0f} ms").format(n=result.seconds * 1000)
        + f" · {translated(BITS[result.precision])}"
    )
    mount(answer_data(result, number, shared, card.languages[1], about), place, pick)


def show_warnings(result: Result) -> None:
    """What was not read or means little, in one box."""
    found = result.warnings
    if found:
        more = _(" And {n} more such remarks.").format(n=len(found) - 2) if len(found) > 2 else ""
        warn(" ".join(map(shown, found[:2])) + more)


def choose_sentence(result: Result) -> int:
    """Of a paragraph the sentence that is looked into; each was decoded by itself."""
    k = state.kept()
    k.sentence = min(k.sentence, len(result.sentences) - 1)
    if len(result.sentences) > 1:
        titles = [
            f"{i + 1} · {plain(short(s.source.text))}" for i, s in enumerate(result.sentences)
        ]
        st.selectbox(
            _("Sentence to look into"),
            range(len(result.sentences)),
            k.sentence,
            format_func=titles.__getitem__,
            help=_(
                "Each sentence was decoded by itself. A click on any word of the answer goes there."
            ),
            label_visibility="collapsed",
            **state.widget("sentence", of=tuple(titles)),
        )
    return k.sentence


def say_if_elsewhere_other(
    card: Card, source: Source, settings: Settings, prefix: str, number: int, sentence: Sentence
) -> None:
    """A lab searches in full precision, the other pages with faster products: say if they answer otherwise.

    ``sentence``: the lab's, the ``number``-th of the text.
    """
    if pipeline(card.name).precision == "fp32":
        return
    elsewhere = run(card, source, settings, prefix)
    text = elsewhere.sentences[number].outputs[0]
    if text == sentence.outputs[0]:
        return
    said = _(
        "This lab searches in full precision. The other pages use {bits} products, which are faster, and answer: "
        "“{text}”."
    ).format(bits=translated(BITS[elsewhere.precision]), text=text)
    if text in sentence.outputs:
        rank = sentence.outputs.index(text)
        gap = sentence.hypotheses[0].score - sentence.hypotheses[rank].score
        more = _("Here that is candidate {n}, its score lower by {gap:.3f}.")
        said += " " + more.format(n=rank + 1, gap=gap)
    st.caption(plain(said))
