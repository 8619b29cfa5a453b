"""How a corpus is made: files are read, split, varied and encoded one pair at a time.

What is clean waits in a file (``Spool``), so that a corpus of any size fits into memory.
"""

from __future__ import annotations

import json
import os
import random
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from s2s.config import Config
from s2s.data import corpus
from s2s.data.augmentation import Names, Variants, find_names
from s2s.data.batches import encode_pair
from s2s.data.ids import Writer
from s2s.data.reading import Pair, Report, read_pairs, read_rows
from s2s.data.templates import fill, is_template
from s2s.errors import S2SError
from s2s.tasks import TASKS
from s2s.tasks.base import Task
from s2s.text.source import Source
from s2s.text.tokenizer import Tokenizer

MANIFEST, TOKENIZER = "corpus.json", "tokenizer.model"
OWN = Path(__file__).parent / "own"  # our own small files, part of the package


def locate(folder: Path, name: str) -> Path:
    """A file of ``data.train`` and the like: below ``folder``, or one of our own (``own/…``)."""
    return OWN / name.removeprefix("own/") if name.startswith("own/") else Path(folder) / name


def make(
    config: Config,
    folder: Path,
    out: Path,
    manifest: dict[str, Any],
    tokenizer: Tokenizer | None,
) -> None:
    """Make the corpus of ``config`` from the files below ``folder``; ``out`` appears whole or not at all.

    manifest: what the folder says about itself, groups and report aside.
    """
    task, report = TASKS[config.task], Report()
    with _appearing(out) as new:
        clean = clean_files(config, folder, task, report, new)
        every = (pair for spool in clean.train for pair in spool)
        names = find_names(every) if config.data.augment.names else {}
        tokenizer = tokenizer or _learn(config, clean)
        groups = []
        with Writer(new, tokenizer.size) as writer:
            for name, spool in zip(config.data.train, clean.train, strict=True):
                before = len(writer)
                for pair in _seen(name, spool, config, names, clean.held_out):
                    _encode(pair, config, tokenizer, report, writer)
                spool.path.unlink()
                groups.append(len(writer) - before)
        report.kept = len(writer)
        if not report.kept:
            raise S2SError(f"No training pair is left: {report}.")
        (new / TOKENIZER).write_bytes(tokenizer.model)
        for part, kept in (("valid", clean.valid), ("test", clean.test)):
            corpus.write_pairs(new / f"{part}.jsonl", kept, task.fields)
        whole = manifest | {"groups": groups, "report": str(report)}
        (new / MANIFEST).write_text(json.dumps(whole, ensure_ascii=False, indent=1), "utf-8")


# ---------------------------------------------------------------------------------------- reading
class Spool:
    """Clean pairs in a file, to be gone through several times."""

    def __init__(self, path: Path) -> None:
        self.path, self.size = path, 0

    def write(self, pairs: Iterable[Pair]) -> None:
        """Keep the pairs, which hold no tabs and no line ends."""
        with open(self.path, "w", encoding="utf-8", newline="\n") as out:
            for source, tgt in pairs:
                out.write("\t".join((source.kind or "", tgt, *source.parts)) + "\n")
                self.size += 1

    def __iter__(self) -> Iterator[Pair]:
        with open(self.path, encoding="utf-8", newline="\n") as lines:
            for line in lines:
                kind, tgt, *parts = line[:-1].split("\t")
                yield Source(tuple(parts), kind or None), tgt


@dataclass
class Clean:
    """What the files held."""

    held_out: corpus.HeldOut
    train: list[Spool] = field(default_factory=list)
    """One a file."""
    valid: list[Pair] = field(default_factory=list)
    test: list[Pair] = field(default_factory=list)


def clean_files(config: Config, folder: Path, task: Task, report: Report, new: Path) -> Clean:
    """Clean training pairs by file, validation and test pairs; nothing held out is in training.

    ``new``: a folder that the files of pairs wait in. Raises S2SError.
    """
    data = config.data
    src = data.columns.get("src", task.fields[0])
    tgt = data.columns.get("tgt", task.fields[1])

    def read(name: str) -> Iterator[Pair]:
        kind, path = data.kinds.get(name, ""), locate(folder, name)
        return corpus.clean_pairs(read_pairs(path, src, tgt, task, kind, report), task, report)

    found = Clean(corpus.HeldOut(task))
    found.valid = [p for name in data.valid for p in read(name)]
    found.test = [p for name in data.test for p in read(name)]
    for name in data.held_out:
        found.held_out.add_rows(read_rows(locate(folder, name)), src, tgt)
    first = read(data.train[0])
    if not (found.valid and found.test):
        spool = Spool(new / "first.pairs")
        spool.write(_split_off(first, config, found))
        first = iter(spool)
    found.held_out.add_pairs(chain(found.valid, found.test))
    for n, name in enumerate(data.train):
        spool = Spool(new / f"{n}.pairs")
        spool.write(_without(read(name) if n else first, found.held_out, report))
        found.train.append(spool)
    (new / "first.pairs").unlink(missing_ok=True)
    kept = sum(spool.size for spool in found.train)
    if not kept or not found.valid:
        raise S2SError(
            f"Too little data: {kept} training and {len(found.valid)} validation pairs are left "
            f"({report})."
        )
    return found


