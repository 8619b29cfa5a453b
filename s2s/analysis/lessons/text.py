"""From text to numbers, step by step: what cleaning changes, how pieces are joined, what a batch wastes.

B sources · S source length.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np

from s2s.data.batches import pad
from s2s.tasks.base import encode_text
from s2s.text.cleaning import clean
from s2s.text.source import Source
from s2s.text.tokenizer import Tokenizer
from s2s.text.words import SPACE


def changes(text: str) -> list[tuple[str, str]]:
    """What cleaning does to a text: (what stood there, what stands there now), in order, by code points."""
    after = clean(text)
    parts = SequenceMatcher(a=text, b=after, autojunk=False).get_opcodes()
    return [(named(text[a:b]), named(after[c:d])) for tag, a, b, c, d in parts if tag != "equal"]


def named(text: str) -> str:
    """Characters with their code points; invisible ones by their names."""
    shown = []
    for char in text:
        visible = char.isprintable() and not char.isspace() and not unicodedata.combining(char)
        shown.append(f"{char if visible else unicodedata.name(char, 'control')} U+{ord(char):04X}")
    return ", ".join(shown)


def joined(text: str, learned: Mapping[str, int], most: int) -> list[str]:
    """A clean text in the pieces of a vocabulary of which only the first ``most`` joins were learned.

    Byte-pair encoding (Sennrich et al. 2016, section 3.2): begin with characters, and join the pair that
    was learned first until none is left. With all joins these are the tokenizer's own pieces.
    """
    parts = list(SPACE + text.replace(" ", SPACE)) if text else []
    while len(parts) > 1:
        ranks = [learned.get(a + b, most) for a, b in pairwise(parts)]
        best = min(ranks)
        if best >= most:
            break
        at = ranks.index(best)
        parts[at : at + 2] = [parts[at] + parts[at + 1]]
    return parts


@dataclass(frozen=True)
class Padded:
    """Sources as one batch."""

    ids: np.ndarray
    """(B,S)"""
    real: np.ndarray
    """(B,S) false at padding."""
    cut: tuple[int, ...]
    """Tokens cut off each."""

    @property
    def wasted(self) -> int:
        """Cells that hold padding."""
        return int((~self.real).sum())


def padded(texts: Sequence[str], tokenizer: Tokenizer, most: int) -> Padded:
    """Texts → ids, each cut to ``most`` tokens with its end, then filled up to the longest."""
    rows = [encode_text(Source((clean(text),)), tokenizer, most) for text in texts]
    ids = pad([row for row, _cut in rows], tokenizer.vocabulary.pad).numpy()  # (B,S)
    return Padded(ids, ids != tokenizer.vocabulary.pad, tuple(cut for _row, cut in rows))
