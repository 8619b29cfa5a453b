"""``s2s train``: a recipe becomes a checkpoint."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from s2s.commands.recipe import DataOption, RecipeArgument, RecipeSet, recipe_of
from s2s.errors import S2SError


def train(
    recipe: RecipeArgument,
    data: DataOption = Path("data"),
    out: Annotated[
        Path | None, typer.Option(help="Where the checkpoint goes; runs/RECIPE.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run.")
    ] = False,
    anyway: Annotated[
        bool, typer.Option("--anyway", help="With --resume: even though the data have changed.")
    ] = False,
    watch: Annotated[
        int,
        typer.Option(
            min=0,
            max=100,
            help="Validation sources whose outputs and attention go to watched.jsonl as it learns.",
        ),
    ] = 0,
    attended: Annotated[
        bool,
        typer.Option("--attended", help="End with the standard input; nice, and of bounded size."),
    ] = False,
    set_: RecipeSet = None,
) -> None:
    """Train a recipe. Ctrl-C saves; --resume goes on as if nothing had happened."""
    from s2s.terminal import show
    from s2s.training.attended import attend
    from s2s.training.loop import train as run

    if anyway and not resume:
        raise S2SError("--anyway needs --resume.")
    if attended:
        attend()
    config = recipe_of(recipe, set_)
    out = out or Path("runs") / config.name
    first = os.environ.get("RANK", "0") == "0"  # of several processes, one speaks
    steps = run(config, data, out, resume, anyway, watch)
    show(steps, Console(stderr=True, quiet=not first))
    if first:
        print(out)
