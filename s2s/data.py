"""From files to batches: read, clean, filter, split without leaks, truncate, bucket, pad.

B sources · S source length · T target length.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import random
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from torch import Tensor

from s2s.config import DataConfig
from s2s.errors import S2SError
from s2s.tasks import Task
from s2s.tokenizer import BOS, EOS, PAD, Tokenizer, clean

Pair = tuple[str, str]


# ---------------------------------------------------------------------------------------- reading
def read_rows(path: Path) -> Iterator[dict[str, str]]:
    """Rows of a .tsv (first line: header) or .jsonl file, plain or .gz, as dicts by column."""
    path = Path(path)
    kind = next((s for s in reversed(path.suffixes) if s != ".gz"), "")
    if kind not in (".tsv", ".jsonl"):
        raise S2SError(f"{path} is neither .tsv nor .jsonl (plain or .gz).")
    number = 0
    try:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8", newline="\n") as lines:
            if kind == ".jsonl":
                for line in lines:
                    number += 1
                    if line.strip():
                        yield json.loads(line)
                return
            reader = csv.reader(
                (s.rstrip("\r\n") for s in lines), "excel-tab", quoting=csv.QUOTE_NONE
            )
            header = next(reader, None)
            if not header:
                raise S2SError(f"{path} is empty.")
            for number, values in enumerate(reader, 2):
                if len(values) != len(header):
                    raise S2SError(
                        f"{path}, line {number}: {len(values)} columns instead of {len(header)}."
                    )
                yield dict(zip(header, values, strict=True))
    except FileNotFoundError:
        raise S2SError(f"There is no file {path}.") from None
    except (OSError, EOFError, UnicodeDecodeError, csv.Error) as error:
        raise S2SError(f"{path} cannot be read after line {number} ({error}).") from None
    except json.JSONDecodeError as error:
        raise S2SError(f"{path}, line {number}: not valid JSON ({error.msg}).") from None


def read_pairs(path: Path, src: str, tgt: str, task: Task, kind: str = "") -> list[Pair]:
    """All (source, target) texts of a file, raw."""
    pairs = []
    for number, row in enumerate(read_rows(path), 1):
        try:
            source, target = task.pair(row, src, tgt, kind)
        except (KeyError, TypeError):
            names = ", ".join(row) if isinstance(row, dict) else "none"
            raise S2SError(
                f"{path}, row {number}: no columns {src} and {tgt} (found: {names})."
            ) from None
        pairs += [(source, t) for t in ([target] if isinstance(target, str) else target)]
    return pairs


# ------------------------------------------------------------------------------ cleaning, filters
@dataclass
class Report:
    """Counts of what was dropped or cut, and why."""

    kept: int = 0
    cut: int = 0
    """Pairs kept whose source was cut at the model's limit."""
    dropped: Counter = field(default_factory=Counter)

    def __str__(self) -> str:
        why = ", ".join(f"{n:,} {reason}" for reason, n in sorted(self.dropped.items()))
        cut = f", {self.cut:,} of them with a source cut to the limit" if self.cut else ""
        return f"{self.kept:,} pairs kept{cut}" + (f"; dropped: {why}" if why else "")


def clean_pairs(pairs: Iterable[Pair], task: Task, report: Report) -> list[Pair]:
    """Clean both sides; drop empty sides and exact duplicates."""
    seen: set[Pair] = set()
    out = []
    for src, tgt in pairs:
        pair = task.read(src), clean(tgt)
        if not pair[0] or not pair[1]:
            report.dropped["with an empty side"] += 1
        elif pair in seen:
            report.dropped["exact duplicates"] += 1
        else:
            seen.add(pair)
            out.append(pair)
    report.kept = len(out)
    return out


def source_key(src: str) -> str:
    """What makes two sources the same sentence: letters and digits, case folded."""
    return "".join(c for c in clean(src).casefold() if c.isalnum()) or clean(src)


def split_by_source(
    pairs: Sequence[Pair], share: float
) -> tuple[list[Pair], list[Pair], list[Pair]]:
    """Train, validation, test. Rows with the same source key stay together.

    Membership hangs on a hash of the key alone, so it survives new rows and another order:
    ``share`` of the keys go to test and half as many to validation.
    """
    train, valid, test = [], [], []
    for pair in pairs:
        digest = hashlib.sha256(source_key(pair[0]).encode()).digest()
        u = int.from_bytes(digest[:8], "big") / 2**64
        (test if u < share else valid if u < 1.5 * share else train).append(pair)
    return train, valid, test


