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
from s2s.models.contract import Seq2Seq
from s2s.search.beam import length_limit, search
from s2s.search.groups import group_rows
from s2s.search.scoring import score
from s2s.text.vocabulary import BOS, EOS
from s2s.trace import Fate, Trace

TOTAL, SUM, EXACT = 1e-3, 1e-4, 0.0  # tolerances: nats of a total, of an attention row, none


@dataclass(frozen=True)
class Check:
    """One law and how far the trace is from it."""

    law: str
    error: float | None
    """Largest deviation found; None: the law does not apply here."""
    tolerance: float
    detail: str
    """What was compared, or why nothing was."""

    @property
    def holds(self) -> bool:
        return self.error is None or self.error <= self.tolerance


def check(model: Seq2Seq, trace: Trace, *, model_limit: int = 100) -> list[Check]:
    """Every law, on one recorded trace. Raises ValueError if it was made without recording."""
    return [
        _adds_up(trace),
        _scores(trace),
        _replays(trace),
        _cut(trace),
        _attention(trace),
        _forced(model, trace),
        _greedy(model, trace, model_limit),
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
        "token log-probabilities add up to the total",
        max(errors),
        TOTAL,
        f"the running totals of the search, {len(errors)} outputs",
    )


def _scores(trace: Trace) -> Check:
    errors = [abs(h.score - score(h, trace.options)) for h in trace.hypotheses]
    return Check(
        "the score is the total, normalised",
        max(errors),
        TOTAL,
        "computed again from total, length and attention",
    )


def _replays(trace: Trace) -> Check:
    """Outputs that cannot be reached by following kept candidates from row to row."""
    last = len(trace.steps.fate) - 1
    reached = {
        c.tokens
        for frame in play(trace)
        for c in frame.candidates
        if c.fate == Fate.FINISHED or (c.fate == Fate.KEPT and frame.t == last)
    }
    missing = sum(h.tokens not in reached for h in trace.hypotheses)
    return Check(
        "replaying the trace gives the same outputs",
        float(missing),
        EXACT,
        f"{missing} of {len(trace.hypotheses)} outputs not reached",
    )


def _cut(trace: Trace) -> Check:
    """Continuations against the worst one kept, group by group in a diverse beam."""
    law = "nothing that was pruned beats what was kept"
    if trace.options.method == "sample":
        return Check(law, None, EXACT, "samples are drawn, nothing is pruned")
    s = trace.steps
    judged = s.total if s.handicap is None else s.total - s.handicap
    worst, count = 0.0, int((s.fate == Fate.PRUNED).sum())
    for rows in group_rows(trace.options):
        for t in range(len(s.fate)):
            fate, total, goes_on = s.fate[t, rows], judged[t, rows], s.token[t, rows] != EOS
            kept, pruned = total[fate == Fate.KEPT], total[(fate == Fate.PRUNED) & goes_on]
            if len(kept) and len(pruned):
                worst = max(worst, float(pruned.max() - kept.min()))
    return Check(law, worst, SUM, f"{count:,} pruned candidates against their step's cut")


def _attention(trace: Trace) -> Check:
    law = "attention rows sum to 1"
    attention = trace.steps.attention
    if attention is None:
        return Check(law, None, SUM, "this model has no attention")
    rows = trace.steps.before > -np.inf  # (T,K)
    sums = attention[rows].astype(np.float64).sum(-1)
    return Check(law, float(np.abs(sums - 1).max()), SUM, f"{sums.size:,} rows")


@torch.inference_mode()
def _forced(model: Seq2Seq, trace: Trace) -> Check:
    """Teacher forcing, all steps in one call, against the step-by-step search."""
    device = model.embedding.weight.device
    src = torch.tensor([trace.src], device=device)
    errors = []
    for _, h in _distinct(trace):
        tgt = torch.tensor([h.tokens], device=device)
        tgt_in = torch.cat([torch.full_like(tgt[:, :1], BOS), tgt[:, :-1]], 1)
        logp = model(src, tgt_in).float().log_softmax(-1).gather(2, tgt[:, :, None])
        errors.append(abs(float(logp.double().sum()) - h.total))
    return Check(
        "the forced score equals the search score",
        max(errors),
        TOTAL,
        f"{len(errors)} outputs forced through the model in one call each",
    )


@torch.inference_mode()
def _greedy(model: Seq2Seq, trace: Trace, model_limit: int) -> Check:
    """A plain argmax loop against the beam of 1, the trace itself if it is one."""
    law = "a beam of 1 is greedy search"
    device = model.embedding.weight.device
    src = torch.tensor([trace.src], device=device)
    options = SearchOptions(beam=1, max_length=trace.options.max_length)
    plain = replace(
        trace.options, length_norm=options.length_norm, alpha=options.alpha, coverage=0.0
    )
    own = plain == options and not trace.prefix
    limit = length_limit(len(trace.src), options, model_limit)
    one = trace if own else search(model, src, options, model_limit=model_limit, record=False)[0]
    loop = _argmax(model, src, limit)
    differ = sum(a != b for a, b in zip_longest(one.best.tokens, loop))
    which = "this trace" if own else "a search with beam 1 and no constraints"
    return Check(law, float(differ), EXACT, f"{which} against a plain argmax loop")


def _argmax(model: Seq2Seq, src: torch.Tensor, limit: int) -> list[int]:
    memory = model.encode(src)
    carry, tokens = model.start(memory, 1), [BOS]
    while len(tokens) <= limit and tokens[-1] != EOS:
        step = torch.tensor([[tokens[-1]]], device=src.device)
        logits, _, carry = model.step(step, carry, memory)
        logits[:, :, list(model.never)] = -torch.inf
        tokens.append(int(logits.argmax()))
    return tokens[1:]


def _distinct(trace: Trace) -> Sequence[tuple[int, object]]:
    """Outputs without repetitions (samples may repeat), with the first place of each."""
    first: dict[tuple[int, ...], int] = {}
    for rank, h in enumerate(trace.hypotheses):
        first.setdefault(h.tokens, rank)
    return [(rank, trace.hypotheses[rank]) for rank in first.values()]
