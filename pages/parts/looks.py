"""What the Attention lab computes, kept between reruns; keyed by trace and target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import streamlit as st

from pages.lab.context import Lab
from pages.parts.cache import pipeline, shelf
from pages.parts.work import working
from s2s.analysis.attribution import POINTS, Attribution, attribute, leave_one_out
from s2s.analysis.heads import grids
from s2s.analysis.surgery import from_text, operate
from s2s.models.contract import Seq2Seq
from s2s.models.watched import Watched
from s2s.search.beam import search_one
from s2s.search.forced import Forced, force
from s2s.trace import Sentence, Trace


def kinds_of(name: str, source: Sequence[int], target: Sequence[int]) -> dict[str, np.ndarray]:
    """Kind of attention → (L,H,T,S)."""
    p = pipeline(name)
    key = ("grids", p.checkpoint.digest, tuple(source), tuple(target))
    return shelf().get(key, lambda: working(p, lambda w: grids(w.checkpoint.model, source, target)))


def drops(name: str, sentence: Sentence, n: int = 0) -> np.ndarray:
    """(T,W) what hiding each source word costs each token."""
    p, target = pipeline(name), sentence.hypotheses[n].tokens
    key = ("drops", p.checkpoint.digest, sentence.trace.source, target)
    return shelf().get(
        key,
        lambda: working(
            p,
            lambda w: leave_one_out(
                w.checkpoint.model, sentence.trace.source, target, sentence.src_words
            ),
        ),
    )


def attribution(lab: Lab, t: int) -> Attribution:
    """Of one token of the best output; a bar shows how far it is."""
    target = lab.sentence.best.tokens

    def make(model: Seq2Seq) -> Attribution:
        bar = st.progress(0.0, "Following the path from a blank sentence to this one …")
        for progress in attribute(model, lab.trace.source, target, t, POINTS):
            bar.progress(progress.share)
        bar.empty()
        assert progress.result is not None
        return progress.result

    return shelf().get(
        ("attribution", lab.key, target, t),
        lambda: working(lab.pipeline, lambda w: make(w.checkpoint.model)),
    )


def operated(lab: Lab, cuts: str) -> tuple[Trace, Forced, Forced]:
    """The search with changes at work, and the old output forced through the model without and with
    them. Raises S2SError."""
    target, model = lab.sentence.best.tokens, lab.pipeline.checkpoint.model
    source, options = lab.trace.source, lab.trace.options

    def make(tick: Callable[[], None]) -> tuple[Trace, Forced, Forced]:
        knife = Watched(operate(model, from_text(cuts), source), tick)
        found = search_one(knife, source, options, lab.trace.prefix)
        return (
            found,
            force(model, source, target, options),
            force(knife, source, target, options),
        )

    return shelf().get(
        ("surgery", lab.key, target, cuts),
        lambda: working(lab.pipeline, lambda w: make(w.checkpoint.model.tick)),
    )


def alignment_of(name: str) -> dict[str, Any]:
    """The ranking of heads that the command line wrote; nothing if it was not run on these weights."""
    checkpoint = pipeline(name).checkpoint
    found = checkpoint.metrics.get("alignment")
    fits = isinstance(found, dict) and found.get("weights") == checkpoint.digest
    return found if fits and isinstance(found.get("heads"), list) else {}
