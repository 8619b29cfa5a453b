"""Clean pairs: filters that count what they drop, and splits that do not leak."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from s2s.data.reading import Pair, Report, read_rows
from s2s.tasks.base import Task
from s2s.text.cleaning import clean
from s2s.text.source import Source


def clean_pairs(pairs: Iterable[Pair], task: Task, report: Report) -> list[Pair]:
    """Clean both sides; drop empty sides and exact duplicates."""
    seen: set[Pair] = set()
    out = []
    for src, tgt in pairs:
        pair = task.read(src), clean(tgt)
        if not pair[0] or not pair[1]:
            report.dropped["with an empty side"] += 1
        elif not task.usable(pair[1]):
            report.dropped["with a target of no use"] += 1
        elif pair in seen:
            report.dropped["exact duplicates"] += 1
        else:
            seen.add(pair)
            out.append(pair)
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
    train: list[Pair] = []
    valid: list[Pair] = []
    test: list[Pair] = []
    for pair in pairs:
        digest = hashlib.sha256(source_key(pair[0]).encode()).digest()
        u = int.from_bytes(digest[:8], "big") / 2**64
        (test if u < share else valid if u < 1.5 * share else train).append(pair)
    return train, valid, test


def held_out_keys(folder: Path, names: Iterable[str]) -> set[str]:
    """Keys of every text of files that must not be trained on, whichever column it stands in."""
    return {
        source_key(Source((text,)))
        for name in names
        for row in read_rows(folder / name)
        for text in _texts(row.values())
    }


def _texts(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            yield " ".join(value)  # a tokenised sentence


def pair_key(pair: Pair, task: Task) -> str:
    """What is held out with a pair: its source; in a conversation, what was said *and* answered."""
    return source_key(pair[0]) + (source_key(Source((pair[1],))) if task.keeps == "last" else "")


def without_held_out(
    pairs: Iterable[Pair], keys: set[str], task: Task, report: Report
) -> list[Pair]:
    """Drop pairs that are held out, in any case or punctuation.

    A target counts only if it is long: what is said in five words is said by everybody.
    """
    out = []
    for pair in pairs:
        long = pair[1].count(" ") > 4 or len(pair[1]) > 40
        if pair_key(pair, task) in keys or (long and source_key(Source((pair[1],))) in keys):
            report.dropped["that are held out"] += 1
        else:
            out.append(pair)
    return out


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
