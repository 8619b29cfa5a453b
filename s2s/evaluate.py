"""A file of pairs through the pipeline → a report with scores, signatures and speed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

from s2s.config import RerankOptions, SearchOptions, to_dict
from s2s.data.batches import encode_pairs
from s2s.data.corpus import group_references
from s2s.data.reading import Pair, Report, read_pairs, read_rows
from s2s.errors import S2SError
from s2s.metrics import sentence_chrf
from s2s.pipeline import Pipeline
from s2s.search.forced import corpus_likelihood
from s2s.tasks.base import Likelihood, Outcome
from s2s.text.cleaning import clean
from s2s.text.source import Source

WORST = 10


def evaluate(
    pipeline: Pipeline,
    path: Path,
    src: str | None = None,
    tgt: str | None = None,
    options: SearchOptions | None = None,
    rerank: RerankOptions | None = None,
    kind: str = "",
) -> dict[str, Any]:
    """Decode every distinct source of ``path`` and score it against all its references.

    Rows with the same source are references of one sentence. References are used as they stand.
    """
    options, rerank = options or pipeline.config.search, rerank or pipeline.config.rerank
    task = pipeline.task
    src, tgt = _columns(pipeline, path, src, tgt)
    pairs, read = _read(pipeline, path, src, tgt, kind)
    sources, references = group_references(pairs)
    begin = time.perf_counter()
    results = pipeline.batch(sources, options, record=False, rerank=rerank)
    seconds = time.perf_counter() - begin
    outputs = [r.text for r in results]
    likelihood = cache(lambda: _likelihood(pipeline, pairs))

    def scores(references: list[list[str]]) -> dict[str, Any]:
        language = pipeline.config.tgt_language
        return task.report(Outcome(sources, references, outputs, likelihood, language))

    report: dict[str, Any] = {"sentences": len(sources), "references": len(pairs)}
    report |= {"dropped": dict(read.dropped), "warnings": []} | scores(references)
    tidy = [[clean(r) for r in refs] for refs in references]
    changed = sum(
        r != t for a, b in zip(references, tidy, strict=True) for r, t in zip(a, b, strict=True)
    )
    if changed:
        report["warnings"].append(
            f"{changed} of {len(pairs)} references hold characters that no output can hold, such as "
            '’ or letters in several parts; "after_cleaning" has the scores against what cleaning '
            "makes of them."
        )
        report["after_cleaning"] = scores(tidy)
    if read.dropped:
        report["warnings"].append(f"Not evaluated: {read.why()}.")
    if kind:
        report["kind"] = kind
    return report | {
        "tokens_per_second": round(sum(r.tokens for r in results) / seconds, 1),
        "sentences_per_second": round(len(sources) / seconds, 1),
        "seconds": round(seconds, 1),
        "cut_sources": sum(s.cut > 0 for r in results for s in r.sentences),
        "unfinished_outputs": sum(not s.best.finished for r in results for s in r.sentences),
        "worst": _worst(sources, outputs, references),
        "search": to_dict(options),
        "rerank": to_dict(rerank),
        "checkpoint": pipeline.config.name,
        "weights": pipeline.checkpoint.digest,
        "precision": pipeline.precision,
        "data": Path(path).name,
    }


def _read(
    pipeline: Pipeline, path: Path, src: str, tgt: str, kind: str
) -> tuple[list[Pair], Report]:
    """Pairs to evaluate, references as they stand, and what was left out."""
    task, read, pairs = pipeline.task, Report(), []
    for source, target in read_pairs(path, src, tgt, task, kind, read):
        pair = task.read(source), target.strip()
        if not pair[0] or not clean(target):
            read.dropped[f"with an empty {'reference' if pair[0] else 'source'}"] += 1
        else:
            pairs.append(pair)
    if not pairs:
        raise S2SError(f"{path} holds no pair to evaluate ({read}).")
    return pairs, read


def _likelihood(pipeline: Pipeline, pairs: Sequence[Pair]) -> Likelihood:
    """The references forced through the model."""
    p, dropped = pipeline, Report()
    examples = encode_pairs(pairs, p.tokenizer, p.config.data, p.task, dropped)
    nats, tokens = corpus_likelihood(p.decoder, examples)
    texts = tuple(p.tokenizer.decode(e.tgt) for e in examples)
    return Likelihood(-nats, tokens, texts, dropped.dropped.total())


def _columns(pipeline: Pipeline, path: Path, src: str | None, tgt: str | None) -> tuple[str, str]:
    """Columns as named; else the task's own; else those the checkpoint was trained on."""
    task, trained = pipeline.task, pipeline.config.data.columns
    header = next(iter(read_rows(path)), {})
    own = all(name in header for name in task.fields)
    defaults = task.fields if own else (trained.get("src"), trained.get("tgt"))
    return src or defaults[0] or task.fields[0], tgt or defaults[1] or task.fields[1]


def _worst(
    sources: Sequence[Source], outputs: Sequence[str], references: Sequence[Sequence[str]]
) -> list[dict[str, Any]]:
    """The outputs furthest from every reference, by sentence chrF."""
    scored = sorted(
        (sentence_chrf(o, r), s.line(), o, r)
        for s, o, r in zip(sources, outputs, references, strict=True)
    )
    return [
        {"source": s, "output": o, "references": r, "chrf": round(score, 1)}
        for score, s, o, r in scored[:WORST]
    ]
