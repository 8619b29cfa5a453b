"""``s2s index``: what a model saw in training, for the Attention lab's question where it saw the like."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def index(
    checkpoint: Annotated[str, typer.Argument(help="A checkpoint folder or name.")],
    data: Annotated[Path, typer.Option(help="Folder that its training files are in.")],
    file: Annotated[
        list[str] | None,
        typer.Option(help="Draw from this training file alone; repeatable. All, if left out."),
    ] = None,
    pairs: Annotated[int, typer.Option(min=1, max=1_000_000, help="Pairs drawn by chance.")] = (
        10_000
    ),
    dimensions: Annotated[
        int, typer.Option(min=2, max=512, help="Principal components kept of each state.")
    ] = 24,
    credit: Annotated[
        str, typer.Option(help="Whose texts these are, and their licence; shown beside them.")
    ] = "",
    seed: Annotated[int, typer.Option(min=0, help="Of the draw.")] = 0,
    device: Annotated[str, typer.Option(help="cpu, cuda or mps.")] = "cpu",
) -> None:
    """Keep states of training pairs beside a checkpoint, so that the lab finds where it saw the like."""
    from rich.console import Console
    from rich.progress import track

    from s2s.analysis.collecting import collect, draw
    from s2s.analysis.index import write
    from s2s.pipeline import Pipeline

    pipeline = Pipeline(checkpoint, device)
    drawn = draw(pipeline, data, file or [], pairs, seed)
    slices = collect(pipeline, drawn, dimensions, credit)
    total = -(-len(drawn) // 64) + 1
    *_, last = track(slices, "States", total, console=Console(stderr=True), transient=True)
    assert last.index is not None
    assert last.report is not None
    size = write(pipeline.checkpoint.folder, last.index, pipeline.checkpoint.digest)
    print(json.dumps(last.report | {"bytes": size}))
