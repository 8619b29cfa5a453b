"""Greedy search, beam search and sampling: one engine over the ``Decoder`` of ``models.contract``.

B sources still alive · K rows a source (hypotheses, or samples) · N candidates a row · V vocabulary ·
S source length.

Beam search as in Sutskever et al. 2014, section 3.2: every row is extended by every token; of the
best K extensions those that end a sentence are finished, and the best K others go on. A source is
done when K hypotheses are finished or its length limit is reached. Greedy search is K = 1.

What has a vocabulary's width stays with the model, as tensors; of that only the best N tokens a row come
over, as NumPy arrays, whose small operations cost a third.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from s2s.config import SearchOptions
from s2s.models.contract import Decoder, Memory
from s2s.search.candidates import INF, Cells, candidates, draw
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
    longest, pairs = decoder.limits.target, zip(lengths, forced, strict=True)
    limits = np.array([max(length_limit(n, options, longest, p.begun), len(p)) for n, p in pairs])
    spells = any(p.spelling for p in forced)
    rows = Rows.first(len(lengths), options, vocabulary.bos, device, remember=spells)
    noise = [torch.Generator(device).manual_seed(options.seed) for _ in lengths if sampling]
    never = torch.tensor(vocabulary.never, device=device)
    log = Log(len(lengths), vocabulary.eos, record)

    for t in range(limits.max()):
        # (1) what the model says
        step = decoder.step(torch.from_numpy(rows.token).to(device), carry, memory)
        logp = step.logp.index_fill_(2, never, -INF)  # (B,K,V)
        if options.coverage and step.attention is not None:
            rows.look(step.attention)

        # (2) the candidates of each row
        prefixes = [forced[i] for i in rows.alive]
        grid = candidates(logp, rows.history, t, options, vocabulary, prefixes)
        drawn = draw(grid, logp, options, [noise[i] for i in rows.alive]) if sampling else None
        cells = Cells.of(grid)

        # (3) which go on and which end
        running = rows.running[:, :, None] + cells.adjusted  # (B,K,N)
        choice = _choose(cells, running, drawn, rows, options, vocabulary.eos)
        if record:
            log.add_candidates(t, rows.alive, cells, running, rows.running, choice, step)

        # (4) book what ends, and what the length limit cuts
        stay = _book(t, cells, running, choice, rows, memory, limits, log, options)

        # (5) rows follow their parents; sources that are done leave the batch
        parent, logprob = rows.follow(cells, choice)
        log.add(t, rows.alive, parent, rows.token, logprob)
        if not len(stay):
            break
        carry, memory = rows.advance(parent, stay, step, memory)

    ids = [source[i, :n].tolist() for i, n in enumerate(lengths)]
    return log.traces(ids, options, forced)


def _choose(
    cells: Cells,
    running: np.ndarray,
    drawn: Tensor | None,
    rows: Rows,
    options: SearchOptions,
    eos: int,
) -> Choice:
    """By draws (B,K), or by running totals (B,K,N)."""
    if drawn is not None:
        return follow_draws(cells.token, drawn.cpu().numpy(), rows.total == -INF, eos)
    groups = group_rows(options)
    if len(groups) == 1:
        return keep(cells.token, running, options.beam, eos)
    return keep_diverse(cells.token, running, groups, options.diversity, eos)


def _book(
    t: int,
    cells: Cells,
    running: np.ndarray,
    choice: Choice,
    rows: Rows,
    memory: Memory,
    limits: np.ndarray,
    log: Log,
    options: SearchOptions,
) -> np.ndarray:
    """Write down every output that ends at step t. Returns the batch rows of sources that go on."""
    ends = np.argwhere(choice.ended).tolist()
    for b, row, n in ends:
        log.ends[rows.alive[b]].append(rows.end(t, (b, row, n), cells, memory, options))
    if options.method != "sample":
        hopeful = options.stop in HOPEFUL
        for b in range(len(rows.alive)) if hopeful else {b for b, _, _ in ends}:
            source = rows.alive[b]
            for part in group_rows(options):
                own = [e.score for e in log.ends[source] if part.start <= e.row < part.stop]
                best = float(running[b].flat[choice.candidate[b, part.start]])
                size = part.stop - part.start
                if over(own, size, best, t, int(limits[source]), options):
                    choice.dead[b, part] = True
    live = ~choice.dead.all(1)
    short = t + 1 < limits[rows.alive]
    for b in np.flatnonzero(live & ~short).tolist():
        # where cut outputs compete, they are the best K candidates, ends included
        most = options.beam - int(choice.ended[b].sum()) if competes(options) else None
        for index in choice.candidate[b][~choice.dead[b]].tolist()[:most]:
            at = (b, *divmod(index, cells.token.shape[2]))
            log.ends[rows.alive[b]].append(rows.end(t, at, cells, memory, options))
    return np.flatnonzero(live & short)


def search_one(
    decoder: Decoder, source: Sequence[int], options: SearchOptions, prefix: Sequence[int] = ()
) -> Trace:
    """``search`` for the ids of one source."""
    given = torch.tensor([list(source)], device=decoder.device)  # (1,S)
    return search(decoder, given, options, prefix=[tuple(prefix)] if prefix else None)[0]
