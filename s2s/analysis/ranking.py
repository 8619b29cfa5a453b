"""Which head is the aligner? Every cross-attention head against a file of gold alignments.

L layers · H heads · T pieces of the target · S pieces of the source · W words.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from s2s.analysis.alignment import METHODS, Counts, Gold, count, grow_diag, links, parse
from s2s.analysis.coverage import alarms, calibrate, received
from s2s.analysis.ibm import Model1
from s2s.data.reading import read_rows
from s2s.errors import S2SError
from s2s.locale import _
from s2s.pipeline import Pipeline
from s2s.text.cleaning import clean
from s2s.text.tokenizer import Tokenizer
from s2s.text.words import is_unspaced, split_words

CLOSING = frozenset(".,!?;:)]}%…”»")


@dataclass(frozen=True)
class GoldPair:
    """One sentence pair in words, with its links."""

    src: tuple[str, ...]
    tgt: tuple[str, ...]
    gold: Gold


def read_gold(path: Path) -> list[GoldPair]:
    """Rows with src, tgt, and links. Raises S2SError.

    In .jsonl ``src`` and ``tgt`` are lists of words, ``sure`` and ``possible`` lists of pairs of word numbers
    from 0. In .tsv words stand between spaces, and ``links`` as people write them: ``1-1 2-3p``, from 1.
    """
    found = []
    for number, row in enumerate(read_rows(path), 1):
        try:
            found.append(_as_written(row) if isinstance(row["src"], str) else _as_lists(row))
        except (KeyError, TypeError, ValueError, OverflowError):
            raise S2SError(
                _("{file}, row {number}: no src, tgt and links that fit them.").format(
                    file=path, number=number
                )
            ) from None
    if not found:
        raise S2SError(_("{file} holds no pair.").format(file=path))
    return found


def _as_written(row: dict[str, Any]) -> GoldPair:
    src, tgt = row["src"].split(), row["tgt"].split()
    if not (src and tgt):
        raise ValueError
    return GoldPair(tuple(src), tuple(tgt), parse(row["links"], len(src), len(tgt)))


def _as_lists(row: dict[str, Any]) -> GoldPair:
    src, tgt = tuple(row["src"]), tuple(row["tgt"])
    if not (src and tgt and all(isinstance(word, str) and word for word in (*src, *tgt))):
        raise ValueError
    marks = [[(int(s), int(t)) for s, t in row.get(k) or ()] for k in ("sure", "possible")]
    if not all(0 <= s < len(src) and 0 <= t < len(tgt) for links in marks for s, t in links):
        raise ValueError
    return GoldPair(src, tgt, Gold.of(*marks))


def join(words: Sequence[str]) -> tuple[str, list[tuple[int, int]]]:
    """Words as running text, and where each of them stands in it."""
    text, places = "", []
    for word in words:
        close = not text or word in CLOSING or (is_unspaced(word[0]) and is_unspaced(text[-1]))
        text += "" if close else " "
        places.append((len(text), len(text) + len(word)))
        text += word
    return text, places


def membership(
    tokenizer: Tokenizer, ids: Sequence[int], places: Sequence[tuple[int, int]], length: int
) -> np.ndarray | None:
    """(W+1,S) share of each piece that belongs to each word; the last row is the end. None: no fit."""
    at, spans = 0, []
    for n, piece in enumerate(tokenizer.pieces(ids[:-1])):
        if piece.startswith("<0x") and len(piece) == 6:
            byte = int(piece[3:5], 16)
            width = 0 if 0x80 <= byte < 0xC0 else 1
        else:
            width = len(piece) - (n == 0)  # the first piece's space mark stands for no character
        spans.append((at, at + width))
        at += width
    if at != length:
        return None
    shares = np.zeros((len(places) + 1, len(ids)))
    shares[-1, -1] = 1
    for w, (a, b) in enumerate(places):
        for i, (x, y) in enumerate(spans):
            shares[w, i] = max(0, min(b, y) - max(a, x)) / max(1, y - x)
    return shares if bool((shares.sum(1) > 0).all()) else None


def word_attention(pipeline: Pipeline, pair: GoldPair) -> np.ndarray | None:
    """(L,H,W_tgt+1,W_src+1) cross-attention of the forced pair by gold words; None: no fit.

    A word gets what its pieces get together, and looks where they look on average.
    """
    tokenizer, eos = pipeline.tokenizer, pipeline.tokenizer.vocabulary.eos
    sides = []
    for words in (pair.src, pair.tgt):
        text, places = join(words)
        ids = [*tokenizer.encode(text), eos]
        shares = membership(tokenizer, ids, places, len(text)) if clean(text) == text else None
        if shares is None or len(ids) > pipeline.config.data.max_src:
            return None
        sides.append((ids, shares))
    (src, columns), (tgt, rows) = sides
    source = torch.tensor([src], device=pipeline.checkpoint.model.device)
    cross = pipeline.checkpoint.model.attentions(source, tgt).cross
    if cross is None:
        raise S2SError(_("This model has no attention, so there is nothing to align with."))
    alpha = cross.float().cpu().numpy()  # (L,H,T,S)
    return (rows / rows.sum(1, keepdims=True)) @ alpha @ columns.T


@dataclass(frozen=True)
class Ranking:
    """Every head and way of reading it, best first."""

    rows: list[dict[str, Any]]
    used: list[GoldPair]
    """The pairs that fit the model's pieces."""
    received: list[np.ndarray]
    """(S,) of each of them: the attention that its source words received, mean of all heads."""


