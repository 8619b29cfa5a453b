"""A file of pairs through the pipeline → a report with scores, signatures and speed."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from s2s.config import RerankOptions, SearchOptions, to_dict
from s2s.data.batches import encode_pairs
from s2s.data.corpus import Report, group_references
from s2s.data.reading import Pair, read_pairs, read_rows
from s2s.errors import S2SError
from s2s.metrics import sentence_chrf
from s2s.pipeline import Pipeline
from s2s.search.forced import corpus_likelihood
from s2s.tasks.base import Likelihood, Outcome

WORST = 10


def evaluate(
    pipeline: Pipeline,
    path: Path,
    src: str | None = None,
    tgt: str | None = None,
    options: SearchOptions | None = None,
    rerank: RerankOptions | None = None,
    kind: str = "",
) -> dict:
    """Decode every distinct source of ``path`` and score it against all its references.

    Rows with the same source are references of one sentence. References are used as they stand.
    """
    options, rerank = options or pipeline.config.search, rerank or pipeline.config.rerank
    task = pipeline.task
    src, tgt = _columns(pipeline, path, src, tgt)
    pairs = read_pairs(path, src, tgt, task, kind)
    pairs = [(task.read(s), t.strip()) for s, t in pairs]
    pairs = [(s, t) for s, t in pairs if s and t]
    if not pairs:
        raise S2SError(f"{path} holds no pair to evaluate.")
    sources, references = group_references(pairs)
    begin = time.perf_counter()
    results = pipeline.batch(sources, options, record=False, rerank=rerank)
    seconds = time.perf_counter() - begin
    outputs = [r.text for r in results]
    report: dict = {"sentences": len(sources), "references": len(pairs)}
    report |= task.report(
        Outcome(sources, references, outputs, lambda: _likelihood(pipeline, pairs))
    )
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
        "data": Path(path).name,
    }


def _likelihood(pipeline: Pipeline, pairs: Sequence[Pair]) -> Likelihood:
    """The references forced through the model."""
    p, dropped = pipeline, Report()
    examples = encode_pairs(pairs, p.tokenizer, p.config.data, p.task, dropped)
    nats, tokens = corpus_likelihood(p.checkpoint.model, examples)
    texts = tuple(p.tokenizer.decode(e.tgt) for e in examples)
    return Likelihood(-nats, tokens, texts, dropped.dropped.total())


def _columns(pipeline: Pipeline, path: Path, src: str | None, tgt: str | None) -> tuple[str, str]:
    """Columns as named; else the task's own; else those the checkpoint was trained on."""
    task, trained = pipeline.task, pipeline.config.data.columns
    header = next(iter(read_rows(path)), {})
    own = all(name in header for name in task.fields)
    defaults = task.fields if own else (trained.get("src"), trained.get("tgt"))
    return src or defaults[0] or task.fields[0], tgt or defaults[1] or task.fields[1]


def _worst(sources, outputs, references) -> list[dict]:
    """The outputs furthest from every reference, by sentence chrF."""
    scored = sorted(
        (sentence_chrf(o, r), s.line(), o, r)
        for s, o, r in zip(sources, outputs, references, strict=True)
    )
    return [
        {"source": s, "output": o, "references": r, "chrf": round(score, 1)}
        for score, s, o, r in scored[:WORST]
    ]