def without_sources(pairs: Iterable[Pair], held_out: Iterable[Pair], report: Report) -> list[Pair]:
    """Drop pairs whose source occurs in ``held_out``."""
    keys = {source_key(src) for src, _ in held_out}
    out = []
    for pair in pairs:
        if source_key(pair[0]) in keys:
            report.dropped["with a held-out source"] += 1
        else:
            out.append(pair)
    report.kept = len(out)
    return out


# ------------------------------------------------------------------------------- pairs to batches
@dataclass(frozen=True)
class Example:
    """One pair in ids; both sides end with EOS."""

    src: list[int]
    tgt: list[int]


@dataclass(frozen=True)
class Batch:
    """Padded ids: src (B,S), tgt_in (B,T) starting with BOS, tgt_out (B,T) ending with EOS."""

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
            out.append(Example(src, [*tgt, EOS]))
    report.kept = len(out)
    return out


def pad(rows: Sequence[Sequence[int]]) -> Tensor:
    """Rows of ids → (B, longest), PAD at the end."""
    out = torch.full((len(rows), max(map(len, rows))), PAD)  # (B,S)
    for i, row in enumerate(rows):
        out[i, : len(row)] = torch.tensor(row)
    return out


def collate(examples: Sequence[Example]) -> Batch:
    """Examples → one padded batch."""
    return Batch(
        src=pad([e.src for e in examples]),
        tgt_in=pad([[BOS, *e.tgt[:-1]] for e in examples]),
        tgt_out=pad([e.tgt for e in examples]),
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


# ------------------------------------------------------------------------------------ whole corpus
@dataclass(frozen=True)
class Corpus:
    """Clean pairs of a run, split without leaks."""

    train: list[list[Pair]]
    """One list a training file."""
    valid: list[Pair]
    test: list[Pair]
    report: Report


def load_corpus(data: DataConfig, folder: Path, task: Task) -> Corpus:
    """Read, clean and split the files of a run.

    No source of validation or test occurs in training, whichever file it comes from.
    """
    src, tgt = (
        data.columns.get(side, name) for side, name in zip(("src", "tgt"), task.fields, strict=True)
    )
    report = Report()

    def read(names: Sequence[str]) -> list[list[Pair]]:
        parts = []
        for name in names:
            raw = read_pairs(Path(folder) / name, src, tgt, task, data.kinds.get(name, ""))
            parts.append(clean_pairs(raw, task, report))
        return parts

    train = read(data.train)
    valid = [p for part in read(data.valid) for p in part]
    test = [p for part in read(data.test) for p in part]
    if not valid or not test:
        rest, some_valid, some_test = split_by_source(train[0], data.split)
        # a given split stays; only the missing one is taken from training
        train[0] = rest + (some_valid if valid else []) + (some_test if test else [])
        valid, test = valid or some_valid, test or some_test
    train = [without_sources(part, valid + test, report) for part in train]
    report.kept = sum(map(len, train))
    if not report.kept or not valid:
        raise S2SError(
            f"Too little data: {report.kept} training and {len(valid)} validation pairs are left."
        )
    return Corpus(train, valid, test, report)


def group_references(pairs: Iterable[Pair]) -> tuple[list[str], list[list[str]]]:
    """Rows with the same source are references of one sentence; order of first occurrence."""
    by_source: dict[str, list[str]] = {}
    for src, tgt in pairs:
        by_source.setdefault(src, []).append(tgt)
    return list(by_source), list(by_source.values())


def write_pairs(path: Path, pairs: Iterable[Pair], fields: tuple[str, str]) -> None:
    """Clean pairs → .tsv, or .jsonl where a source may hold tabs, with columns ``fields``."""
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        if path.suffix == ".jsonl":
            for pair in pairs:
                row = dict(zip(fields, pair, strict=True))
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
            return
        out.write("\t".join(fields) + "\n")
        out.writelines(f"{src}\t{tgt}\n" for src, tgt in pairs)