@dataclass
class Progress:
    """How far a ranking is; ``ranking`` when it is done."""

    share: float
    ranking: Ranking | None = None


def rank_heads(pipeline: Pipeline, pairs: Sequence[GoldPair]) -> Iterator[Progress]:
    """Every cross-attention head against the gold links."""
    totals: dict[tuple[Any, ...], Counts] = {}
    used, looked = [], []
    for n, pair in enumerate(pairs):
        yield Progress(n / len(pairs))
        grid = word_attention(pipeline, pair)
        if grid is not None:
            used.append(pair)
            looked.append(received(grid.mean((0, 1))))
            for name, alpha in _named(grid):
                for method in METHODS:
                    for ends in (True, False):
                        key = (*name, method, ends)
                        got = count(links(alpha, method, ends), pair.gold)
                        totals[key] = totals.get(key, Counts()) + got
    rows = [
        {"layer": layer, "head": head, "method": method, "ends": ends} | scores(c)
        for (layer, head, method, ends), c in totals.items()
    ]
    yield Progress(1.0, Ranking(sorted(rows, key=lambda row: row["aer"]), used, looked))


def coverage(ranking: Ranking) -> dict[str, Any]:
    """What a word usually receives, from every other pair; how true its alarms are, on the others."""
    usual = calibrate(ranking.received[::2])
    fertility = []
    for pair in ranking.used:
        linked = np.zeros(len(pair.src), int)
        for s, _t in pair.gold.possible:
            linked[s] += 1
        fertility.append(linked)
    held = ranking.received[1::2] or ranking.received
    links = fertility[1::2] or fertility
    return {"low": usual.low, "high": usual.high} | alarms(held, links, usual)


def _named(grid: np.ndarray) -> Iterator[tuple[tuple[int, int], np.ndarray]]:
    """(layer, head), both from 1, of each; 0: the mean over all heads of a layer, or over all."""
    for layer, heads in enumerate(grid, 1):
        for head, alpha in enumerate(heads, 1):
            yield (layer, head), alpha
        if len(heads) > 1:
            yield (layer, 0), heads.mean(0)
    if grid.shape[0] > 1:
        yield (0, 0), grid.mean((0, 1))


def scores(c: Counts) -> dict[str, float]:
    """As they stand in a report."""
    return {
        "aer": round(c.aer, 4),
        "precision": round(c.precision, 4),
        "recall": round(c.recall, 4),
    }


