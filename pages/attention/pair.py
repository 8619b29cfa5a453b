"""Source and output as a pair: an output of the visitor's own, and links that people draw."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.lab.context import Lab
from pages.parts import state
from pages.parts.cache import forced_sentence
from pages.parts.picture import word
from pages.parts.text import distinct, fail, plain, warn
from s2s.analysis.alignment import Gold, parse
from s2s.analysis.attention import Span, word_of
from s2s.errors import S2SError
from s2s.locale import _
from s2s.trace import Sentence


def target_box(lab: Lab) -> Sentence:
    """The model's own answer, or what the visitor wants it to write."""
    k = state.kept()
    st.text_input(
        _("Another output for this source, if you have one, then Enter"),
        k.target,
        max_chars=2000,
        placeholder=lab.sentence.outputs[0],
        **state.widget("target"),
    )
    if not k.target.strip():
        return lab.sentence
    try:
        return forced_sentence(lab.name, lab.sentence.source, k.target, lab.trace.options, True)
    except S2SError as error:
        fail(str(error))
        return lab.sentence


def words_of(sentence: Sentence) -> tuple[Sequence[Span], Sequence[Span]]:
    """Spans of output and source words."""
    return sentence.tgt_words[0], sentence.src_words


def choose_word(sentence: Sentence, label: str) -> int:
    """The output word that is asked about; at first the one that the model was least sure of."""
    k, words = state.kept(), sentence.tgt_words[0]
    at = k.word
    if not 0 <= at < len(words):
        at = word_of(int(sentence.best.logprobs.argmin()), words)
    st.pills(
        label,
        range(len(words)),
        default=at,
        format_func=distinct([plain(word(w)) for w, _, _ in words]).__getitem__,
        required=True,
        **state.widget("word", of=words),
    )
    return at


def numbered(sentence: Sentence) -> tuple[list[str], list[str]]:
    """Source and output words with the numbers by which links name them."""
    tgt, src = words_of(sentence)
    names = [[f"{n + 1} {word(w)}" for n, (w, _, _) in enumerate(side)] for side in (src, tgt)]
    return names[0], names[1]


def gold_box(sentence: Sentence) -> Gold | None:
    """Links typed or pasted; None: there are none, or they cannot be read."""
    k = state.kept()
    st.text_input(
        _("Your own links, source-output, then Enter: 1-1 2-3 4-4p"),
        k.gold,
        max_chars=4000,
        placeholder=_("numbers as in the picture; p marks a possible link"),
        help=_("Word numbers stand beside the picture. With links every head gets its error rate."),
        **state.widget("gold"),
    )
    return gold_of(sentence)


def gold_of(sentence: Sentence) -> Gold | None:
    """The links that stand in the box."""
    text = state.kept().gold
    if not text.strip():
        return None
    tgt, src = words_of(sentence)
    try:
        return parse(text, len(src) - 1, len(tgt) - 1)
    except S2SError as error:
        warn(str(error))
        return None


def sentence_of(name: str, lab: Lab, target: str) -> Sentence:
    """Another model made to write the same words. Raises S2SError."""
    return forced_sentence(name, lab.sentence.source, target, lab.trace.options, True)


def title(text: str) -> str:
    """A model's name as a heading."""
    return plain(text.split(" · ", 1)[-1])
