"""Dialogue: the turns so far in, the next one out."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from typing import Any

from s2s.metrics import distinct, frequent_share, words
from s2s.tasks.base import Hub, Outcome, Task, text_of
from s2s.text.cleaning import clean
from s2s.text.source import Source
from s2s.text.tokenizer import Tokenizer

TURNS = 5  # of a conversation, the most that a model reads
_PLACEHOLDER = re.compile(
    r"[\[(<{][^\])>}]{0,24}\b(name|user|insert|your)\b[^\])>}]{0,24}[\])>}]", re.I
)
SPEAKERS = ("<you>", "<me>")  # who said a turn, as the answering model sees it


EXAMPLES = (
    "Hi! How was your weekend?",
    "I am thinking of learning to play the guitar.",
    "Could you recommend a good restaurant near here?",
    "I have a terrible headache today.",
)


def parse(line: str) -> Source:
    """Turns separated by tabs, oldest first."""
    return Source(tuple(line.split("\t")))


def pairs(row: dict[str, Any], src: str, tgt: str, kind: str) -> list[tuple[Source, str]]:
    """The turns, a list or a line, and the reply. ``turns`` alone: every second one replies to those before."""
    if "turns" in row and src not in row:
        turns = _turns(row["turns"])
        return [(Source(turns[max(0, n - TURNS) : n]), turns[n]) for n in range(1, len(turns), 2)]
    return [(Source(_turns(row[src])), text_of(row[tgt]))]


def _turns(value: object) -> tuple[str, ...]:
    """A list or a line of turns, oldest first. Raises TypeError."""
    if isinstance(value, str):
        return parse(value).parts
    if not isinstance(value, list):
        raise TypeError("turns are a list or a line")
    return tuple(text_of(turn) for turn in value)


def read(source: Source) -> Source:
    """Clean turns; empty ones are left out."""
    return replace(source, parts=tuple(turn for turn in map(clean, source.parts) if turn))


def encode(source: Source, tokenizer: Tokenizer, limit: int) -> tuple[list[int], int]:
    """The last turns, each behind its speaker's token; what does not fit is cut at the beginning."""
    out: list[int] = []
    cut, room = 0, limit - 1
    for back, turn in enumerate(reversed(source.parts)):
        ids = tokenizer.encode(turn)
        if back >= TURNS or room < 2 or cut:
            cut += len(ids)
            continue
        fits = ids[-(room - 1) :]
        out = [tokenizer.control(SPEAKERS[back % 2]), *fits, *out]
        cut += len(ids) - len(fits)
        room -= len(fits) + 1
    return [*out, tokenizer.vocabulary.eos], cut


def usable(reply: str) -> bool:
    """Whether a reply holds no placeholder, such as ``[user 2's name]``, which nobody ever says."""
    return bool(reply) and not _PLACEHOLDER.search(reply)


def _sentences(turn: str) -> set[str]:
    """Its sentences of three words and more, without marks and capitals: a short one may come again."""
    bare = (" ".join(re.findall(r"\w+", s)) for s in re.split(r"[.!?…。！？]+", turn.casefold()))
    return {s for s in bare if s.count(" ") > 1}


def repeats(source: Source, reply: str) -> bool:
    """Whether a reply has a sentence that its speaker has said before in this conversation."""
    return any(_sentences(reply) & _sentences(turn) for turn in source.parts[-2::-2])


def report(o: Outcome) -> dict[str, Any]:
    """Perplexity of the references, variety of the replies beside the references' own.

    ``perplexity`` is exp of the nats a word; words are those of the 13a tokenizer, and the end of each
    reply counts as one. ``frequent``: share of replies that are among the twenty most frequent.
    """
    found = o.likelihood()
    nats, tokens = found.nats, max(1, found.tokens)
    count = sum(len(words(text)) + 1 for text in found.texts)
    first = [refs[0] for refs in o.references]
    return {
        "perplexity": round(math.exp(nats / max(1, count)), 2),
        "perplexity_token": round(math.exp(nats / tokens), 2),
        "inverse_perplexity": round(100 / math.exp(nats / tokens), 2),
        "too_long_for_perplexity": found.too_long,
        "distinct_1": round(distinct(o.outputs, 1), 4),
        "distinct_2": round(distinct(o.outputs, 2), 4),
        "distinct_1_references": round(distinct(first, 1), 4),
        "distinct_2_references": round(distinct(first, 2), 4),
        "frequent": round(frequent_share(o.outputs), 4),
        "frequent_references": round(frequent_share(first), 4),
        "output_words": round(sum(len(words(t)) for t in o.outputs) / len(o.outputs), 1),
        "reference_words": round(sum(len(words(t)) for t in first) / len(first), 1),
    }


DIALOGUE = Task(
    name="dialogue",
    fields=("context", "response"),
    metric="inverse_perplexity",
    headline=("perplexity", "perplexity"),
    parse=parse,
    pairs=pairs,
    read=read,
    encode=encode,
    repeats=repeats,
    usable=usable,
    controls=SPEAKERS,
    keeps="last",
    hub=Hub(("blenderbot",), "conversational", between="  "),  # as BlenderBot was trained
    score=None,
    report=report,
    examples=tuple(Source((text,)) for text in EXAMPLES),
)
