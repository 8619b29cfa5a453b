"""The same source at many beam widths: is more beam better?

Koehn and Knowles 2017, section 3.7 found that wide beams make translations worse; Cohen and Beck
2019 trace it to early tokens of low probability that only a wide beam forgives.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from s2s.config import SearchOptions
from s2s.models.contract import Decoder
from s2s.search.beam import search
from s2s.search.prefixes import Prefixes
from s2s.text.opening import Opening
from s2s.trace import Hypothesis, Trace

WIDTHS = tuple(range(1, 17))
CLOSE = 1e-6  # scores nearer than this are equal


@dataclass(frozen=True)
class Width:
    """What one beam width found."""

    width: int
    best: Hypothesis
    output: int
    """Which distinct output this is, numbered from 0 in the order of first appearance."""
    worse: float
    """By how much its score is below that of the best narrower beam; 0: it is not."""


@dataclass(frozen=True)
class Sweep:
    """Every width, narrowest first."""

    widths: tuple[Width, ...]
    outputs: int
    """Distinct outputs."""
    asked: int
    """Rows that all searches together asked the model for."""
    computed: int
    """Rows that went through the model: each distinct prefix once."""


def search_widths(
    model: Decoder,
    source: Sequence[int],
    options: SearchOptions,
    widths: Sequence[int] = WIDTHS,
    *,
    prefix: Opening | Sequence[int] = (),
    record: bool = False,
) -> tuple[list[Trace], Prefixes]:
    """One beam search a width over one source: the traces of ``search(beam=width)``.

    A narrow beam is not the top of a wide one (it prunes other things), so every width is a search of
    its own. But they share the encoder's pass and nearly all prefixes, and each distinct prefix is
    computed once, the widest search first.
    """
    shared = Prefixes(model, source)
    traces = {}
    for width in sorted(set(widths), reverse=True):
        chosen = replace(options, method="beam", beam=width)
        traces[width] = search(
            shared,
            shared.source,
            chosen,
            record=record,
            prefix=[prefix] if prefix else None,
        )[0]
    return [traces[width] for width in widths], shared


def sweep(
    model: Decoder,
    source: Sequence[int],
    options: SearchOptions,
    widths: Sequence[int] = WIDTHS,
    *,
    prefix: Opening | Sequence[int] = (),
) -> Sweep:
    """Search at each of ``widths`` (ascending) and compare what they found."""
    traces, shared = search_widths(model, source, options, widths, prefix=prefix)
    rows: list[Width] = []
    seen: dict[tuple[int, ...], int] = {}
    for width, trace in zip(widths, traces, strict=True):
        best = trace.best
        narrower = max((r.best.score for r in rows), default=best.score)
        worse = narrower - best.score
        output = seen.setdefault(best.tokens, len(seen))
        rows.append(Width(width, best, output, worse if worse > CLOSE else 0.0))
    return Sweep(tuple(rows), len(seen), shared.asked, shared.computed)
