"""Rows and pairs of files: .tsv (first line: header) or .jsonl, plain or .gz."""

from __future__ import annotations

import csv
import gzip
import json
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from s2s.errors import S2SError
from s2s.tasks.base import Task
from s2s.text.source import Source

Pair = tuple[Source, str]


@dataclass
class Report:
    """Counts of what was dropped or cut, and why."""

    kept: int = 0
    cut: int = 0
    """Pairs kept whose source was cut at the model's limit."""
    varied: int = 0
    """Pairs kept that are variants of others."""
    dropped: Counter = field(default_factory=Counter)

    def why(self) -> str:
        """What was dropped, in words."""
        return ", ".join(f"{n:,} {reason}" for reason, n in sorted(self.dropped.items()))

    def __str__(self) -> str:
        why = self.why()
        varied = f", {self.varied:,} of them variants" if self.varied else ""
        cut = f", {self.cut:,} with a source cut to the limit" if self.cut else ""
        return f"{self.kept:,} pairs kept{varied}{cut}" + (f"; dropped: {why}" if why else "")


def read_rows(path: Path, report: Report | None = None) -> Iterator[dict[str, Any]]:
    """Rows as dicts by column. Blank lines are skipped, and counted in ``report``.

    Raises S2SError, which names the file and the line, for whatever cannot be read.
    """
    path = Path(path)
    kind = next((s for s in reversed(path.suffixes) if s != ".gz"), "")
    if kind not in (".tsv", ".jsonl"):
        raise S2SError(f"{path} is neither .tsv nor .jsonl (plain or .gz).")
    number = 0
    try:
        opener = gzip.open if path.suffix == ".gz" else open
        with opener(path, "rt", encoding="utf-8-sig", newline="\n") as lines:
            header: list[str] | None = None
            for number, line in enumerate(lines, 1):
                line = line.rstrip("\r\n")
                if not line.strip():
                    if report is not None:
                        report.dropped["blank lines"] += 1
                elif kind == ".jsonl":
                    yield _json_row(path, number, line)
                elif header is None:
                    header = _columns(path, line)
                else:
                    yield _tsv_row(path, number, line, header)
            if kind == ".tsv" and header is None:
                raise S2SError(f"{path} is empty.")
    except FileNotFoundError:
        raise S2SError(f"There is no file {path}.") from None
    except (OSError, EOFError, UnicodeError, csv.Error, zlib.error) as error:
        raise S2SError(f"{path} cannot be read after line {number} ({error}).") from None


def _columns(path: Path, line: str) -> list[str]:
    header = line.split("\t")
    twice = next((name for name in header if header.count(name) > 1), None)
    if twice is not None:
        raise S2SError(f"{path} has two columns {twice!r}.")
    return header


def _tsv_row(path: Path, number: int, line: str, header: list[str]) -> dict[str, str]:
    values = line.split("\t")
    if len(values) != len(header):
        raise S2SError(f"{path}, line {number}: {len(values)} columns instead of {len(header)}.")
    return dict(zip(header, values, strict=True))


def _json_row(path: Path, number: int, line: str) -> dict[str, Any]:
    try:
        row = _DECODER.decode(line)
    except S2SError as error:
        raise S2SError(f"{path}, line {number}: {error}") from None
    except json.JSONDecodeError as error:
        raise S2SError(f"{path}, line {number}: not valid JSON ({error.msg}).") from None
    except (RecursionError, ValueError):  # nested too deeply; a number of too many digits
        raise S2SError(f"{path}, line {number}: JSON that cannot be read.") from None
    if not isinstance(row, dict):
        raise S2SError(f"{path}, line {number}: not a JSON object.")
    return row


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise S2SError(f"two values {next(n for n in names if names.count(n) > 1)!r}.")
    return found


_DECODER = json.JSONDecoder(object_pairs_hook=_object)


def read_pairs(
    path: Path, src: str, tgt: str, task: Task, kind: str = "", report: Report | None = None
) -> Iterator[Pair]:
    """All (source, target) texts of a file, raw. Values that are no text are dropped and counted."""
    report = report if report is not None else Report()
    for number, row in enumerate(read_rows(path, report), 1):
        try:
            yield from task.pairs(row, src, tgt, kind)
        except KeyError:
            raise S2SError(
                f"{path}, row {number}: no columns {src} and {tgt} (found: {', '.join(row)})."
            ) from None
        except TypeError:
            report.dropped["with a value that is no text"] += 1
