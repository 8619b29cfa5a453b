"""Summaries of several kinds: a control token in front of the text asks for one."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sentencex

from s2s.locale import later
from s2s.metrics import novel_ngrams, rouge, rouges
from s2s.tasks.base import Hub, Outcome, Task, encode_text, text_of
from s2s.text.cleaning import clean
from s2s.text.source import Source
from s2s.text.tokenizer import Tokenizer
from s2s.text.words import first_words, split_words

KINDS = {
    "any": later("Whatever suits the text"),
    "headline": later("News headline"),
    "compression": later("One shorter sentence"),
    "dialogue": later("What a chat was about"),
    "software": later("What a program is"),
    "subject": later("E-mail subject"),
}
NAMES = tuple(
    "Anna Ben Carla David Emma Felix Grace Henry Ines Jack Kate Leo Maria Nora Oscar Paula Quentin "  # noqa: SIM905
    "Rosa Sam Tina Uma Victor Wendy Yusuf Zoe Adam Bella Chris Diana Eric Fatima George Hannah Ivan "
    "Julia Karim Laura Marc Nina Omar Peter Rita Simon Tara".split()
)

EXAMPLES = {  # by kind
    "dialogue": "Lena: Are you coming to the picnic on Sunday? Marc: I'd love to, but I have "
    "to work until three. Lena: No problem, we stay until the evening. Can you bring "
    "something to drink? Marc: Sure, I'll bring lemonade and some glasses. Lena: Perfect, "
    "see you at the lake!",
    "headline": "The city council said on Tuesday that it will close the old harbour bridge "
    "for two months this summer to repair damage caused by the winter storms, and that "
    "buses will run every ten minutes to the new bridge instead.",
    "compression": "The museum, which was founded by a retired sea captain more than a "
    "hundred years ago, will reopen its doors to visitors on Saturday after a renovation "
    "that lasted almost three years.",
    "software": "This program watches a folder for new photographs and copies them to "
    "another computer over an encrypted connection. It can also shrink the pictures, "
    "remove their location data and send a short report by e-mail every night.",
    "subject": "Hi all, the meeting about next year's budget has to move from Thursday to "
    "Friday at ten, because the large room is taken. Please send me your numbers by "
    "Wednesday evening so that I can prepare the slides. Thanks, Paula",
}


def parse(line: str) -> Source:
    """``kind<TAB>text``, or a text; one that begins with no known kind may hold tabs."""
    kind, tab, text = line.partition("\t")
    return Source((text,), kind) if tab and kind in KINDS else Source((line,))


def pairs(row: dict[str, Any], src: str, tgt: str, kind: str) -> list[tuple[Source, str]]:
    """``kind``: of a source that names none. ``summaries`` may hold several references of one text."""
    source = parse(text_of(row[src]))
    if kind and source.kind is None:
        source = replace(source, kind=kind)
    several = row.get("summaries") if tgt not in row else None
    if several is not None and not isinstance(several, list):
        raise TypeError("several references are a list")
    targets = [text_of(t) for t in several] if several else [text_of(row[tgt])]
    text, *targets = _with_names([source.text, *targets])
    source = replace(source, parts=(text,))
    return [(source, target) for target in targets]


def _with_names(texts: list[str]) -> list[str]:
    """#Person1# and the like, which stand for speakers in DialogSum, become names: nobody writes so."""
    marks = sorted(set(re.findall(r"#Person\d+#", texts[0])))[: len(NAMES)]
    names = random.Random(texts[0]).sample(NAMES, len(marks))
    for mark, name in zip(marks, names, strict=True):
        texts = [text.replace(mark, name) for text in texts]
    return texts


def read(source: Source) -> Source:
    """One clean text of a known kind."""
    text = clean(source.text)
    kind = source.kind if source.kind in KINDS else "any"
    return replace(source, parts=(text,) if text else (), kind=kind)


def encode(source: Source, tokenizer: Tokenizer, limit: int) -> tuple[list[int], int]:
    """The control token of the kind, then the text (as Johnson et al. 2017 choose a language)."""
    ids, cut = encode_text(source, tokenizer, limit - 1)
    return [tokenizer.control(f"<{source.kind}>"), *ids], cut


def score(outputs: Sequence[str], references: Sequence[Sequence[str]], language: str) -> float:
    """Mean of ROUGE-1, -2 and -L."""
    return rouge(outputs, references)[0]


def report(o: Outcome) -> dict[str, Any]:
    """ROUGE of the model and of two baselines, mean length, and how much is the source's own."""
    bodies = [source.text for source in o.sources]
    lengths = [len(split_words(r)) for refs in o.references for r in refs]
    mean = round(sum(lengths) / len(lengths))
    baselines = {
        "first_words": [first_words(body, mean) for body in bodies],
        "first_sentence": [next(iter(sentencex.segment("en", body)), body) for body in bodies],
    }
    scores = _rounded(rouges(o.outputs, o.references))
    return scores | {
        "rouge": round(sum(scores.values()) / len(scores), 2),
        "baselines": {
            name: _rounded(rouges(texts, o.references)) for name, texts in baselines.items()
        },
        "reference_words": mean,
        "output_words": round(sum(len(split_words(t)) for t in o.outputs) / len(o.outputs), 1),
        "novel_bigrams": round(
            sum(novel_ngrams(t, b, 2) for t, b in zip(o.outputs, bodies, strict=True))
            / len(bodies),
            3,
        ),
    }


def _rounded(scores: dict[str, float]) -> dict[str, float]:
    return {name: round(score, 2) for name, score in scores.items()}


SUMMARIZATION = Task(
    name="summarization",
    fields=("text", "summary"),
    metric="rouge",
    headline=("rouge1", "ROUGE-1"),
    parse=parse,
    pairs=pairs,
    read=read,
    encode=encode,
    controls=tuple(f"<{kind}>" for kind in KINDS),
    kinds=KINDS,
    numbers="some",
    hub=Hub(("bart", "pegasus"), "summarization", "summarize: "),
    score=score,
    report=report,
    examples=tuple(Source((text,), kind) for kind, text in EXAMPLES.items()),
)
