"""From pairs to padded batches: encode, truncate, bucket, pad.

B sources · S source length · T target length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from s2s.config import DataConfig
from s2s.data.ids import Ids
from s2s.data.reading import Pair, Report
from s2s.tasks.base import Task
from s2s.text.source import Source
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
        parts = (self.src, self.tgt_in, self.tgt_out)
        return Batch(*(part.to(device, non_blocking=True) for part in parts))


def encode_pair(
    source: Source, target: str, tokenizer: Tokenizer, data: DataConfig, task: Task
) -> tuple[Example, int] | str:
    """Ids of a clean pair and the tokens cut off its source, or why it is dropped.

    Where a text is decoded sentence by sentence a pair that is too long or whose sides differ too much
    is no translation to learn from; elsewhere a source is cut exactly as it will be in use.
    """
    src, cut = task.encode(source, tokenizer, data.max_src)
    tgt = tokenizer.target(target)
    longer, shorter = max(len(src), len(tgt)), max(2, min(len(src), len(tgt)))
    if (cut and task.split_sentences) or len(tgt) > data.max_tgt:
        return "over the length limit"
    if task.split_sentences and longer > 11 and longer > data.max_ratio * shorter:
        return "over the length ratio"
    return Example(src, tgt), cut


def encode_pairs(
    pairs: Sequence[Pair], tokenizer: Tokenizer, data: DataConfig, task: Task, report: Report
) -> list[Example]:
    """``encode_pair`` for many; what is dropped or cut is counted."""
    out = []
    for source, target in pairs:
        found = encode_pair(source, target, tokenizer, data, task)
        if isinstance(found, str):
            report.dropped[found] += 1
        else:
            out.append(found[0])
            report.cut += found[1] > 0
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


def collate_rows(ids: Ids, rows: np.ndarray, vocabulary: Vocabulary) -> Batch:
    """The pairs ``rows`` of a corpus as one padded batch."""
    src = torch.from_numpy(ids.side(rows, 0, vocabulary.pad))  # (B,S)
    tgt = torch.from_numpy(ids.side(rows, 1, vocabulary.pad))  # (B,T)
    begin = torch.full((len(rows), 1), vocabulary.bos)
    shifted = torch.cat([begin, tgt[:, :-1]], 1)  # (B,T)
    return Batch(src, shifted.masked_fill(tgt == vocabulary.pad, vocabulary.pad), tgt)


def epoch(
    ids: Ids, groups: Sequence[int], shares: Sequence[float], batch_tokens: int, seed: Sequence[int]
) -> Iterator[np.ndarray]:
    """One pass: a fresh ``share`` of every group of pairs, mixed, as rows of batches.

    groups: how many pairs each group has. Determined by ``seed``. A batch holds pairs of like
    length, and at most ``batch_tokens`` padded tokens on its longer side. A share over 1 repeats a group.
    """
    rng = np.random.default_rng(list(seed))
    parts, first = [], 0
    for size, share in zip(groups, shares, strict=True):
        parts += [np.arange(first, first + size)] * int(share)
        parts.append(first + rng.permutation(size)[: round(share % 1 * size)])
        first += size
    rows = rng.permutation(np.concatenate(parts))
    lengths = ids.lengths[rows]  # (N,2)
    rows = rows[np.lexsort((lengths[:, 0], lengths[:, 1]))]  # stable: random ties
    cuts = _cuts(ids.lengths[rows].max(1, initial=0).tolist(), batch_tokens)
    batches = np.split(rows, cuts) if len(rows) else []
    for i in rng.permutation(len(batches)):
        yield batches[i]


def _cuts(widths: Sequence[int], batch_tokens: int) -> list[int]:
    """Where to cut a row of pairs of these widths so that no part is over ``batch_tokens``."""
    cuts, start, widest = [], 0, 0
    for i, width in enumerate(widths):
        widest = max(widest, width)
        if widest * (i + 1 - start) > batch_tokens and i > start:
            cuts.append(i)
            start, widest = i, width
    return cuts
