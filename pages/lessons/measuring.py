"""Lesson: is the output any good?"""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from pages.lessons.code import show_code
from pages.lessons.exercise import number_exercise
from pages.lessons.papers import references
from pages.lessons.prose import Tex, Text
from pages.lessons.reading import Reading, read, trained
from pages.lessons.target import losses_of, quoted, reference_box, second_best, target_of
from pages.parts import state
from pages.parts.chart import chart, downloads
from pages.parts.text import short
from s2s import metrics
from s2s.analysis.lessons.overlap import Bleu, bleu, chrf, common, order, rouge_l, rouge_n
from s2s.figures.series import side_by_side
from s2s.locale import _


def measuring(text: Text) -> None:
    """BLEU by hand, and the other scores, on the visitor's output and a reference."""
    reading = read(trained, _("a model that can be trained here"))
    st.markdown(text.section("idea"))
    reference = reference_box(_("Reference")) or second_best(reading)
    outputs = reading.sentence.outputs
    st.markdown(text.section("candidates"))
    output = _choose(outputs)
    quoted(output)
    st.caption(_("Reference"))
    quoted(reference)
    words, given = (metrics.bleu_words(t, [reference]) for t in (output, reference))
    found = bleu(words, given)
    _grams(text, found)
    theirs = metrics.sentence_bleu(output, [reference])
    product = r" \cdot ".join(f"{p:.3f}" for p in found.precisions) or "0"
    st.markdown(
        text.section(
            "formula",
            c=found.length,
            r=found.wanted,
            bp=found.brevity,
            orders=len(found.precisions) or 1,
            product=Tex(product),
            mean=Tex(f"{found.mean:.3f}"),
            bleu=Tex(f"{found.score:.2f}"),
            theirs=Tex(f"{theirs:.2f}"),
        )
    )
    _figure(found, output, reference)
    _others(text, reading, output, reference)
    st.markdown(text.section("dialogue"))
    st.markdown(text.section("limits"))
    wanted = max(2, found.wanted)
    shorter = max(1, wanted * 3 // 4)
    penalty = math.exp(1 - wanted / shorter)
    number_exercise(
        "measuring", text, penalty, 0.01, c=shorter, r=wanted, most=Tex(f"{100 * penalty:.1f}")
    )
    show_code(order, Bleu, bleu, chrf, rouge_l, metrics.sentence_bleu)
    references("bleu", "chrf", "rouge", "signature", "diversity")


def _choose(outputs: tuple[str, ...]) -> str:
    """One of the search's outputs."""
    at = min(state.kept().candidate, len(outputs) - 1)
    if len(outputs) > 1:
        st.selectbox(
            _("Output that is measured"),
            range(len(outputs)),
            at,
            format_func=lambda i: f"{i + 1} · {short(outputs[i])}",
            **state.widget("candidate", of=outputs),
        )
    return outputs[at]


def _grams(text: Text, found: Bleu) -> None:
    """The n-grams of one order, and their clipped counts."""
    n = state.kept().gram
    st.segmented_control(
        _("Words in an n-gram"), [1, 2, 3, 4], default=n, required=True, **state.widget("gram")
    )
    o = found.orders[n - 1]
    st.markdown(text.section("bleu", n=n, matched=o.matched, total=o.total, precision=o.precision))
    table = pd.DataFrame(
        {
            _("n-gram of the output"): [" ".join(row[0]) for row in o.rows],
            _("in the output"): [row[1] for row in o.rows],
            _("in the reference"): [row[2] for row in o.rows],
            _("counts (clipped)"): [row[3] for row in o.rows],
        }
    )
    st.dataframe(table, hide_index=True, alt=_("Clipped counts"), key=f"grams-{n}")


def _figure(found: Bleu, output: str, reference: str) -> None:
    labels = [f"p{o.n}" for o in found.orders[: len(found.precisions)]] + ["BP", "BLEU"]
    values = [*found.precisions, found.brevity, found.score / 100]
    key = f"measuring-{hash((output, reference)) & 0xFFFFFFFF:x}"
    figure = side_by_side(labels, {_("share"): values}, _("share"), percent=True)
    chart(figure, key, "bleu", _("What BLEU is made of"))
    table = pd.DataFrame({_("part"): labels, _("share"): values})
    downloads(figure, table, key, "bleu", _("What BLEU is made of"), {})


def _others(text: Text, reading: Reading, output: str, reference: str) -> None:
    """chrF, ROUGE and perplexity."""
    letters, _orders = chrf(output, reference)
    own, given = (metrics.rouge_words(t, [reference]) for t in (output, reference))
    right = target_of(reading, reference)
    losses = losses_of(reading, right)
    scores = {
        "chrf": letters.score,
        "chrf_p": letters.precision,
        "chrf_r": letters.recall,
        "rouge1": rouge_n(own, given, 1).score,
        "rouge2": rouge_n(own, given, 2).score,
        "rougel": rouge_l(own, given).score,
    }
    st.markdown(
        text.section(
            "others",
            common=len(common(own, given)),
            nll=float(losses.nll.mean()),
            perplexity=losses.perplexity,
            **{name: Tex(f"{value:.1f}") for name, value in scores.items()},
        )
    )