def _split_off(pairs: Iterable[Pair], config: Config, found: Clean) -> Iterator[Pair]:
    """Pairs for training; the others become the split that is not given, which alone is taken."""
    missing = {}
    if not found.valid:
        missing["valid"] = found.valid
    if not found.test:
        missing["test"] = found.test
    for pair in pairs:
        side = corpus.side_of(pair[0], config.data.split)
        if side in missing:
            missing[side].append(pair)
        else:
            yield pair


def _without(pairs: Iterable[Pair], held_out: corpus.HeldOut, report: Report) -> Iterator[Pair]:
    for pair in pairs:
        if pair in held_out:
            report.dropped["that are held out"] += 1
        else:
            yield pair


# -------------------------------------------------------------------------- what the model will read
def _learn(config: Config, clean: Clean) -> Tokenizer:
    """A vocabulary from what the model will read: every file by its share, variants included."""
    shares = config.data.share or (1.0,) * len(clean.train)

    def texts() -> Iterator[str]:
        for name, spool, share in zip(config.data.train, clean.train, shares, strict=True):
            rng = random.Random(name)
            part = max(share, 1000 / max(1, spool.size)) if share else 0.0  # of a small file all
            some = (pair for pair in spool if part >= 1 or rng.random() < part)
            for source, tgt in _seen(name, some, config, {}, clean.held_out):
                yield from (*source.parts, tgt)

    return Tokenizer.train(texts(), config.data.vocab, TASKS[config.task].controls)


def _seen(
    name: str, pairs: Iterable[Pair], config: Config, names: Names, held_out: corpus.HeldOut
) -> Iterator[Pair]:
    """The pairs of a file and what the config wants beside them: templates filled, and variants.

    A share of the pairs themselves leave the kind of output open. What a variant or a filled template
    makes may be held out even where the pair that it is made from is not.
    """
    wanted, task = config.data.augment, TASKS[config.task]
    rng, open_rng = random.Random(f"{name}/templates"), random.Random(f"{name}/any kind")
    languages = (config.src_language, config.tgt_language)
    variants = Variants(wanted, config.tgt_language, names, name)
    known = sorted(names) or ["Tom", "Mary"]
    for pair in pairs:
        if is_template(pair[0]):
            made = iter([fill(pair, languages, known, rng) for _ in range(wanted.templates)])
        else:
            is_open = wanted.any_kind and open_rng.random() < wanted.any_kind
            yield (task.leave_open(pair[0]), pair[1]) if is_open else pair
            made = variants.of(pair)
        for one in made:
            if one not in held_out:
                yield one


def _encode(
    pair: Pair, config: Config, tokenizer: Tokenizer, report: Report, writer: Writer
) -> None:
    """Ids of a pair into the corpus; what is too long or too unequal is dropped or cut, and counted."""
    found = encode_pair(*pair, tokenizer, config.data, TASKS[config.task])
    if isinstance(found, str):
        report.dropped[found] += 1
    else:
        example, cut = found
        report.cut += cut > 0
        writer.add(example.src, example.tgt)


# ---------------------------------------------------------------------------------------- folders
@contextmanager
def _appearing(out: Path) -> Iterator[Path]:
    """A folder to fill, which becomes ``out`` at the end. Raises S2SError if it cannot be written."""
    new = out.with_name(f"{out.name}.{os.getpid()}.new")
    try:
        if _holds_other_things(out):
            raise S2SError(f"{out} holds other things; a corpus wants a folder of its own.")
        _sweep(out)
        new.mkdir(parents=True)
        yield new
        shutil.rmtree(out, ignore_errors=True)
        try:
            new.replace(out)
        except OSError:  # another run was as fast, and made the same
            if not (out / MANIFEST).is_file():
                raise
    except OSError as error:
        raise S2SError(f"The corpus cannot be written to {out} ({error.strerror}).") from None
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _holds_other_things(out: Path) -> bool:
    if not out.exists() or (out / MANIFEST).is_file():
        return False
    return not out.is_dir() or any(out.iterdir())


def _sweep(out: Path) -> None:
    """Remove what runs have left that were killed while they prepared this corpus."""
    for left in out.parent.glob(f"{out.name}.*.new"):
        process = left.suffixes[-2][1:]
        with suppress(ValueError, PermissionError):
            try:
                os.kill(int(process), 0)
            except ProcessLookupError:
                shutil.rmtree(left, ignore_errors=True)
