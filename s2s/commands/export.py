"""``s2s export``: a model for other people's runtimes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from s2s.errors import S2SError


def export(
    checkpoint: Annotated[
        str,
        typer.Option(
            "--checkpoint", "-c", help="A checkpoint folder, or the name of a shipped one."
        ),
    ],
    to: Annotated[str, typer.Option(help="huggingface, ctranslate2 or onnx.")],
    out: Annotated[Path, typer.Option(help="An empty folder, or one to be made.")],
) -> None:
    """Write a model as another library reads it: transformers, CTranslate2 or ONNX."""
    from s2s.checkpoint import load
    from s2s.export import ctranslate2, huggingface, onnx

    targets = {
        "huggingface": huggingface.export,
        "ctranslate2": ctranslate2.export,
        "onnx": onnx.export,
    }
    if to not in targets:
        raise S2SError(f"--to must be {' or '.join(targets)}, not {to!r}.")
    targets[to](load(checkpoint), out)
    print(out)
