"""Scores of outputs against references: BLEU and chrF by sacrebleu, ROUGE by rouge-score; distinct-n.

Hypotheses are strings; references are lists of strings, one list a hypothesis, of any length ≥ 1.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from sacrebleu.metrics.bleu import BLEU
from sacrebleu.metrics.chrf import CHRF
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

from s2s.text.words import script_of, split_words

if TYPE_CHECKING:  # it loads NLTK, which takes a while, and only summaries need it
    from rouge_score.rouge_scorer import RougeScorer

ROUGES = ("rouge1", "rouge2", "rougeL")


def _streams(references: Sequence[Sequence[str]]) -> Any:
    """References by sentence → sacrebleu's streams; a sentence with fewer has None.

    Which it reads, though its annotation knows of strings only: hence Any.
    """
    most = max(map(len, references))
    return [[r[n] if n < len(r) else None for r in references] for n in range(most)]


def bleu(
    outputs: Sequence[str], references: Sequence[Sequence[str]], language: str = ""
) -> tuple[float, str]:
    """Corpus BLEU (Papineni et al. 2002), 0 to 100, and its signature, which names the tokenizer."""
    metric = BLEU(tokenize=bleu_tokenizer(language, (r for refs in references for r in refs)))
    score = metric.corpus_score(list(outputs), _streams(references)).score
    return score, str(metric.get_signature())


def chrf(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> tuple[float, str]:
    """Corpus chrF2 (Popović 2015), 0 to 100, and its signature."""
    metric = CHRF()
    score = metric.corpus_score(list(outputs), _streams(references)).score
    return score, str(metric.get_signature())


def bleu_tokenizer(language: str, texts: Iterable[str]) -> str:
    """How sacreBLEU cuts into words: by the target's language, or by its script if that is not said.

    Where words stand without spaces between them, 13a would take a sentence for one word.
    """
    base = language.partition("-")[0]
    if base not in _TOKENIZERS:  # a language without rules of its own goes by what it is written in
        base = _LANGUAGE_OF.get(script_of(texts), "")
    if base == "ja" and _has_mecab():
        return "ja-mecab"
    return _TOKENIZERS.get(base, "13a")


_TOKENIZERS = {"zh": "zh", **dict.fromkeys(("ja", "ko", "th", "lo", "km", "my"), "char")}
_LANGUAGE_OF = {"han": "zh", "kana": "ja", "hangul": "ko", "unspaced": "th"}


def _has_mecab() -> bool:
    return all(find_spec(name) for name in ("MeCab", "ipadic"))


def sentence_bleu(output: str, references: Sequence[str]) -> float:
    """BLEU of one sentence, n-gram orders longer than it left out, 0 to 100."""
    return (
        _sentence_bleu(bleu_tokenizer("", references))
        .sentence_score(output, list(references))
        .score
    )


def bleu_words(text: str, references: Sequence[str]) -> list[str]:
    """The words that ``sentence_bleu`` counts in an output or a reference."""
    return _sentence_bleu(bleu_tokenizer("", references)).tokenizer(text.rstrip()).split()


@cache
def _sentence_bleu(tokenizer: str) -> BLEU:
    return BLEU(effective_order=True, tokenize=tokenizer)


def sentence_chrf(output: str, references: Sequence[str]) -> float:
    """chrF2 of one sentence, 0 to 100."""
    return CHRF().sentence_score(output, list(references)).score


def rouges(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> dict[str, float]:
    """ROUGE-1, -2 and -L F1 (Lin 2004), stemmed, best reference, mean over outputs, 0 to 100."""
    scorer = _rouge_scorer_of(r for refs in references for r in refs)
    sums = dict.fromkeys(ROUGES, 0.0)
    for output, refs in zip(outputs, references, strict=True):
        scores = scorer.score_multi(list(refs), output)
        for name in ROUGES:
            sums[name] += 100 * scores[name].fmeasure
    return {name: total / max(1, len(outputs)) for name, total in sums.items()}


def rouge(outputs: Sequence[str], references: Sequence[Sequence[str]]) -> tuple[float, str]:
    """Mean of ROUGE-1, -2 and -L F1, 0 to 100, and what it is."""
    scores = rouges(outputs, references)
    return sum(scores.values()) / len(scores), "mean of R-1, R-2, R-L F1, stemmed"


def rouge_words(text: str, references: Sequence[str]) -> list[str]:
    """The words that ``rouges`` counts in an output or a reference: stemmed where they are Latin."""
    return _rouge_scorer_of(references)._tokenizer.tokenize(text)


def _rouge_scorer_of(references: Iterable[str]) -> RougeScorer:
    return _rouge_scorer() if script_of(references) == "latin" else _word_rouge_scorer()


@cache
def _rouge_scorer() -> RougeScorer:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(list(ROUGES), use_stemmer=True)


class _Words:
    """What rouge-score takes for a tokenizer; its own knows nothing but a to z and digits."""

    def tokenize(self, text: str) -> list[str]:
        return words(text.lower())


@cache
def _word_rouge_scorer() -> RougeScorer:
    from rouge_score.rouge_scorer import RougeScorer

    return RougeScorer(list(ROUGES), tokenizer=_Words())


def words(text: str) -> list[str]:
    """Words and marks as sacrebleu's 13a tokenizer sees them; characters of unspaced scripts."""
    return split_words(Tokenizer13a()(text))


def distinct(texts: Sequence[str], n: int) -> float:
    """Distinct-n (Li et al. 2016): different n-grams over all n-grams of all texts, 0 to 1."""
    grams: Counter[tuple[str, ...]] = Counter()
    for text in texts:
        tokens = words(text.lower())
        grams.update(zip(*(tokens[i:] for i in range(n)), strict=False))
    return len(grams) / max(1, grams.total())


def novel_ngrams(text: str, source: str, n: int) -> float:
    """Share of the text's n-grams of words that the source does not contain, 0 to 1."""
    own, given = words(text.lower()), words(source.lower())
    known = set(zip(*(given[i:] for i in range(n)), strict=False))
    grams = list(zip(*(own[i:] for i in range(n)), strict=False))
    return sum(g not in known for g in grams) / max(1, len(grams))


def frequent_share(texts: Sequence[str], n: int = 20) -> float:
    """Share of texts that are one of the ``n`` most frequent ones (case and marks aside), 0 to 1."""
    keys = ["".join(c for c in text.casefold() if c.isalnum() or c == " ") for text in texts]
    return sum(count for _, count in Counter(keys).most_common(n)) / max(1, len(keys))
