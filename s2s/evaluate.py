"""A file of pairs through the pipeline → a report with scores, signatures and speed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from s2s.config import SearchOptions, to_dict
from s2s.data import group_references, read_pairs, read_rows
from s2s.errors import S2SError
from s2s.metrics import METRICS, sentence_chrf
from s2s.pipeline import Pipeline
from s2s.tokenizer import clean

LENGTHS = (5, 10, 15, 20, 30, 40, 60)  # upper bounds of the length classes, in source words
WORST = 10


def evaluate(
    pipeline: Pipeline,
    path: Path,
    src: str | None = None,
    tgt: str | None = None,
    options: SearchOptions | None = None,
) -> dict:
    """Decode every distinct source of ``path`` and score it against all its references.

    Rows with the same source are references of one sentence. References are used as they stand.
    """
    options = options or pipeline.config.search
    task = pipeline.task
    src, tgt = _columns(pipeline, path, src, tgt)
    pairs = read_pairs(path, src, tgt, task.pair)
    pairs = [(clean(s), t.strip()) for s, t in pairs]
    pairs = [(s, t) for s, t in pairs if s and t]
    if not pairs:
        raise S2SError(f"{path} holds no pair to evaluate.")
    sources, references = group_references(pairs)
    begin = time.perf_counter()
    results = pipeline.batch(sources, options, record=False)
    seconds = time.perf_counter() - begin
    outputs = [r.text for r in results]
    report: dict = {"sentences": len(sources), "references": len(pairs)}
    for name, metric in METRICS.items():
        score, signature = metric(outputs, references)
        single, single_signature = metric(outputs, [r[:1] for r in references])
        report |= {name: round(score, 2), f"{name}_signature": signature}
        report |= {f"{name}_single": round(single, 2), f"{name}_single_signature": single_signature}
    return report | {
        "tokens_per_second": round(sum(r.tokens for r in results) / seconds, 1),
        "sentences_per_second": round(len(sources) / seconds, 1),
        "seconds": round(seconds, 1),
        "cut_sources": sum(s.cut > 0 for r in results for s in r.sentences),
        "unfinished_outputs": sum(not s.trace.best.finished for r in results for s in r.sentences),
        "by_length": _by_length(sources, outputs, references, METRICS[task.metric]),
        "worst": _worst(sources, outputs, references),
        "search": to_dict(options),
        "checkpoint": pipeline.config.name,
        "weights": pipeline.checkpoint.digest,
        "data": Path(path).name,
    }


def _columns(pipeline: Pipeline, path: Path, src: str | None, tgt: str | None) -> tuple[str, str]:
    """Columns as named; else the task's own; else those the checkpoint was trained on."""
    task, trained = pipeline.task, pipeline.config.data.columns
    header = next(iter(read_rows(path)), {})
    own = all(name in header for name in task.fields)
    defaults = task.fields if own else (trained.get("src"), trained.get("tgt"))
    return src or defaults[0] or task.fields[0], tgt or defaults[1] or task.fields[1]


def _by_length(sources: Sequence[str], outputs, references, metric) -> list[dict]:
    """The task's metric by source length in words; classes under 20 sentences are left out."""
    out, low = [], 1
    for high in LENGTHS:
        part = [i for i, s in enumerate(sources) if low <= len(s.split()) <= high]
        if len(part) >= 20:
            score, _ = metric([outputs[i] for i in part], [references[i] for i in part])
            out.append({"words": [low, high], "sentences": len(part), "score": round(score, 2)})
        low = high + 1
    return out


def _worst(sources, outputs, references) -> list[dict]:
    """The outputs furthest from every reference, by sentence chrF."""
    scored = sorted(
        (sentence_chrf(o, r), s, o, r) for s, o, r in zip(sources, outputs, references, strict=True)
    )
    return [
        {"source": s, "output": o, "references": r, "chrf": round(score, 1)}
        for score, s, o, r in scored[:WORST]
    ]
