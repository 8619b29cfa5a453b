"""A run looked at while it learns: what it makes of a few held-out lines, and where it looks meanwhile.

One line of JSON a snapshot, in ``watched.jsonl`` beside the history:
``{"step", "epoch", "lines": [{"source", "target", "output", "samples", "src", "tgt", "alpha"}]}``.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

from s2s.config import SearchOptions
from s2s.data.reading import Pair
from s2s.errors import S2SError
from s2s.models.contract import Seq2Seq
from s2s.search.beam import search_one
from s2s.search.forced import force
from s2s.tasks.base import Task
from s2s.text.tokenizer import Tokenizer
from s2s.training.folder import writing

WATCHED = "watched.jsonl"
SAMPLES = 3
GREEDY = SearchOptions(beam=1)
SAMPLED = SearchOptions(method="sample", beam=SAMPLES)


def snapshot(
    model: Seq2Seq, pairs: Sequence[Pair], tokenizer: Tokenizer, task: Task, limit: int
) -> list[dict[str, Any]]:
    """For each pair: greedy output, samples, and the attention while its own target is written.

    The target is forced, so that pictures of all snapshots have the same rows. ``limit``: tokens of a
    source. ``alpha`` (T,S), mean of all heads; None without attention.
    """
    return [_line(model, pair, tokenizer, task, limit) for pair in pairs]


def _line(
    model: Seq2Seq, pair: Pair, tokenizer: Tokenizer, task: Task, limit: int
) -> dict[str, Any]:
    src, _ = task.encode(pair[0], tokenizer, limit)
    tgt = [*tokenizer.encode(pair[1]), tokenizer.vocabulary.eos]
    alpha = force(model, src, tgt, GREEDY).hypothesis.alpha()  # (T,S)
    drawn = search_one(model, src, SAMPLED).hypotheses
    return {
        "source": pair[0].line(),
        "target": pair[1],
        "output": tokenizer.decode(search_one(model, src, GREEDY).best.tokens),
        "samples": [tokenizer.decode(h.tokens) for h in drawn],
        "src": tokenizer.pieces(src),
        "tgt": tokenizer.pieces(tgt),
        "alpha": None if alpha is None else alpha.astype(float).round(5).tolist(),
    }


def add_snapshot(out: Path, step: int, epoch: int, lines: list[dict[str, Any]]) -> None:
    """One more snapshot. Raises S2SError if the file cannot be written."""
    found = {"step": step, "epoch": epoch, "lines": lines}
    with writing(out / WATCHED), open(out / WATCHED, "a", encoding="utf-8") as file:
        file.write(json.dumps(found, ensure_ascii=False) + "\n")


def watched_pairs(pairs: Sequence[Pair], n: int) -> list[Pair]:
    """The first ``n`` of different sources. Raises S2SError if there are fewer."""
    found = list({source: (source, target) for source, target in reversed(pairs)}.values())[::-1]
    if n > len(found):
        raise S2SError(f"There are {len(found)} validation sources to watch, not {n}.")
    return found[:n]


def read_lines(path: Path) -> list[dict[str, Any]]:
    """What a run has told so far in a file of JSON lines; the line being written is left out."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    found = []
    for line in text.split("\n")[:-1]:
        with suppress(ValueError):
            found.append(json.loads(line))
    return found
