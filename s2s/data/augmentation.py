"""Variants of training pairs: what people type differs from what stands in a corpus."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import replace

from s2s.config import Config
from s2s.data.batches import Example, encode_pairs
from s2s.data.corpus import Corpus
from s2s.data.reading import Pair
from s2s.errors import S2SError
from s2s.tasks import TASKS
from s2s.tasks.summarization import leave_open
from s2s.text.source import Source
from s2s.text.tokenizer import Tokenizer

_WORD = re.compile(r"[^\W\d_]+")
_VOWELS = "aeiouyhàâäéèêëîïôöùûü"


def casual(source: Source) -> Source:
    """A source as people type it into a box: lower case, no final mark."""
    *before, last = source.map(str.lower).parts
    return replace(source, parts=(*before, last.rstrip(".!? "))) if last.rstrip(".!? ") else source


def shared_names(source: Source, tgt: str) -> list[str]:
    """Capitalised words that stand on both sides, in order of the source."""
    right = set(_WORD.findall(tgt))
    return [w for w in _WORD.findall(source.text) if len(w) > 2 and w.istitle() and w in right]


def find_names(pairs: Iterable[Pair]) -> dict[str, list[str]]:
    """Each shared name of a corpus that it never writes in lower case, and who may stand in for it.

    Those are the names that begin likewise with a vowel or with a consonant: articles and
    prepositions before a name depend on that.
    """
    names: set[str] = set()
    ordinary: set[str] = set()
    for source, tgt in pairs:
        names.update(shared_names(source, tgt))
        ordinary.update(
            w for side in (source.text, tgt) for w in _WORD.findall(side) if w.islower()
        )
    peers: dict[bool, list[str]] = {True: [], False: []}
    for name in sorted(names):
        if name.lower() not in ordinary:
            peers[_vowel(name)].append(name)
    return {name: peers[_vowel(name)] for both in peers.values() for name in both}


def renamed(pair: Pair, names: dict[str, list[str]], seed: int) -> Pair | None:
    """``pair`` with one shared name replaced by another of ``names``; None if it holds none.

    So that a model learns to copy names that it never saw.
    """
    present = [name for name in shared_names(*pair) if name in names]
    if not present:
        return None
    rng = random.Random(seed)
    old = rng.choice(present)
    new = rng.choice(names[old])
    whole_word = re.compile(rf"(?<![^\W\d_]){old}(?![^\W\d_])")
    return pair[0].map(lambda part: whole_word.sub(new, part)), whole_word.sub(new, pair[1])


def _vowel(name: str) -> bool:
    return name[0].lower() in _VOWELS


def make_examples(config: Config, corpus: Corpus, tokenizer: Tokenizer) -> list[list[Example]]:
    """Encoded training pairs by file, and the variants of them that the config asks for."""
    c, task = config.data, TASKS[config.task]
    groups = []
    names = find_names(p for part in corpus.train for p in part) if c.names else {}
    for part in corpus.train:
        pairs = [
            (leave_open(s), t) if one_in(c.free, n) else (s, t) for n, (s, t) in enumerate(part)
        ]
        pairs += [(casual(s), t) for n, (s, t) in enumerate(part) if one_in(c.casual, n)]
        pairs += [(Source(()), t) for n, (_, t) in enumerate(part) if one_in(c.blank, n)]
        other = [renamed(pair, names, n) for n, pair in enumerate(part)] if names else []
        pairs += [p for n, p in enumerate(filter(None, other)) if one_in(c.names, n)]
        groups.append(encode_pairs(pairs, tokenizer, c, task, corpus.report))
    corpus.report.kept = sum(map(len, groups))
    if not any(groups):
        raise S2SError(f"No training pair is left: {corpus.report}.")
    return groups


def one_in(share: float, n: int) -> bool:
    """Whether item ``n`` is among an evenly spread ``share`` of all items."""
    return int((n + 1) * share) > int(n * share)
