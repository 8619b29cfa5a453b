"""``s2s add``: a model of Hugging Face becomes a checkpoint."""

from __future__ import annotations

import re
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from s2s.errors import S2SError

if TYPE_CHECKING:
    from s2s.checkpoint import Checkpoint
    from s2s.config import Config

HUB = re.compile(r"[\w.-]+(/[\w.-]+)?")
TIMEOUT = 20  # seconds
INSIDE = "huggingface"  # the copy's place in a checkpoint
PATTERNS = ["*.json", "*.safetensors", "*.model", "*.spm", "*.txt"]


def add(
    source: Annotated[
        str, typer.Argument(help="A folder in the form of the hub, or with --download a hub name.")
    ],
    name: Annotated[str, typer.Option(help="The checkpoint's name; the folder's own.")] = "",
    task: Annotated[
        str, typer.Option(help="translation, dialogue or summarization; as its family mostly does.")
    ] = "",
    src: Annotated[str, typer.Option(help="Source language: en, or as the tokenizer has it.")] = "",
    tgt: Annotated[str, typer.Option(help="Target language.")] = "",
    prefix: Annotated[
        str | None,
        typer.Option(help="Text in front of every source; for T5 made from the languages."),
    ] = None,
    copy: Annotated[
        bool, typer.Option("--copy", help="Copy the folder, else the checkpoint refers to it.")
    ] = False,
    download: Annotated[
        bool, typer.Option("--download", help="Fetch a hub name over the network.")
    ] = False,
) -> None:
    """Open a Hugging Face encoder-decoder: afterwards it is a checkpoint like any other.

    Weights in safetensors only; nothing is fetched without --download; no code of others is run.
    """
    from s2s.checkpoint import shipped
    from s2s.models.huggingface.defaults import config_of, left_out
    from s2s.models.huggingface.folder import Folder
    from s2s.tasks import TASKS

    if task and task not in TASKS:
        raise S2SError(f"--task must be {' or '.join(TASKS)}, not {task[:100]!r}.")
    path = _folder(source, download)
    folder = Folder(path)
    name = name or (Path(source).name if download else path.name)
    if not re.fullmatch(r"[\w][\w.-]{0,99}", name):
        raise S2SError(f"A name is made of letters, digits, dots and dashes, not {name[:100]!r}.")
    home = shipped() / name
    if home.exists():
        raise S2SError(f"{home} is there already; --name gives another name.")
    config = config_of(folder, INSIDE if copy else str(path), name, task, src, tgt, prefix)
    found = _written(home, config, path if copy else None)
    key = TASKS[config.task].hub.key.format(config.src_language, config.tgt_language)
    said = folder.settings(key)
    for setting in left_out(said):
        print(f"Not taken over from its generation config: {setting}.", file=sys.stderr)
    print(f"{home}  {config.title}  {found.parameters / 1e6:.1f} million parameters")


def _written(home: Path, config: Config, copied: Path | None) -> Checkpoint:
    """The new checkpoint, loaded; what cannot be opened is not left behind. Raises S2SError."""
    from s2s.checkpoint import CONFIG, load, write_json
    from s2s.config import to_dict
    from s2s.migration import FORMAT
    from s2s.models.huggingface.folder import files

    try:
        home.mkdir(parents=True)
        if copied is not None:
            (home / INSIDE).mkdir()
            for file in files(copied):
                shutil.copyfile(file, home / INSIDE / file.name)
        write_json(home / CONFIG, {"format": FORMAT} | to_dict(config))
        return load(home)
    except BaseException as error:
        shutil.rmtree(home, ignore_errors=True)
        if isinstance(error, OSError):
            raise S2SError(f"{home} cannot be written ({error.strerror}).") from None
        raise


def _folder(source: str, download: bool) -> Path:
    """The folder that is meant. Raises S2SError."""
    from s2s.models.huggingface.folder import library

    path = Path(source).expanduser()
    try:
        if path.is_dir():
            return path.resolve()
    except (OSError, ValueError):
        pass
    if not HUB.fullmatch(source):
        raise S2SError(f"There is no folder {source[:200]!r}.")
    if not download:
        raise S2SError(
            f"There is no folder {source!r}; to fetch a model of this name from the Hugging Face hub, "
            "add --download."
        )
    library()
    return _fetched(source)


def _fetched(name: str) -> Path:
    """A model of the hub, in the hub's own cache; progress is shown by its library. Raises S2SError."""
    from huggingface_hub import HfApi, snapshot_download

    from s2s.models.huggingface.folder import CONVERT

    try:
        there = HfApi().model_info(name, timeout=TIMEOUT).siblings or []
        if any(file.rfilename.endswith(".safetensors") for file in there):
            return Path(snapshot_download(name, allow_patterns=PATTERNS)).resolve()
    except Exception as error:  # its errors are of many kinds
        raise S2SError(_why(name, error)) from None
    raise S2SError(CONVERT.format(f"{name} on the hub"))


def _why(name: str, error: Exception) -> str:
    """One sentence about a model that could not be fetched."""
    kind = type(error).__name__
    if "NotFound" in kind or "Gated" in kind:
        return f"The hub has no model {name!r} that is open to you."
    return (
        f"The hub cannot be reached ({kind}), so {name!r} was not fetched; folders need no network."
    )
