"""A run's corpus, read, split, varied and encoded once, and then mapped into memory.

``prepare`` makes a folder from the files that a config names; ``load`` opens one. The folder is named
by a digest of the files, the options and the tokenizer that it was made from, so a second start finds it.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from s2s.config import Config, to_dict
from s2s.data import corpus
from s2s.data.augmentation import Names, find_names, variants_of
from s2s.data.batches import encode_pair
from s2s.data.ids import Ids, Writer
from s2s.data.reading import Pair, Report, read_pairs, read_rows
from s2s.data.templates import fill, is_template
from s2s.errors import S2SError
from s2s.tasks import TASKS
from s2s.tasks.base import Task
from s2s.text.tokenizer import Tokenizer

MANIFEST, TOKENIZER = "corpus.json", "tokenizer.model"
OWN = Path(__file__).parent / "own"  # our own small files, part of the package
FORMAT = 1  # goes up whenever the same files would give another corpus


@dataclass(frozen=True)
class Prepared:
    """Everything of a corpus that a run needs."""

    ids: Ids
    """Training pairs, group after group."""
    groups: tuple[int, ...]
    """Pairs of each file of ``data.train``, in order."""
    valid: list[Pair]
    test: list[Pair]
    tokenizer: Tokenizer
    report: str
    digest: str
    """Names the data: of every file read, of the options and of the tokenizer."""


def load_corpus(config: Config, folder: Path, tokenizer: Tokenizer | None = None) -> Prepared:
    """The corpus of ``config`` from the files below ``folder``, or from the cache if it is there.

    tokenizer: one to encode with; None: learn one. ``folder`` may also be a prepared corpus itself.
    """
    if (folder / MANIFEST).is_file():
        return load(folder, config)
    digest = digest_of(config, folder, tokenizer)
    cached = cache_folder() / digest
    if not (cached / MANIFEST).is_file():
        prepare(config, folder, cached, tokenizer)
    return load(cached, config)


def cache_folder() -> Path:
    """Where prepared corpora are kept: $S2S_CACHE, else s2s below the user's cache."""
    root = os.environ.get("S2S_CACHE")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(root) if root else base / "s2s" / "corpora"


def locate(folder: Path, name: str) -> Path:
    """A file of ``data.train`` and the like: below ``folder``, or one of our own (``own/…``)."""
    return OWN / name.removeprefix("own/") if name.startswith("own/") else Path(folder) / name


def digest_of(config: Config, folder: Path, tokenizer: Tokenizer | None) -> str:
    """Names the corpus that ``prepare`` would make. Raises S2SError for a file that cannot be read."""
    data = config.data
    options = {k: v for k, v in to_dict(data).items() if k not in ("finish", "finish_from")}
    about = [FORMAT, config.task, config.src_language, config.tgt_language, options]
    digest = hashlib.sha256(json.dumps(about, sort_keys=True).encode())
    digest.update(tokenizer.model if tokenizer else b"")
    for name in (*data.train, *data.valid, *data.test, *data.held_out):
        path = locate(folder, name)
        try:
            with open(path, "rb") as file:
                digest.update(hashlib.file_digest(file, "sha256").digest())
        except FileNotFoundError:
            raise S2SError(f"There is no file {path}.") from None
        except OSError as error:
            raise S2SError(f"{path} cannot be read ({error.strerror}).") from None
    return digest.hexdigest()[:16]


# ------------------------------------------------------------------------------------------- making
def prepare(config: Config, folder: Path, out: Path, tokenizer: Tokenizer | None = None) -> None:
    """Read, clean, split, vary and encode; ``out`` appears whole or not at all."""
    task, data, report = TASKS[config.task], config.data, Report()
    digest = digest_of(config, folder, tokenizer)
    parts, valid, test = _read(config, folder, task, report)
    kept = sum(map(len, parts))
    if not kept or not valid:
        raise S2SError(
            f"Too little data: {kept} training and {len(valid)} validation pairs are left ({report})."
        )
    names = find_names(p for part in parts for p in part) if data.augment.names else {}
    tokenizer = tokenizer or _learn(config, parts, task)
    writer, groups = Writer(tokenizer.size), []
    for name, part in zip(data.train, parts, strict=True):
        before = len(writer)
        _encode(_plain(part, config), tokenizer, config, report, writer)
        plain = len(writer)
        _encode(_varied(name, part, config, names), tokenizer, config, report, writer)
        report.varied += len(writer) - plain
        groups.append(len(writer) - before)
    report.kept = len(writer)
    if not len(writer):
        raise S2SError(f"No training pair is left: {report}.")
    manifest = {"format": FORMAT, "digest": digest, "groups": groups, "report": str(report)}
    _write(out, manifest, writer.ids(), tokenizer, valid, test, task)


