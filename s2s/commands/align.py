"""``s2s align``: which attention head is the aligner."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer


def align(
    checkpoint: Annotated[str, typer.Argument(help="A checkpoint folder or name.")],
    gold: Annotated[
        Path, typer.Option(help="Gold alignments: rows with src, tgt, sure, possible.")
    ],
    pairs: Annotated[
        Path | None, typer.Option(help="Texts for the aligner without a network, IBM model 1.")
    ] = None,
    most: Annotated[
        int, typer.Option(min=1, help="How many of these texts, drawn by chance.")
    ] = 50_000,
    device: Annotated[str, typer.Option(help="cpu, cuda or mps.")] = "cpu",
) -> None:
    """Rank every attention head by its alignment error rate; keep the table in metrics.json."""
    from s2s.analysis.ranking import report
    from s2s.checkpoint import METRICS, write_json
    from s2s.pipeline import Pipeline

    pipeline = Pipeline(checkpoint, device)
    found = report(pipeline, gold, pairs, most)
    folder, metrics = pipeline.checkpoint.folder, pipeline.checkpoint.metrics
    write_json(folder / METRICS, metrics | {"alignment": found})
    print(json.dumps(found | {"heads": found["heads"][:5]}, ensure_ascii=False))
