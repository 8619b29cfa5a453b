"""A run's corpus, read, split, varied and encoded once, and then mapped into memory.

``prepare`` makes a folder from the files that a config names; ``load`` opens one. The folder is named
by a digest of the files, the options and the tokenizer that it was made from, so a second start finds it.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from s2s.config import Config, to_dict
from s2s.data.ids import Ids
from s2s.data.preparation import MANIFEST, TOKENIZER, locate, make
from s2s.data.reading import Pair, read_rows
from s2s.errors import S2SError
from s2s.tasks import TASKS
from s2s.text.tokenizer import Tokenizer

FORMAT = 2  # goes up whenever the same files would give another corpus


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

    tokenizer: one to encode with; None: ``data.tokenizer``, or learn one. ``folder`` may also be a prepared corpus itself.
    """
    if is_prepared(folder):
        found = load(folder, config)
        if tokenizer and tokenizer.model != found.tokenizer.model:
            raise S2SError(f"The corpus in {folder} was prepared with another vocabulary.")
        return found
    cached = cache_folder() / digest_of(config, folder, tokenizer)
    if not is_prepared(cached):
        prepare(config, folder, cached, tokenizer)
    return load(cached, config)


def is_prepared(folder: Path) -> bool:
    """Whether a folder is a prepared corpus."""
    return (folder / MANIFEST).is_file()


def cache_folder() -> Path:
    """Where prepared corpora are kept: $S2S_CACHE, else s2s below the user's cache."""
    root = os.environ.get("S2S_CACHE")
    base = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return Path(root) if root else base / "s2s" / "corpora"


def prepare(config: Config, folder: Path, out: Path, tokenizer: Tokenizer | None = None) -> None:
    """Make a corpus; ``out`` appears whole or not at all. Raises S2SError for what cannot be read."""
    digest = digest_of(config, folder, tokenizer)
    about = {"format": FORMAT, "digest": digest, "options": _options(config)}
    make(config, folder, out, about, tokenizer or _named(config, folder))


def digest_of(config: Config, folder: Path, tokenizer: Tokenizer | None) -> str:
    """Names the corpus that ``prepare`` would make. Raises S2SError for a file that cannot be read."""
    if is_prepared(folder):
        return load(folder, config).digest
    data, tokenizer = config.data, tokenizer or _named(config, folder)
    about = json.dumps([FORMAT, _options(config)], sort_keys=True)
    digest = hashlib.sha256(about.encode())
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


def _named(config: Config, folder: Path) -> Tokenizer | None:
    """The tokenizer that the config names, if it does. Raises S2SError."""
    name, vocab = config.data.tokenizer, config.data.vocab
    if not name:
        return None
    found = Tokenizer.load(locate(folder, name))
    if found.size != vocab:
        raise S2SError(f"{name} has {found.size} pieces, but data.vocab is {vocab}.")
    return found


def _options(config: Config) -> dict[str, Any]:
    """What a corpus hangs on beside files and tokenizer, as JSON gives it back."""
    data = {k: v for k, v in to_dict(config.data).items() if k not in ("finish", "finish_from")}
    about = {"task": config.task, "from": config.src_language, "to": config.tgt_language}
    return json.loads(json.dumps(about | data))


def load(folder: Path, config: Config) -> Prepared:
    """Open a prepared corpus. Raises S2SError if it is broken, of another version or of another run."""
    task = TASKS[config.task]
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        version, made = manifest["format"], manifest.get("options", {})
        groups, report, digest = manifest["groups"], manifest["report"], manifest["digest"]
        pairs = sum(groups)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise S2SError(f"The corpus in {folder} cannot be read ({error}).") from None
    if version != FORMAT:
        raise S2SError(f"The corpus in {folder} is of another version; prepare it again.")
    wanted = _options(config)
    other = [k for k in wanted if wanted[k] != made.get(k)]
    if other:
        raise S2SError(
            f"The corpus in {folder} was prepared with other options: {', '.join(other)}."
        )
    ids = Ids.load(folder)
    if pairs != len(ids):
        raise S2SError(f"The corpus in {folder} is broken.")
    valid, test = (
        [
            (task.read(task.parse(row[task.fields[0]])), row[task.fields[1]])
            for row in read_rows(folder / f"{part}.jsonl")
        ]
        for part in ("valid", "test")
    )
    tokenizer = Tokenizer.load(folder / TOKENIZER)
    return Prepared(ids, tuple(groups), valid, test, tokenizer, str(report), str(digest))
