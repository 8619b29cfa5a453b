"""Greedy search, beam search and sampling: one engine over the ``Decoder`` of ``models.contract``.

B sources still alive · K rows a source (hypotheses, or samples) · N candidates a row · V vocabulary ·
S source length.

Beam search as in Sutskever et al. 2014, section 3.2: every row is extended by every token; of the
best K extensions those that end a sentence are finished, and the best K others go on. A source is
done when K hypotheses are finished or its length limit is reached. Greedy search is K = 1.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from s2s.config import SearchOptions
from s2s.models.contract import Decoder, Memory
from s2s.search.candidates import INF, Grid, candidates, draw
from s2s.search.groups import Choice, follow_draws, group_rows, keep, keep_diverse
from s2s.search.recording import Log
from s2s.search.rows import Rows
from s2s.search.stopping import HOPEFUL, competes, over
from s2s.text.opening import Opening, as_opening
from s2s.trace import Trace

ROOM = 10  # tokens, at least, between the shortest output asked for and an automatic limit


def length_limit(source_length: int, options: SearchOptions, longest: int, begun: int = 0) -> int:
    """Most target tokens for a source of ``source_length`` tokens, both ends included.

    ``longest``: the decoder's own limit; ``begun``: tokens of a prefix, which limits do not count.
    """
    automatic = max(2 * source_length + 10, options.min_length + ROOM)
    return begun + min(options.max_length or automatic, longest)


@torch.inference_mode()
def search(
    decoder: Decoder,
    source: Tensor,
    options: SearchOptions,
    *,
    prefix: Sequence[Opening | Sequence[int]] | None = None,
    record: bool = True,
) -> list[Trace]:
    """Decode source (B,S) and return one trace a source.

    ``prefix``: what each output must begin with, ids or more (``Opening``).
    ``record=False`` leaves out ``Trace.steps`` and attention; outputs and scores stay the same.
    """
    vocabulary, device, sampling = decoder.vocabulary, source.device, options.method == "sample"
    memory = decoder.encode(source)
    carry = decoder.start(memory, options.beam)
    lengths = memory.mask.sum(1).tolist()
    forced = [as_opening(p) for p in prefix] if prefix else [Opening()] * len(lengths)
    limits = [
        max(length_limit(n, options, decoder.limits.target, p.begun), len(p))
        for n, p in zip(lengths, forced, strict=True)
    ]
    spells = any(p.spelling for p in forced)
    rows = Rows.first(len(lengths), options, vocabulary.bos, device, remember=spells)
    noise = [torch.Generator(device).manual_seed(options.seed) for _ in lengths if sampling]
    never = torch.tensor(vocabulary.never, device=device)
    log = Log(len(lengths), vocabulary.eos, record)

    for t in range(max(limits)):
        # (1) what the model says
        step = decoder.step(rows.token, carry, memory)
        logp = step.logp.index_fill_(2, never, -INF)  # (B,K,V)
        if options.coverage and step.attention is not None:
            rows.look(step.attention)

        # (2) the candidates of each row
        prefixes = [forced[i] for i in rows.alive]
        grid = candidates(logp, rows.history, t, options, vocabulary, prefixes)
        drawn = draw(grid, logp, options, [noise[i] for i in rows.alive]) if sampling else None

        # (3) which go on and which end
        running = rows.running[:, :, None] + grid.adjusted  # (B,K,N)
        choice = _choose(grid, running, drawn, rows, options, vocabulary.eos)
        if record:
            log.add_candidates(grid, running, rows.running, choice, step)

        # (4) book what ends, and what the length limit cuts
        stay = _book(t, grid, running, choice, rows, memory, limits, log, options)

        # (5) rows follow their parents; sources that are done leave the batch
        parent, logprob = rows.follow(grid, choice)
        log.add(rows.alive, parent, rows.token, logprob)
        if not stay:
            break
        carry, memory = rows.advance(parent, stay, step, memory)

    return [log.trace(i, source[i, :n].tolist(), options, forced[i]) for i, n in enumerate(lengths)]


def _choose(
    grid: Grid, running: Tensor, drawn: Tensor | None, rows: Rows, options: SearchOptions, eos: int
) -> Choice:
    """By draws (B,K), or by running totals (B,K,N)."""
    if drawn is not None:
        return follow_draws(grid.token, drawn, rows.total == -INF, eos)
    groups = group_rows(options)
    if len(groups) == 1:
        return keep(grid.token, running, options.beam, eos)
    return keep_diverse(grid.token, running, groups, options.diversity, eos)


def _book(
    t: int,
    grid: Grid,
    running: Tensor,
    choice: Choice,
    rows: Rows,
    memory: Memory,
    limits: Sequence[int],
    log: Log,
    options: SearchOptions,
) -> list[int]:
    """Write down every output that ends at step t. Returns the batch rows of sources that go on."""
    for at in choice.ended.nonzero().tolist():
        log.ends[rows.alive[at[0]]].append(rows.end(t, tuple(at), grid, memory, options))
    if options.method != "sample" and (bool(choice.ended.any()) or options.stop in HOPEFUL):
        for b, source in enumerate(rows.alive):
            for part in group_rows(options):
                own = [e.score for e in log.ends[source] if part.start <= e.row < part.stop]
                size = part.stop - part.start
                best = float(running[b].flatten()[choice.candidate[b, part.start]])
                if over(own, size, best, t, limits[source], options):
                    choice.dead[b, part] = True
    live, stay = (~choice.dead).any(1).tolist(), []
    for b, source in enumerate(rows.alive):
        if live[b] and t + 1 < limits[source]:
            stay.append(b)
        elif live[b]:
            # where cut outputs compete, they are the best K candidates, ends included
            most = options.beam - int(choice.ended[b].sum()) if competes(options) else None
            for index in choice.candidate[b][~choice.dead[b]].tolist()[:most]:
                at = (b, *divmod(index, grid.token.shape[2]))
                log.ends[source].append(rows.end(t, at, grid, memory, options))
    return stay


def search_one(
    decoder: Decoder, source: Sequence[int], options: SearchOptions, prefix: Sequence[int] = ()
) -> Trace:
    """``search`` for the ids of one source."""
    given = torch.tensor([list(source)], device=decoder.device)  # (1,S)
    return search(decoder, given, options, prefix=[tuple(prefix)] if prefix else None)[0]
