"""From pairs to padded batches: encode, truncate, bucket, pad.

B sources · S source length · T target length.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from s2s.config import DataConfig
from s2s.data.corpus import Report
from s2s.data.reading import Pair
from s2s.tasks.base import Task
from s2s.text.tokenizer import Tokenizer
from s2s.text.vocabulary import Vocabulary


@dataclass(frozen=True)
class Example:
    """One pair in ids; both sides end with the end of sentence."""

    src: list[int]
    tgt: list[int]


@dataclass(frozen=True)
class Batch:
    """Padded ids: src (B,S), tgt_in (B,T) beginning with bos, tgt_out (B,T) ending with eos."""

    src: Tensor
    tgt_in: Tensor
    tgt_out: Tensor

    def to(self, device: torch.device) -> Batch:
        return Batch(self.src.to(device), self.tgt_in.to(device), self.tgt_out.to(device))


def encode_pairs(
    pairs: Sequence[Pair], tokenizer: Tokenizer, data: DataConfig, task: Task, report: Report
) -> list[Example]:
    """Ids of clean pairs; what is too long or too unequal is dropped or cut, and counted.

    Where a text is decoded sentence by sentence a pair that is too long or whose sides differ too much
    is no translation to learn from; elsewhere a source is cut exactly as it will be in use.
    """
    out = []
    targets = tokenizer.encode_batch([t for _, t in pairs])
    for (source, _), tgt in zip(pairs, targets, strict=True):
        src, cut = task.encode(source, tokenizer, data.max_src)
        longer, shorter = max(len(src), len(tgt)), max(1, min(len(src), len(tgt)))
        if (cut and task.split_sentences) or len(tgt) >= data.max_tgt:
            report.dropped["over the length limit"] += 1
        elif task.split_sentences and longer > 10 and longer > data.max_ratio * shorter:
            report.dropped["over the length ratio"] += 1
        else:
            report.cut += cut > 0
            out.append(Example(src, [*tgt, tokenizer.vocabulary.eos]))
    report.kept = len(out)
    return out


def pad(rows: Sequence[Sequence[int]], filler: int) -> Tensor:
    """Rows of ids → (B, longest), ``filler`` at the end."""
    out = torch.full((len(rows), max(map(len, rows))), filler)  # (B,S)
    for i, row in enumerate(rows):
        out[i, : len(row)] = torch.tensor(row)
    return out


def collate(examples: Sequence[Example], vocabulary: Vocabulary) -> Batch:
    """Examples → one padded batch."""
    return Batch(
        src=pad([e.src for e in examples], vocabulary.pad),
        tgt_in=pad([[vocabulary.bos, *e.tgt[:-1]] for e in examples], vocabulary.pad),
        tgt_out=pad([e.tgt for e in examples], vocabulary.pad),
    )


def batches(examples: Sequence[Example], batch_tokens: int, rng: random.Random) -> list[list[int]]:
    """Indices of one epoch's batches: length buckets filled by tokens, in random order.

    A batch holds at most ``batch_tokens`` padded tokens on its longer side.
    """
    order = list(range(len(examples)))
    rng.shuffle(order)
    order.sort(key=lambda i: (len(examples[i].tgt), len(examples[i].src)))  # stable: random ties
    out: list[list[int]] = []
    bucket: list[int] = []
    widest = 0
    for i in order:
        width = max(len(examples[i].src), len(examples[i].tgt))
        if bucket and max(widest, width) * (len(bucket) + 1) > batch_tokens:
            out.append(bucket)
            bucket, widest = [], 0
        bucket.append(i)
        widest = max(widest, width)
    if bucket:
        out.append(bucket)
    rng.shuffle(out)
    return out


def epoch(
    groups: Sequence[Sequence[Example]], shares: Sequence[float], batch_tokens: int, seed: str
) -> Iterator[list[Example]]:
    """One pass: a fresh ``share`` of every group, mixed, in batches. Determined by ``seed``."""
    rng = random.Random(seed)
    pool: list[Example] = []
    for group, share in zip(groups, shares, strict=True):
        pool += group if share >= 1 else rng.sample(list(group), round(share * len(group)))
    for batch in batches(pool, batch_tokens, rng):
        yield [pool[i] for i in batch]