def _read(
    config: Config, folder: Path, task: Task, report: Report
) -> tuple[list[list[Pair]], list[Pair], list[Pair]]:
    """Clean training pairs by file, validation and test pairs; nothing held out is in training."""
    data = config.data
    src = data.columns.get("src", task.fields[0])
    tgt = data.columns.get("tgt", task.fields[1])

    def read(name: str) -> list[Pair]:
        kind, path = data.kinds.get(name, ""), locate(folder, name)
        return corpus.clean_pairs(read_pairs(path, src, tgt, task, kind, report), task, report)

    valid = [p for name in data.valid for p in read(name)]
    test = [p for name in data.test for p in read(name)]
    keys = corpus.held_out_keys(folder, data.held_out)
    parts = []
    for n, name in enumerate(data.train):
        part = read(name)
        if n == 0 and not (valid and test):
            rest, some_valid, some_test = corpus.split_by_source(part, data.split)
            # a given split stays; only the missing one is taken from training
            part = rest + (some_valid if valid else []) + (some_test if test else [])
            valid, test = valid or some_valid, test or some_test
        if n == 0:
            keys |= {corpus.pair_key(pair, task) for pair in valid + test}
        parts.append(corpus.without_held_out(part, keys, task, report))
    return parts, valid, test


def _learn(config: Config, parts: Sequence[Sequence[Pair]], task: Task) -> Tokenizer:
    """A vocabulary from what the model will read: every file by its share, variants included."""
    shares = config.data.share or (1.0,) * len(parts)
    texts: dict[str, None] = {}
    for name, part, share in zip(config.data.train, parts, shares, strict=True):
        rng = random.Random(name)
        some = part if share >= 1 else rng.sample(list(part), round(share * len(part)))
        for source, tgt in (*some, *_varied(name, some, config, {})):
            texts.update(dict.fromkeys((*source.parts, tgt)))
    return Tokenizer.train(texts, config.data.vocab, task.controls)


def _plain(part: Iterable[Pair], config: Config) -> Iterator[Pair]:
    """The pairs themselves; a share of them leave the kind of output open."""
    rng, task = random.Random("any kind"), TASKS[config.task]
    for source, tgt in part:
        if not is_template(source):
            is_open = rng.random() < config.data.augment.any_kind
            yield task.leave_open(source) if is_open else source, tgt


def _varied(name: str, part: Sequence[Pair], config: Config, names: Names) -> Iterator[Pair]:
    """What the config wants beside the pairs: templates filled, and variants."""
    wanted, seed = config.data.augment, f"{config.train.seed}/{name}"
    languages, rng = (config.src_language, config.tgt_language), random.Random(seed)
    plain = [pair for pair in part if not is_template(pair[0])]
    for pair in part if len(plain) < len(part) else ():
        if is_template(pair[0]):
            for _ in range(wanted.templates):
                yield fill(pair, languages, sorted(names) or ["Tom", "Mary"], rng)
    yield from variants_of(plain, wanted, config.tgt_language, names, seed)


def _encode(
    pairs: Iterator[Pair], tokenizer: Tokenizer, config: Config, report: Report, writer: Writer
) -> None:
    """Ids of clean pairs; what is too long or too unequal is dropped or cut, and counted."""
    for source, target in pairs:
        found = encode_pair(source, target, tokenizer, config.data, TASKS[config.task])
        if isinstance(found, str):
            report.dropped[found] += 1
        else:
            example, cut = found
            report.cut += cut > 0
            writer.add(example.src, example.tgt)


# ------------------------------------------------------------------------------------------ folders
def _write(
    out: Path,
    manifest: dict[str, object],
    ids: Ids,
    tokenizer: Tokenizer,
    valid: Sequence[Pair],
    test: Sequence[Pair],
    task: Task,
) -> None:
    temporary = out.with_name(f"{out.name}.{os.getpid()}.new")
    try:
        shutil.rmtree(temporary, ignore_errors=True)
        temporary.mkdir(parents=True)
        ids.save(temporary)
        (temporary / TOKENIZER).write_bytes(tokenizer.model)
        for part, pairs in (("valid", valid), ("test", test)):
            corpus.write_pairs(temporary / f"{part}.jsonl", pairs, task.fields)
        (temporary / MANIFEST).write_text(json.dumps(manifest, ensure_ascii=False, indent=1))
        shutil.rmtree(out, ignore_errors=True)
        temporary.replace(out)
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise S2SError(f"The corpus cannot be written to {out} ({error.strerror}).") from None


def load(folder: Path, config: Config) -> Prepared:
    """Open a prepared corpus. Raises S2SError if it is broken or of another format."""
    task = TASKS[config.task]
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        if manifest["format"] != FORMAT:
            raise S2SError(f"The corpus in {folder} is of another version; prepare it again.")
        groups, report, digest = manifest["groups"], manifest["report"], manifest["digest"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise S2SError(f"The corpus in {folder} cannot be read ({error}).") from None
    ids = Ids.load(folder)
    if sum(groups) != len(ids) or len(groups) != len(config.data.train):
        raise S2SError(f"The corpus in {folder} is not one of {config.name}.")
    valid, test = (
        [
            (task.read(task.parse(str(row[task.fields[0]]))), str(row[task.fields[1]]))
            for row in read_rows(folder / f"{part}.jsonl")
        ]
        for part in ("valid", "test")
    )
    tokenizer = Tokenizer.load(folder / TOKENIZER)
    return Prepared(ids, tuple(groups), valid, test, tokenizer, str(report), str(digest))
