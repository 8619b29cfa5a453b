"""Lesson: from probabilities to one output."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from pages.lessons.code import show_code
from pages.lessons.exercise import number_exercise
from pages.lessons.papers import references
from pages.lessons.prose import Tex, Text, scientific
from pages.lessons.reading import Reading, read
from pages.lessons.target import pieces, quoted
from pages.parts import state
from pages.parts.cache import changed, greedy_of, key_of, outputs_of
from pages.parts.chart import chart, downloads
from pages.parts.text import short
from s2s.analysis.lessons.savings import savings
from s2s.analysis.rerank import Ranked, rerank
from s2s.figures.series import by_length
from s2s.locale import _
from s2s.search import beam as engine
from s2s.search.groups import keep
from s2s.search.scoring import normalise
from s2s.trace import Hypothesis


def search(text: Text) -> None:
    """Greedy and beam side by side, the length bias, and what is kept."""
    reading = read()
    trace, best = reading.sentence.trace, reading.sentence.trace.best
    greedy = greedy_of(reading.card.name, trace).best
    model = reading.pipeline.checkpoint.model
    st.markdown(text.section("goal", vocabulary=model.vocabulary.size, tokens=len(best.tokens)))
    st.markdown(text.section("greedy"))
    quoted(reading.pipeline.tokenizer.decode(greedy.tokens))
    work = savings(trace)
    st.markdown(text.section("beam", beam=trace.options.beam, rows=work.rows, steps=work.steps))
    quoted(reading.pipeline.tokenizer.decode(best.tokens))
    _compared(text, reading, greedy, best)
    _lengths(text, reading)
    st.markdown(text.section("faults"))
    st.page_link(page="pages/beam_lab.py", label=_("Beam lab"), icon=":material/account_tree:")
    st.markdown(
        text.section(
            "speed",
            encoder=work.kept[0],
            decoder=work.kept[1],
            anew_encoder=work.anew[0],
            anew_decoder=work.anew[1],
            times=Tex(f"{work.times:.0f}"),
        )
    )
    per_token = best.total / len(best.tokens)
    number_exercise(
        "search",
        text,
        per_token,
        0.003 + 0.01 * abs(per_token),
        total=best.total,
        length=len(best.tokens),
        output=reading.sentence.outputs[0],
        mean=math.exp(per_token),
    )
    show_code(engine.search, keep, normalise, savings)
    references("sutskever", "gnmt", "six", "empty")


def _compared(text: Text, reading: Reading, greedy: Hypothesis, best: Hypothesis) -> None:
    """Where greedy search and the beam part, and who did better."""
    if greedy.tokens == best.tokens:
        st.markdown(text.section("same", total=best.total))
        return
    if greedy.total > best.total:
        st.markdown(text.section("lost", greedy=greedy.total, total=best.total))
        return
    pairs = zip(greedy.tokens, best.tokens, strict=False)
    at = next((t for t, (a, b) in enumerate(pairs) if a != b), None)
    if at is None:  # one is the beginning of the other: cut at the limit
        st.markdown(text.section("same", total=best.total))
        return
    st.markdown(
        text.section(
            "parted",
            at=at + 1,
            theirs=pieces(reading, greedy.tokens[at : at + 1])[0],
            ours=pieces(reading, best.tokens[at : at + 1])[0],
            p=scientific(math.exp(greedy.logprobs[at])),
            q=scientific(math.exp(best.logprobs[at])),
            greedy=greedy.total,
            total=best.total,
        )
    )


def _lengths(text: Text, reading: Reading) -> None:
    """Every output that the beam completed, under another length penalty."""
    k, trace = state.kept(), reading.sentence.trace
    now = k.alpha_now if k.alpha_now >= 0 else trace.options.alpha
    now = min(now, 3.0)
    words = st.container()
    st.slider(_("Length penalty α"), 0.0, 3.0, float(now), 0.1, **state.widget("alpha_now"))
    options = changed(trace.options, alpha=now, length_norm="average")
    key = (reading.card.name, *reading.key, key_of(trace.options))
    found = rerank(outputs_of(key, trace), options)
    texts = [reading.pipeline.tokenizer.decode(r.hypothesis.tokens) for r in found]
    first = texts[0] or _("(the empty sentence)")
    words.markdown(text.section("length", alpha=Tex(f"{now:.1f}"), first=first))
    _figure(found, texts, f"search-{hash(key) & 0xFFFFFFFF:x}-{now:.1f}")


def _figure(found: list[Ranked], texts: list[str], key: str) -> None:
    lengths = [len(r.hypothesis.tokens) for r in found]
    figure = by_length(
        lengths,
        [r.score for r in found],
        [short(t) for t in texts],
        (_("length in tokens"), _("score")),
        (_("first"), _("others")),
    )
    chart(figure, key, "outputs-by-length", _("Score of every output by its length"))
    table = pd.DataFrame(
        {
            _("output"): texts,
            _("tokens"): lengths,
            _("log-probability"): [r.hypothesis.total for r in found],
            _("score"): [r.score for r in found],
        }
    )
    title = _("Score of every output by its length")
    downloads(figure, table, key, "outputs-by-length", title, {})
