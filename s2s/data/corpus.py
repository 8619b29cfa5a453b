"""From files to clean pairs: filter, count what was dropped, split without leaks."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from s2s.config import DataConfig
from s2s.data.reading import Pair, read_pairs
from s2s.errors import S2SError
from s2s.tasks.base import Task
from s2s.text.cleaning import clean
from s2s.text.source import Source


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


def source_key(source: Source) -> str:
    """What makes two sources the same sentence: letters and digits, case folded."""
    line = clean(source.line())
    return "".join(c for c in line.casefold() if c.isalnum()) or line


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


def group_references(pairs: Iterable[Pair]) -> tuple[list[Source], list[list[str]]]:
    """Rows with the same source are references of one sentence; order of first occurrence."""
    by_source: dict[Source, list[str]] = {}
    for src, tgt in pairs:
        by_source.setdefault(src, []).append(tgt)
    return list(by_source), list(by_source.values())


def write_pairs(path: Path, pairs: Iterable[Pair], fields: tuple[str, str]) -> None:
    """Clean pairs → .tsv, or .jsonl where a source may have several parts, with columns ``fields``."""
    lines = ((source.line(), target) for source, target in pairs)
    with open(path, "w", encoding="utf-8", newline="\n") as out:
        if path.suffix == ".jsonl":
            for pair in lines:
                row = dict(zip(fields, pair, strict=True))
                out.write(json.dumps(row, ensure_ascii=False) + "\n")
            return
        out.write("\t".join(fields) + "\n")
        out.writelines(f"{src}\t{tgt}\n" for src, tgt in lines)
