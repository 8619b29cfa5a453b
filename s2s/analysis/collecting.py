"""Making an index: training pairs drawn by chance, and the states that a model has while it reads them.

N words · D size of a state.
"""

from __future__ import annotations

import random
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from s2s.analysis.index import Index
from s2s.analysis.states import Cloud, at_words, of_words, principal
from s2s.data.batches import Example, collate, encode_pair
from s2s.data.preparation import clean_files
from s2s.data.reading import Pair, Report
from s2s.errors import S2SError
from s2s.pipeline import Pipeline
from s2s.tasks import TASKS

BATCH = 64  # pairs
SHOWN = 2_000  # source words of the encoder's cloud, which is only looked at
QUERIES, NEIGHBOURS = 200, 10  # of the check of what the projection loses


@dataclass
class Progress:
    """How far the states are; ``index`` and ``report`` when they are done."""

    share: float
    index: Index | None = None
    report: dict[str, Any] | None = None


def draw(
    pipeline: Pipeline, folder: Path, files: Sequence[str], most: int, seed: int = 0
) -> list[Pair]:
    """Pairs of the checkpoint's own training files, one a source, by chance; nothing held out.

    ``files``: which of them; all if none is named. Raises S2SError if a file is not among them, or
    cannot be read.
    """
    config = pipeline.config
    named = set(files or config.data.train)
    if unknown := named - set(config.data.train):
        raise S2SError(f"{config.name} was not trained on {', '.join(sorted(unknown))}.")
    # the first file is read in any case: what was split off it is held out of all
    train = tuple(n for i, n in enumerate(config.data.train) if i == 0 or n in named)
    own = replace(config, data=replace(config.data, train=train, share=(), finish=()))
    by_source: dict[str, list[Pair]] = {}
    with tempfile.TemporaryDirectory() as scratch:
        clean = clean_files(own, folder, TASKS[config.task], Report(), Path(scratch))
        for name, spool in zip(train, clean.train, strict=True):
            if name in named:
                for pair in spool:
                    by_source.setdefault(pair[0].line(), []).append(pair)
    rng = random.Random(seed)
    sources = rng.sample(sorted(by_source), min(most, len(by_source)))
    return [rng.choice(by_source[source]) for source in sources]


def collect(
    pipeline: Pipeline, pairs: Sequence[Pair], dimensions: int, credit: str = ""
) -> Iterator[Progress]:
    """The states of every output word, and of some source words; pairs that do not fit are left out."""
    task, data, tokenizer = pipeline.task, pipeline.config.data, pipeline.tokenizer
    fits: list[tuple[Pair, Example]] = []
    for pair in pairs:
        found = encode_pair(*pair, tokenizer, data, task)
        if not isinstance(found, str) and len(found[0].tgt) > 1:
            fits.append((pair, found[0]))
    if not fits:
        raise S2SError("No pair is left to make an index of.")
    decoder: list[np.ndarray] = []
    encoder: list[np.ndarray] = []
    for begin in range(0, len(fits), BATCH):
        yield Progress(begin / len(fits))
        examples = [example for _, example in fits[begin : begin + BATCH]]
        decoder += _outputs(pipeline, examples)
        if sum(map(len, encoder)) < SHOWN:
            encoder += _sources(pipeline, examples)
    states = np.concatenate(decoder)  # (N,D)
    cloud = Cloud.of(principal(states, dimensions), states)
    index = Index(
        cloud,
        _shown(np.concatenate(encoder)[:SHOWN]) if encoder else None,
        np.array([len(rows) for rows in decoder]),
        [(" ".join(pair[0].parts), pair[1]) for pair, _ in fits],
        credit,
    )
    report: dict[str, Any] = {
        "pairs": len(fits),
        "words": len(states),
        "dimensions": len(cloud.scale),
    }
    report["variance_kept"] = round(float(cloud.plane.shares.sum()), 3)
    yield Progress(1.0, index, report | {"neighbours_kept": round(kept(cloud, states), 3)})


@torch.inference_mode()
def _outputs(pipeline: Pipeline, examples: Sequence[Example]) -> Iterator[np.ndarray]:
    """Of each pair, (words,D) without the end."""
    batch = collate(examples, pipeline.tokenizer.vocabulary).to(pipeline.checkpoint.model.device)
    hidden = pipeline.checkpoint.model.hidden(batch.src, batch.tgt_in).float().cpu().numpy()
    for rows, example in zip(hidden, examples, strict=True):
        yield at_words(rows, pipeline.tokenizer.words(example.tgt)[:-1])


@torch.inference_mode()
def _sources(pipeline: Pipeline, examples: Sequence[Example]) -> Iterator[np.ndarray]:
    """Of each source, (words,D) without the end; nothing if the model keeps no states."""
    batch = collate(examples, pipeline.tokenizer.vocabulary).to(pipeline.checkpoint.model.device)
    states = pipeline.checkpoint.model.states(batch.src)
    if states is not None:
        for rows, example in zip(states.float().cpu().numpy(), examples, strict=True):
            if words := pipeline.tokenizer.words(example.src)[:-1]:
                yield of_words(rows, words)


def _shown(states: np.ndarray) -> Cloud:
    """Two dimensions, to be looked at."""
    return Cloud.of(principal(states, 2), states)


def kept(cloud: Cloud, states: np.ndarray, seed: int = 0) -> float:
    """Share of the nearest neighbours among whole states (N,D) that are found among projected ones."""
    rng, n = np.random.default_rng(seed), len(states)
    k = min(NEIGHBOURS, n - 1)
    if k < 1:
        return 1.0
    squares = (states.astype(np.float32) ** 2).sum(1)  # (N,)
    hits = 0
    asked = rng.choice(n, min(QUERIES, n), replace=False)
    for q in asked:
        distance = squares - 2 * states @ states[q]
        distance[q] = np.inf
        true = set(np.argpartition(distance, k)[:k].tolist()) if k < n - 1 else set(range(n)) - {q}
        near = [m for m, _ in cloud.nearest(states[q], k + 1) if m != q][:k]
        hits += len(true & set(near))
    return hits / (k * len(asked))
