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
    quantization: Annotated[
        str, typer.Option(help="With ctranslate2: float32, float16 or int8 in the file.")
    ] = "float32",
) -> None:
    """Write a model as another library reads it: transformers, CTranslate2 or ONNX."""
    from s2s.checkpoint import load
    from s2s.export import ctranslate2, huggingface, onnx

    targets = {
        "huggingface": huggingface.export,
        "ctranslate2": lambda found, out: ctranslate2.export(found, out, quantization),
        "onnx": onnx.export,
    }
    if to not in targets:
        raise S2SError(f"--to must be {' or '.join(targets)}, not {to!r}.")
    if quantization not in ctranslate2.PRECISIONS:
        known = " or ".join(ctranslate2.PRECISIONS)
        raise S2SError(f"--quantization must be {known}, not {quantization!r}.")
    if quantization != "float32" and to != "ctranslate2":
        raise S2SError("--quantization needs --to ctranslate2.")
    found = load(checkpoint)
    if found.foreign:
        raise S2SError(
            f"{found.folder.name} is a model of transformers already; export that folder."
        )
    targets[to](found, out)
    print(out)
