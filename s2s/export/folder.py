"""The folder that a model leaves in: empty at first, and with a note on how to use what is in it."""

from __future__ import annotations

from pathlib import Path

from s2s.checkpoint import Checkpoint
from s2s.errors import S2SError
from s2s.models.transformer import Transformer
from s2s.tasks import TASKS

README = "README.md"


def make(out: Path) -> Path:
    """The folder, made if it is not there. Raises S2SError if anything is in it, or it cannot be made."""
    try:
        out.mkdir(parents=True, exist_ok=True)
        used = any(out.iterdir())
    except OSError as error:
        raise S2SError(f"The folder {out} cannot be used ({error.strerror}).") from None
    if used:
        raise S2SError(f"The folder {out} is not empty; an export wants one of its own.")
    return out


def transformer_of(checkpoint: Checkpoint, target: str) -> Transformer:
    """The model, if it is one that other libraries have too. Raises S2SError."""
    if checkpoint.foreign:
        raise S2SError(f"{checkpoint.folder.name} is a model of transformers already.")
    if not isinstance(checkpoint.model, Transformer):
        raise S2SError(
            f"{target} has no recurrent encoder-decoders, and {checkpoint.config.name} is one; "
            "--to onnx takes every model."
        )
    return checkpoint.model


def note(checkpoint: Checkpoint, title: str, usage: str) -> str:
    """The README of an export: what it is, how it is used, what s2s does besides."""
    config = checkpoint.config
    lines = [
        f"# {config.title or config.name}, for {title}",
        "",
        f"Made by `s2s export -c {config.name}` from weights {checkpoint.digest} "
        "(first digits of their SHA-256).",
        "",
        usage.strip(),
        "",
        "## What s2s does besides",
        "",
        *(f"- {line}" for line in besides(checkpoint)),
    ]
    return "\n".join(lines) + "\n"


def besides(checkpoint: Checkpoint) -> list[str]:
    """What happens to a text before and after the model, which the export does not do."""
    config, task = checkpoint.config, TASKS[checkpoint.config.task]
    found = [
        "Text is cleaned: NFC; control and format characters out; any white space to one space; ’ to ' "
        "(`s2s.text.cleaning.clean`)."
    ]
    if task.split_sentences:
        found.append(
            "A text is cut into sentences, which are decoded each by itself and joined again with the "
            "white space between them (`s2s.text.sentences.split_text`)."
        )
    if not config.data.augment.capitals:
        found.append(
            "The model never saw text in capitals throughout: such is read in ordinary case, and the "
            "output put into capitals (`s2s.text.capitals`)."
        )
    if task.controls or task.kinds:
        found.append(
            f"A source of a {task.name} model begins with control tokens that no text yields: take ids "
            "from `TASKS[name].encode` of `s2s.tasks`."
        )
    found.append(
        f"At most {config.data.max_src} source tokens are read, the end included, and an output is cut "
        "after twice the source's tokens plus ten."
    )
    if config.search.length_norm == "gnmt" or config.search.coverage or config.search.block_ngram:
        found.append(
            "This model's own search options go beyond a plain beam; other libraries' outputs differ."
        )
    return found
