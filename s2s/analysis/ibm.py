"""Word alignment without a network: IBM model 1 with a null word, and a prior on the diagonal.

N links of one word each way, over all sentence pairs · the null word stands at place 0.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from s2s.analysis.alignment import Link

NULL = 0
Words = Sequence[str]


class Model1:
    """t(target | source) by expectation maximisation (Brown et al. 1993, section 4.1 and eq. 14-17).

    With ``tension`` > 0 the alignment prior is not uniform but exp(-tension |i/S - j/T|), with
    ``null`` for the null word (Dyer et al. 2013, eq. 2; the tension is given, not learned).
    """

    def __init__(self, tension: float = 4.0, null: float = 0.08) -> None:
        self.tension, self.null = tension, null
        self.source: dict[str, int] = {"": NULL}
        self.target: dict[str, int] = {}
        self.keys = np.zeros(0, np.int64)  # (N,) codes of word pairs, sorted
        self.table = np.zeros(0)  # (N,) t of each

    def train(self, pairs: Sequence[tuple[Words, Words]], rounds: int = 5) -> None:
        """Learn from sentence pairs."""
        for src, tgt in pairs:
            for word in src:
                self.source.setdefault(word, len(self.source))
            for word in tgt:
                self.target.setdefault(word, len(self.target))
        codes, prior, lengths = [], [], []
        for src, tgt in pairs:
            codes.append(self._codes(src, tgt).ravel())
            prior.append(self._prior(len(src), len(tgt)).ravel())
            lengths += [len(src) + 1] * len(tgt)
        self.keys, which = np.unique(np.concatenate(codes), return_inverse=True)
        weight = np.concatenate(prior).astype(np.float32)
        group = np.repeat(np.arange(len(lengths)), lengths)  # the target word of each link
        owner = self.keys // len(self.target)  # source word of each pair of words
        self.table = np.ones(len(self.keys))
        for _ in range(rounds):
            share = self.table[which] * weight
            share /= np.bincount(group, share)[group]  # posterior of each link
            counts = np.bincount(which, share, len(self.keys))
            self.table = counts / np.bincount(owner, counts)[owner]

    def _codes(self, src: Words, tgt: Words) -> np.ndarray:
        """(T,S+1) code of each pair of words, the null word first."""
        s = np.array([NULL, *(self.source[w] for w in src)], np.int64)
        t = np.array([self.target[w] for w in tgt], np.int64)
        return t[:, None] + s[None] * len(self.target)

    def _prior(self, source: int, target: int) -> np.ndarray:
        """(T,S+1) prior of each link, rows sum to 1."""
        i = (np.arange(source) + 1) / max(1, source)
        j = (np.arange(target) + 1) / max(1, target)
        near = np.exp(-self.tension * np.abs(i[None] - j[:, None]))  # (T,S)
        near *= (1 - self.null) / near.sum(1, keepdims=True)
        return np.concatenate([np.full((target, 1), self.null), near], 1)

    def links(self, src: Words, tgt: Words) -> set[Link]:
        """The most probable source word of each target word; none where it is the null word."""
        codes = self._codes(src, tgt)
        at = np.minimum(np.searchsorted(self.keys, codes), len(self.keys) - 1)
        t = np.where(self.keys[at] == codes, self.table[at], 1e-9)
        best = (t * self._prior(len(src), len(tgt))).argmax(1)
        return {(int(i) - 1, j) for j, i in enumerate(best) if i != NULL}
