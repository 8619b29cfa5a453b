"""Scores of outputs against references: BLEU and chrF by sacrebleu.

Hypotheses are strings; references are lists of strings, one list a hypothesis, of any length ≥ 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from sacrebleu.metrics import BLEU, CHRF


def _streams(references: Sequence[Sequence[str]]) -> list[list[str | None]]:
    """References by sentence → sacrebleu's streams; a sentence with fewer has None."""
    most = max(map(len, references))
    return [[r[n] if n < len(r) else None for r in references] for n in range(most)]


def bleu(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> tuple[float, str]:
    """Corpus BLEU (Papineni et al. 2002), tokenised as 13a, 0 to 100, and its signature."""
    metric = BLEU()
    score = metric.corpus_score(list(outputs), _streams(references)).score
    return score, str(metric.get_signature())


def chrf(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> tuple[float, str]:
    """Corpus chrF2 (Popović 2015), 0 to 100, and its signature."""
    metric = CHRF()
    score = metric.corpus_score(list(outputs), _streams(references)).score
    return score, str(metric.get_signature())


def sentence_chrf(output: str, references: Sequence[str]) -> float:
    """chrF2 of one sentence, 0 to 100."""
    return CHRF().sentence_score(output, list(references)).score


METRICS: dict[str, Callable[[Sequence[str], Sequence[Sequence[str]]], tuple[float, str]]] = {
    "bleu": bleu,
    "chrf": chrf,
}
