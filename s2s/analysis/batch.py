"""A list of sources judged row by row: which of them are worth a look?

A row may hold several sentences; its score, gap and least attended word are those of the sentence that is
worst by each.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace

from s2s.analysis.attention import merge_words
from s2s.analysis.coverage import received
from s2s.config import RerankOptions, SearchOptions
from s2s.metrics import chrf, sentence_chrf
from s2s.pipeline import Pipeline
from s2s.text.remarks import as_json
from s2s.text.source import Source
from s2s.trace import Result, Sentence

BLOCK = 8  # rows decoded together
WORK = 12_500  # sentences x beam x length that one row may ask for
HEADS = {
    "src",
    "source",
    "tgt",
    "target",
    "ref",
    "reference",
    "output",
}  # of columns in a first row


@dataclass(frozen=True)
class Row:
    """One input of a list."""

    number: int
    """From 1, as the list has them; empty lines do not count."""
    source: Source
    reference: str = ""


@dataclass(frozen=True)
class Rows:
    """What was read of a list."""

    rows: tuple[Row, ...]
    left_out: int
    """Rows beyond the most that are taken."""


@dataclass(frozen=True)
class Judged:
    """A row with its output and what may be wrong with it."""

    number: int
    source: str
    output: str
    reference: str
    score: float | None
    """What outputs are ranked by; None: nothing was decoded."""
    chrf: float | None
    """chrF2 of the output, 0 to 100; None: there is no reference."""
    gap: float | None
    """By how much the output's score beats greedy search's; below 0: greedy search found a better one."""
    greedy: str
    """What greedy search says, if it is something else."""
    word: str
    """The source word that received the least attention."""
    received: float | None
    """How much: 1 is one output word's whole attention; None: the model has none."""
    warnings: tuple[str, ...]


def read(text: str, parse: Callable[[str], Source], references: bool, most: int) -> Rows:
    """Rows of a list: one a line, columns by tabs; a first line that names columns is left out.

    ``references``: where a row has several columns, the last one is a reference. ``parse``: how the task
    reads the others.
    """
    lines = [line for line in text.splitlines() if line.strip()]
    if lines and all(cell.strip().lower() in HEADS for cell in lines[0].split("\t")):
        del lines[0]
    found = []
    for number, line in enumerate(lines[:most], 1):
        source, reference = line, ""
        named = parse(line).kind is not None  # the first column says what is wanted
        if references and line.count("\t") > named:
            source, _, reference = line.rpartition("\t")
        found.append(Row(number, parse(source), reference.strip()))
    return Rows(tuple(found), max(0, len(lines) - most))


def judge(
    pipeline: Pipeline,
    rows: Sequence[Row],
    options: SearchOptions,
    ranking: RerankOptions | None = None,
) -> Iterator[list[Judged]]:
    """Decode a list, block after block, each as short as may be. Raises S2SError."""
    for start in range(0, len(rows), BLOCK):
        yield judge_block(pipeline, rows[start : start + BLOCK], options, ranking)


def judge_block(
    pipeline: Pipeline,
    block: Sequence[Row],
    options: SearchOptions,
    ranking: RerankOptions | None = None,
) -> list[Judged]:
    """Rows that are decoded together; what is shown elsewhere of them is under the same options. Raises S2SError."""
    plain = replace(options, method="beam", beam=1, groups=1)
    sources = [row.source for row in block]
    found = pipeline.batch(sources, options, True, rerank=ranking, most=WORK)
    greedy = pipeline.batch(sources, plain, False, rerank=ranking, most=WORK)  # on one scale
    return [_judged(*parts) for parts in zip(block, found, greedy, strict=True)]


def _judged(row: Row, found: Result, greedy: Result) -> Judged:
    """Beam and greedy search of the same sentences, as far as both were decoded."""
    pairs = list(zip(found.sentences, greedy.sentences, strict=False))
    scores = [sentence.best.score for sentence in found.sentences]
    looked = [least for s in found.sentences if (least := least_attended(s)) is not None]
    received, word = min(looked, default=(None, ""))
    return Judged(
        number=row.number,
        source=row.source.line(),
        output=found.text,
        reference=row.reference,
        score=min(scores, default=None),
        chrf=sentence_chrf(found.text, [row.reference]) if row.reference else None,
        gap=max((_gap(a, b) for a, b in pairs), default=None),
        greedy="" if greedy.text == found.text else greedy.text,
        word=word,
        received=received,
        warnings=found.warnings,
    )


def _gap(beam: Sentence, greedy: Sentence) -> float:
    """Between two outputs' scores; none between equal ones, whatever the batches they were in."""
    same = beam.best.tokens == greedy.best.tokens
    return 0.0 if same else beam.best.score - greedy.best.score


def least_attended(sentence: Sentence) -> tuple[float, str] | None:
    """The source word that received the least over the whole output, and how much; None: no attention."""
    alpha = sentence.best.alpha()
    if alpha is None or len(sentence.src_words) < 2:
        return None
    got = received(merge_words(alpha, sentence.tgt_words[0], sentence.src_words))
    at = int(got.argmin())
    return float(got[at]), sentence.src_words[at][0]


@dataclass(frozen=True)
class Summary:
    """A list as a whole."""

    rows: int
    references: int
    chrf: float | None
    """Of the corpus, 0 to 100: no mean over rows."""
    warned: int
    """Rows with a warning."""
    differing: int
    """Rows for which greedy search says something else."""


def summary(judged: Sequence[Judged]) -> Summary:
    """What can be said of all rows."""
    known = [j for j in judged if j.reference]
    score = chrf([j.output for j in known], [[j.reference] for j in known])[0] if known else None
    return Summary(
        len(judged),
        len(known),
        score,
        sum(bool(j.warnings) for j in judged),
        sum(bool(j.greedy) for j in judged),
    )


ORDERS: dict[str, Callable[[Judged], float]] = {  # the row that most wants a look comes first
    "row": lambda j: j.number,
    "score": lambda j: _first(j.score),
    "chrf": lambda j: _first(j.chrf),
    "gap": lambda j: _first(None if j.gap is None else -j.gap),
    "least": lambda j: _first(j.received),
    "warnings": lambda j: -len(j.warnings),
}


def _first(value: float | None) -> float:
    """What is not known stands last."""
    return float("inf") if value is None else value


def ordered(judged: Sequence[Judged], by: str) -> list[Judged]:
    """Rows by one of ``ORDERS``; equal ones as the list has them."""
    return sorted(judged, key=lambda j: (ORDERS[by](j), j.number))


def as_jsonl(judged: Sequence[Judged]) -> str:
    """One JSON object a row."""
    rows = [asdict(j) | {"warnings": [as_json(w) for w in j.warnings]} for j in judged]
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
