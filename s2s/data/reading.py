"""Rows and pairs of files: .tsv or .jsonl, plain or .gz."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from pathlib import Path

from s2s.errors import S2SError
from s2s.tasks.base import Task
from s2s.text.source import Source

Pair = tuple[Source, str]


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
