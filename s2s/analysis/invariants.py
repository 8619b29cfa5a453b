"""Laws that must hold on the very trace that is shown, checked there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest

import numpy as np
import torch

from s2s.analysis.playback import play
from s2s.analysis.tree import grow
from s2s.config import SearchOptions
from s2s.locale import later
from s2s.models.contract import Decoder, Seq2Seq
from s2s.search.beam import length_limit, search
from s2s.search.groups import group_rows
from s2s.search.scoring import score_of
from s2s.text.remarks import Remark
from s2s.trace import Fate, Hypothesis, Trace

TOTAL, SUM, EXACT = 1e-3, 1e-4, 0.0  # tolerances: nats of a total, of an attention row, none


@dataclass(frozen=True)
class Check:
    """One law and how far the trace is from it."""

    law: str
    """Marked by ``later``."""
    error: float | None
    """Largest deviation found; None: the law does not apply here."""
    tolerance: float
    detail: Remark
    """What was compared, or why nothing was."""

    @property
    def holds(self) -> bool:
        return self.error is None or self.error <= self.tolerance


def check(model: Decoder, trace: Trace) -> list[Check]:
    """Every law, on one recorded trace. Raises ValueError if it was made without recording."""
    return [
        _adds_up(trace),
        _scores(trace),
        _replays(trace),
        _cut(model, trace),
        _attention(trace),
        _forced(model, trace),
        _greedy(model, trace),
    ]


def _adds_up(trace: Trace) -> Check:
    """The totals that the search added up step by step, against the sums of token log-probabilities."""
    tree = grow(trace)
    ends = {n.ends: n.total for n in tree.nodes if n.ends >= 0}
    errors = [
        abs(ends.get(rank, np.inf) - h.penalty - float(h.logprobs.sum()))
        for rank, h in _distinct(trace)
    ]
    return Check(
        later("token log-probabilities add up to the total"),
        max(errors),
        TOTAL,
        Remark(later("the running totals of the search, outputs: {n}"), values={"n": len(errors)}),
    )


def _scores(trace: Trace) -> Check:
    errors = [abs(h.score - score_of(h, trace.options)) for h in trace.hypotheses]
    return Check(
        later("the score is the total, normalised"),
        max(errors),
        TOTAL,
        Remark(later("computed again from total, length and attention")),
    )


def _replays(trace: Trace) -> Check:
    """Outputs that cannot be reached by following kept candidates from row to row."""
    last = len(trace.recorded.fate) - 1
    reached = {
        c.tokens
        for frame in play(trace)
        for c in frame.candidates
        if c.fate == Fate.FINISHED or (c.fate == Fate.KEPT and frame.t == last)
    }
    missing = sum(h.tokens not in reached for h in trace.hypotheses)
    return Check(
        later("replaying the trace gives the same outputs"),
        float(missing),
        EXACT,
        Remark(
            later("{missing} of {n} outputs not reached"),
            values={"missing": missing, "n": len(trace.hypotheses)},
        ),
    )


def _cut(model: Decoder, trace: Trace) -> Check:
    """Continuations against the worst one kept, group by group in a diverse beam."""
    law = later("nothing that was pruned beats what was kept")
    if trace.options.method == "sample":
        return Check(law, None, EXACT, Remark(later("samples are drawn, nothing is pruned")))
    s, eos = trace.recorded, model.vocabulary.eos
    judged = s.total if s.handicap is None else s.total - s.handicap
    worst, count = 0.0, int((s.fate == Fate.PRUNED).sum())
    for rows in group_rows(trace.options):
        for t in range(len(s.fate)):
            fate, total, goes_on = s.fate[t, rows], judged[t, rows], s.token[t, rows] != eos
            kept, pruned = total[fate == Fate.KEPT], total[(fate == Fate.PRUNED) & goes_on]
            if len(kept) and len(pruned):
                worst = max(worst, float(pruned.max() - kept.min()))
    said = later("pruned candidates against their step's cut: {n:,}")
    return Check(law, worst, SUM, Remark(said, values={"n": count}))


def _attention(trace: Trace) -> Check:
    law = later("attention rows sum to 1")
    attention = trace.recorded.attention
    if attention is None:
        return Check(law, None, SUM, Remark(later("this model has no attention")))
    rows = trace.recorded.before > -np.inf  # (T,K)
    sums = attention[rows].astype(np.float64).sum(-1)
    return Check(
        law,
        float(np.abs(sums - 1).max()),
        SUM,
        Remark(later("rows: {n:,}"), values={"n": sums.size}),
    )


@torch.inference_mode()
def _forced(model: Decoder, trace: Trace) -> Check:
    """The outputs forced through the model, against the step-by-step search.

    Written anew on purpose: a check that shared the search's own code would share its faults.
    """
    source = torch.tensor([trace.source], device=model.device)
    errors = []
    for _rank, h in _distinct(trace):
        total = sum(_teacher_forced(model, source, h.tokens))
        errors.append(abs(total - h.total))
    how = (
        later("outputs forced through the model in one call each: {n}")
        if isinstance(model, Seq2Seq)
        else later("outputs forced through the model token by token: {n}")
    )
    return Check(
        later("the forced score equals the search score"),
        max(errors),
        TOTAL,
        Remark(how, values={"n": len(errors)}),
    )


def _teacher_forced(model: Decoder, source: torch.Tensor, tokens: Sequence[int]) -> list[float]:
    """Log-probability of each token: all steps in one call, if the model can do that."""
    before = [model.vocabulary.bos, *tokens[:-1]]
    if isinstance(model, Seq2Seq):
        rows = model(source, torch.tensor([before], device=model.device))[0]  # (T,V)
        return [float(row[token]) for row, token in zip(rows, tokens, strict=True)]
    memory = model.encode(source)
    carry, found = model.start(memory, 1), []
    for last, token in zip(before, tokens, strict=True):
        step = model.step(torch.tensor([[last]], device=model.device), carry, memory)
        carry = step.carry
        found.append(float(step.logp[0, 0, token]))
    return found


@torch.inference_mode()
def _greedy(model: Decoder, trace: Trace) -> Check:
    """A plain argmax loop against the beam of 1, the trace itself if it is one."""
    law = later("a beam of 1 is greedy search")
    source = torch.tensor([trace.source], device=model.device)
    options = SearchOptions(beam=1, max_length=trace.options.max_length)
    plain = replace(
        trace.options, length_norm=options.length_norm, alpha=options.alpha, coverage=0.0
    )
    own = plain == options and not trace.prefix
    limit = length_limit(len(trace.source), options, model.limits.target)
    one = trace if own else search(model, source, options, record=False)[0]
    loop = _argmax(model, source, limit)
    differ = sum(a != b for a, b in zip_longest(one.best.tokens, loop))
    which = (
        later("this trace against a plain argmax loop")
        if own
        else later("a search with beam 1 and no constraints against a plain argmax loop")
    )
    return Check(law, float(differ), EXACT, Remark(which))


def _argmax(model: Decoder, source: torch.Tensor, limit: int) -> list[int]:
    memory = model.encode(source)
    carry, tokens = model.start(memory, 1), [model.vocabulary.bos]
    while len(tokens) <= limit and (len(tokens) == 1 or tokens[-1] != model.vocabulary.eos):
        step = model.step(torch.tensor([[tokens[-1]]], device=model.device), carry, memory)
        carry, logp = step.carry, step.logp[0, 0].clone()
        logp[list(model.vocabulary.never)] = -torch.inf
        tokens.append(int(logp.argmax()))
    return tokens[1:]


def _distinct(trace: Trace) -> list[tuple[int, Hypothesis]]:
    """Outputs without repetitions (samples may repeat), with the first place of each."""
    first: dict[tuple[int, ...], int] = {}
    for rank, h in enumerate(trace.hypotheses):
        first.setdefault(h.tokens, rank)
    return [(rank, trace.hypotheses[rank]) for rank in first.values()]