def baseline(
    pairs: Sequence[GoldPair], texts: Sequence[tuple[str, str]], tension: float
) -> dict[str, dict[str, float]]:
    """IBM model 1, both ways, trained on running texts and on the gold pairs' own words: their links
    are not used, the usual way with this task (Mihalcea and Pedersen 2003). In a script without spaces
    it reads characters, and words are linked where characters of theirs are."""
    units = [(_units(p.src), _units(p.tgt)) for p in pairs]
    own = [(src.texts, tgt.texts) for src, tgt in units]
    corpus = own + [(_low(_tokens(a)), _low(_tokens(b))) for a, b in texts]
    corpus = [(a, b) for a, b in corpus if 0 < len(a) <= 40 and 0 < len(b) <= 40]
    forward, backward = Model1(tension), Model1(tension)
    wide = [pair for pair in own if max(map(len, pair)) > 40]
    forward.train(corpus + wide)
    backward.train([(b, a) for a, b in corpus + wide])
    totals = {"argmax": Counts(), "both": Counts(), "grow": Counts()}
    for (src, tgt), pair in zip(units, pairs, strict=True):
        one = forward.links(src.texts, tgt.texts)
        two = {(s, t) for t, s in backward.links(tgt.texts, src.texts)}
        ways = {"argmax": one, "both": one & two, "grow": grow_diag(one, two)}
        for name, found in ways.items():
            totals[name] += count({(src.word[s], tgt.word[t]) for s, t in found}, pair.gold)
    return {name: scores(c) for name, c in totals.items()}


class Units(NamedTuple):
    """What the aligner without a network reads of a sentence, and to which word each unit belongs."""

    texts: list[str]
    word: list[int]


def _units(words: Sequence[str]) -> Units:
    parts = [(unit, n) for n, word in enumerate(words) for unit in split_words(word.lower())]
    return Units([unit for unit, _ in parts], [n for _, n in parts])


def _low(words: Sequence[str]) -> list[str]:
    return [w.lower() for w in words]


def _tokens(text: str) -> list[str]:
    """Words with punctuation apart, and French elisions as the gold files cut them."""
    spaced = text.replace("’", "'").replace("'", "' ")
    for mark in '.,!?;:()[]"«»…%':
        spaced = spaced.replace(mark, f" {mark} ")
    return split_words(spaced)


def sample(texts: Sequence[tuple[str, str]], most: int, seed: int = 0) -> list[tuple[str, str]]:
    """At most so many pairs, drawn by chance, the same ones every time."""
    rng = random.Random(seed)
    return list(texts) if len(texts) <= most else rng.sample(list(texts), most)


def report(pipeline: Pipeline, gold: Path, texts: Path | None, most: int) -> dict[str, Any]:
    """What metrics.json keeps under ``alignment``: heads ranked, the aligner without a network beside."""
    pairs = read_gold(gold)
    *_before, last = rank_heads(pipeline, pairs)
    assert last.ranking is not None
    ranking, used = last.ranking, last.ranking.used
    if not used:
        raise S2SError(f"No pair of {gold} fits this model's tokenizer.")
    found: dict[str, Any] = {
        "gold": gold.name,
        "weights": pipeline.checkpoint.digest,
        "pairs": len(used),
        "left_out": len(pairs) - len(used),
        "coverage": coverage(ranking),
        "heads": ranking.rows,
    }
    if texts is not None:
        named, fields = pipeline.config.data.columns, pipeline.task.fields
        src, tgt = named.get("src", fields[0]), named.get("tgt", fields[1])
        lines = ((str(r.get(src) or ""), str(r.get(tgt) or "")) for r in read_rows(texts))
        # the whole file is not needed in memory to draw from its beginning
        drawn = sample(list(itertools.islice(lines, 10 * most)), most)
        for name, tension in (("model1", 0.0), ("diagonal", 4.0)):
            found[name] = baseline(used, drawn, tension)
        found["texts"] = len(drawn)
    return found
