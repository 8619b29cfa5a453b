"""What the Attention lab computes, kept between reruns; keyed by trace and target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from pages.lab.context import Lab
from pages.parts.cache import pipeline, shelf
from pages.parts.stoppable import worked
from pages.parts.work import working
from s2s.analysis.attribution import POINTS, Attribution, attribute, leave_one_out
from s2s.analysis.heads import grids
from s2s.analysis.index import STATES, TEXTS, Index, read
from s2s.analysis.ranking import GoldPair, rank_heads
from s2s.analysis.states import decoder_states, encoder_states
from s2s.analysis.surgery import from_text, operate
from s2s.locale import _
from s2s.models.watched import Watched
from s2s.search.beam import search_one
from s2s.search.forced import Forced, force
from s2s.trace import Sentence, Trace


def kinds_of(name: str, source: Sequence[int], target: Sequence[int]) -> dict[str, np.ndarray]:
    """Kind of attention → (L,H,T,S)."""
    p = pipeline(name)
    key = ("grids", p.checkpoint.digest, tuple(source), tuple(target))
    return shelf().get(key, lambda: working(p, lambda w: grids(w.checkpoint.model, source, target)))


def drops(name: str, sentence: Sentence, n: int = 0) -> np.ndarray | None:
    """(T,W) what hiding each source word costs each token; None: it was stopped."""
    p, target = pipeline(name), sentence.hypotheses[n].tokens
    model, source = p.checkpoint.model, sentence.trace.source
    found = worked(
        ("drops", p.checkpoint.digest, source, target),
        lambda: leave_one_out(model, source, target, sentence.src_words),
        _("Leaving out one word after another"),
        f"drops-{name}",
    )
    return None if found is None else found.drops


def attribution(lab: Lab, t: int) -> Attribution | None:
    """Of one token of the best output; None: it was stopped."""
    target, model = lab.sentence.best.tokens, lab.pipeline.checkpoint.model
    found = worked(
        ("attribution", lab.pipeline.checkpoint.digest, lab.key, target, t),
        lambda: attribute(model, lab.trace.source, target, t, POINTS),
        _("Following the path from a blank sentence to this one"),
        "attribution",
    )
    return None if found is None else found.result


def states_of(
    name: str, source: Sequence[int], target: Sequence[int]
) -> tuple[np.ndarray | None, np.ndarray]:
    """Of the encoder (S,D), if the model keeps them, and of the decoder (T,D), by piece."""
    p = pipeline(name)
    model = p.checkpoint.model
    return shelf().get(
        ("states", p.checkpoint.digest, tuple(source), tuple(target)),
        lambda: working(
            p, lambda _w: (encoder_states(model, source), decoder_states(model, source, target))
        ),
    )


def index_of(name: str) -> Index | None:
    """Training pairs and their states; None: there are none for these weights. Raises S2SError."""
    checkpoint = pipeline(name).checkpoint
    files = [checkpoint.folder / part for part in (STATES, TEXTS)]
    stamps = [f.stat().st_mtime_ns if f.is_file() else 0 for f in files]
    return shelf().get(("index", checkpoint.digest, *stamps), lambda: read(checkpoint))


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


def ranked(lab: Lab, name: str, pairs: Sequence[GoldPair]) -> dict[str, Any]:
    """The same of a file that was uploaded; nothing if it was stopped."""
    found = worked(
        ("ranked", lab.pipeline.checkpoint.digest, tuple(pairs)),
        lambda: rank_heads(lab.pipeline, pairs),
        _("Forcing the model through every pair"),
        "ranked",
    )
    if found is None or not found.ranking.used:
        return {}
    used = found.ranking.used
    counts = {"pairs": len(used), "left_out": len(pairs) - len(used)}
    return {"gold": name, "heads": found.ranking.rows} | counts


def alignment_of(name: str) -> dict[str, Any]:
    """The ranking of heads that the command line wrote; nothing if it was not run on these weights."""
    checkpoint = pipeline(name).checkpoint
    found = checkpoint.metrics.get("alignment")
    fits = isinstance(found, dict) and found.get("weights") == checkpoint.digest
    return found if fits and isinstance(found.get("heads"), list) else {}
