"""``s2s toy``: data that anything can be tried on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def toy(
    name: Annotated[str, typer.Argument(help="reverse, sort, copy or dates.")],
    out: Annotated[Path, typer.Option(help="Folder for train.tsv and valid.tsv.")] = Path("data"),
    lines: Annotated[int, typer.Option(min=20, max=100_000, help="How many.")] = 3_000,
    held_out: Annotated[
        int, typer.Option(min=1, max=10_000, help="Of these, kept back for validation.")
    ] = 60,
    seed: Annotated[int, typer.Option(min=0, help="The same seed gives the same lines.")] = 0,
) -> None:
    """Write the lines of a toy task, for recipes such as toy-attention."""
    from s2s.data.toys import lines_of, write
    from s2s.training.folder import writing

    made = lines_of(name, lines, seed)
    with writing(out):
        write(out, made, held_out)
    print(out)
