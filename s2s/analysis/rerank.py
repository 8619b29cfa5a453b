"""Another order for outputs that were found already: no new search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from s2s.analysis.tree import grow
from s2s.config import SearchOptions
from s2s.search.scoring import coverage, normalise, place, ranked, score_of
from s2s.search.stopping import by_score, competes
from s2s.trace import Fate, Hypothesis, Trace


@dataclass(frozen=True)
class Ranked:
    """One finished output under new weights."""

    hypothesis: Hypothesis
    was: int
    """Its place under the search's own options."""
    norm: float
    """What the total is divided by."""
    coverage: float
    """Coverage penalty, ≤ 0."""
    score: float


def pool(trace: Trace) -> tuple[Hypothesis, ...]:
    """Every output that a search completed, as it ranked them.

    A step may finish more than the K that a trace reports; those behind the K-th are read off the
    trace's steps.
    """
    if trace.steps is None:
        return trace.hypotheses
    tree, known = grow(trace), {h.tokens for h in trace.hypotheses}
    rows = {id_: row for at in tree.rows for row, id_ in at.items()}
    extra = []
    for node in tree.nodes:
        if node.fate != Fate.FINISHED or node.ends >= 0 or tree.tokens(node.id) in known:
            continue
        path = tree.path(node.id)
        at = tuple(rows[n.parent] for n in path)
        logprobs = np.array([n.logprob for n in path])
        total = float(logprobs.sum())
        attention = trace.steps.attention
        attention = None if attention is None else attention[np.arange(len(at)), at]
        h = Hypothesis(
            tokens=tree.tokens(node.id),
            logprobs=logprobs,
            total=total,
            penalty=node.total - total,
            coverage=coverage(attention, trace.options),
            score=0.0,
            finished=True,
            rows=at,
            attention=attention,
        )
        extra.append(replace(h, score=score_of(h, trace.options)))
    # a stable sort leaves the order of the search where scores tie
    order = by_score if competes(trace.options) else ranked
    return tuple(order((*trace.hypotheses, *extra)))


def rerank(outputs: Sequence[Hypothesis], options: SearchOptions) -> list[Ranked]:
    """Outputs of a search (``pool``) under other length and coverage weights, best first.

    The beam prunes by raw totals and stops at K finished outputs, whatever the normalisation. So this
    order is the very order that a new search with these weights would give, and no output is missed
    that it would have found. Outputs cut at the length limit stay behind finished ones. With another
    ``stop`` than full a search goes on for as long as its weights give it hope, so a new one may find
    more; cut outputs compete there.
    """
    found = [
        Ranked(
            h,
            was,
            1 / float(normalise(1.0, len(h.tokens), options)),
            coverage(h.attention, options),
            score_of(h, options),
        )
        for was, h in enumerate(outputs)
    ]
    if competes(options):
        return sorted(found, key=lambda r: -r.score)
    some_cut = any(not h.finished for h in outputs)
    return sorted(found, key=lambda r: place(r.hypothesis, r.score, some_cut))


def rank_curves(
    outputs: Sequence[Hypothesis], options: SearchOptions, alphas: Sequence[float]
) -> np.ndarray:
    """Place (from 1) of each output at each α: (outputs, alphas)."""
    curves = np.zeros((len(outputs), len(alphas)), int)
    for i, alpha in enumerate(alphas):
        order = rerank(outputs, replace(options, alpha=float(alpha)))
        for above, r in enumerate(order):
            curves[r.was, i] = above + 1
    return curves
