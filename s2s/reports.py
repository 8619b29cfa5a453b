"""What each task's report says about outputs: its metrics, its baselines, its known disease."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import sentencex

from s2s.data import Pair, Report, encode_pairs
from s2s.metrics import METRICS, distinct, frequent_share, novel_ngrams, rouges, words
from s2s.pipeline import Pipeline
from s2s.validation import negative_log_likelihood

LENGTHS = (3, 5, 7, 9, 12, 15, 20, 30, 40, 60)  # upper bounds of the classes, in source words


@dataclass(frozen=True)
class Outcome:
    """A decoded test set."""

    pipeline: Pipeline
    pairs: Sequence[Pair]
    sources: Sequence[str]
    """Distinct, in order; ``references`` and ``outputs`` belong to them."""
    references: Sequence[Sequence[str]]
    outputs: Sequence[str]


def translation(o: Outcome) -> dict:
    """BLEU and chrF against all references and against the first, and BLEU by source length."""
    report: dict = {}
    for name in ("bleu", "chrf"):
        for suffix, references in (("", o.references), ("_single", [r[:1] for r in o.references])):
            score, signature = METRICS[name](o.outputs, references)
            report |= {f"{name}{suffix}": round(score, 2), f"{name}{suffix}_signature": signature}
    return report | {"by_length": _by_length(o)}


def summarization(o: Outcome) -> dict:
    """ROUGE of the model and of two baselines, mean length, and how much is the source's own."""
    bodies = [o.pipeline.task.texts(source)[0] for source in o.sources]
    lengths = [len(r.split()) for refs in o.references for r in refs]
    mean = round(sum(lengths) / len(lengths))
    baselines = {
        "first_words": [" ".join(body.split()[:mean]) for body in bodies],
        "first_sentence": [next(iter(sentencex.segment("en", body)), body) for body in bodies],
    }
    report = _rounded(rouges(o.outputs, o.references))
    return report | {
        "rouge": round(sum(report.values()) / len(report), 2),
        "baselines": {
            name: _rounded(rouges(texts, o.references)) for name, texts in baselines.items()
        },
        "reference_words": mean,
        "output_words": round(sum(len(t.split()) for t in o.outputs) / len(o.outputs), 1),
        "novel_bigrams": round(
            sum(novel_ngrams(t, b, 2) for t, b in zip(o.outputs, bodies, strict=True))
            / len(bodies),
            3,
        ),
    }


def dialogue(o: Outcome) -> dict:
    """Perplexity of the references, variety of the replies beside the references' own.

    ``perplexity`` is exp of the nats a word; words are those of the 13a tokenizer, and the end of each
    reply counts as one. ``frequent``: share of replies that are among the twenty most frequent.
    """
    p, dropped = o.pipeline, Report()
    examples = encode_pairs(o.pairs, p.tokenizer, p.config.data, p.task, dropped)
    nll, tokens = negative_log_likelihood(p.checkpoint.model, examples, p.device)
    scored = [p.tokenizer.decode(e.tgt) for e in examples]
    count = sum(len(words(text)) + 1 for text in scored)
    first = [refs[0] for refs in o.references]
    return {
        "perplexity": round(math.exp(nll / max(1, count)), 2),
        "perplexity_token": round(math.exp(nll / max(1, tokens)), 2),
        "inverse_perplexity": round(100 / math.exp(nll / max(1, tokens)), 2),
        "too_long_for_perplexity": dropped.dropped.total(),
        "distinct_1": round(distinct(o.outputs, 1), 4),
        "distinct_2": round(distinct(o.outputs, 2), 4),
        "distinct_1_references": round(distinct(first, 1), 4),
        "distinct_2_references": round(distinct(first, 2), 4),
        "frequent": round(frequent_share(o.outputs), 4),
        "frequent_references": round(frequent_share(first), 4),
        "output_words": round(sum(len(words(t)) for t in o.outputs) / len(o.outputs), 1),
        "reference_words": round(sum(len(words(t)) for t in first) / len(first), 1),
    }


REPORTS: dict[str, Callable[[Outcome], dict]] = {
    "translation": translation,
    "summarization": summarization,
    "dialogue": dialogue,
}


def _rounded(scores: dict[str, float]) -> dict[str, float]:
    return {name: round(score, 2) for name, score in scores.items()}


def _by_length(o: Outcome) -> list[dict]:
    """BLEU by source length in words; classes under 20 sentences are left out."""
    out, low = [], 1
    for high in LENGTHS:
        part = [i for i, s in enumerate(o.sources) if low <= len(s.split()) <= high]
        if len(part) >= 20:
            score, _ = METRICS["bleu"](
                [o.outputs[i] for i in part], [o.references[i] for i in part]
            )
            out.append({"words": [low, high], "sentences": len(part), "score": round(score, 2)})
        low = high + 1
    return out
