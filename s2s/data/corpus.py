"""Clean pairs: filters that count what they drop, and splits that do not leak."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from s2s.data.reading import Pair, Report
from s2s.tasks.base import Task
from s2s.text.cleaning import clean
from s2s.text.source import Source


def clean_pairs(pairs: Iterable[Pair], task: Task, report: Report) -> Iterator[Pair]:
    """Clean both sides; drop empty sides and exact duplicates."""
    seen: set[int] = set()  # eight bytes of a digest: a pair itself would take fifty times as much
    for src, tgt in pairs:
        pair = task.read(src), clean(tgt)
        if not pair[0] or not pair[1]:
            report.dropped["with an empty side"] += 1
            continue
        if not task.usable(pair[1]):
            report.dropped["with a target of no use"] += 1
            continue
        text = f"{pair[0].line()}\n{pair[1]}".encode()
        key = int.from_bytes(hashlib.blake2b(text, digest_size=8).digest())
        if key in seen:
            report.dropped["exact duplicates"] += 1
        else:
            seen.add(key)
            yield pair


def source_key(source: Source) -> str:
    """What makes two sources the same sentence: letters and digits, case folded."""
    text = clean(source.text)  # whatever is asked of it
    return "".join(filter(str.isalnum, text.casefold())) or text


def side_of(source: Source, share: float) -> Literal["train", "valid", "test"]:
    """Where a source belongs. Rows with the same source key stay together.

    Membership hangs on a hash of the key alone, so it survives new rows and another order:
    ``share`` of the keys go to test and half as many to validation.
    """
    digest = hashlib.sha256(source_key(source).encode()).digest()
    u = int.from_bytes(digest[:8], "big") / 2**64
    return "test" if u < share else "valid" if u < 1.5 * share else "train"


class HeldOut:
    """Knows pairs that must not be trained on, in any case or punctuation."""

    def __init__(self, task: Task) -> None:
        self._task, self._keys = task, set[str]()

    def add_pairs(self, pairs: Iterable[Pair]) -> None:
        """What is held out with a pair: its source; in a conversation, what was said *and* answered."""
        self._keys.update(self._key(pair) for pair in pairs)

    def add_rows(self, rows: Iterable[dict[str, Any]], src: str, tgt: str) -> None:
        """Every text of rows, whichever column it stands in; and the pairs of ``src`` and ``tgt``."""
        for row in rows:
            self._keys.update(source_key(Source((text,))) for text in _texts(row.values()))
            with suppress(KeyError, TypeError):
                found = self._task.pairs(row, src, tgt, "")
                self.add_pairs((self._task.read(source), target) for source, target in found)
        self._keys.discard("")

    def __contains__(self, pair: Pair) -> bool:
        """A target counts only if it is long: what is said in five words is said by everybody."""
        tgt = pair[1]
        long = tgt.count(" ") > 4 or len(tgt) > 40
        return self._key(pair) in self._keys or (long and source_key(Source((tgt,))) in self._keys)

    def _key(self, pair: Pair) -> str:
        said = source_key(pair[0])
        return said + source_key(Source((pair[1],))) if self._task.keeps == "last" else said


def _texts(values: Iterable[object]) -> Iterator[str]:
    for value in values:
        if isinstance(value, str):
            yield value
        elif isinstance(value, list) and all(isinstance(item, str) for item in value):
            yield " ".join(value)  # a tokenised sentence


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
