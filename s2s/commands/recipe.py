"""What commands that begin with a recipe share: its name, its data and what ``--set`` changes of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from s2s.errors import S2SError

if TYPE_CHECKING:
    from s2s.config import Config

RecipeArgument = Annotated[str, typer.Argument(help="Name of a recipe; see `list`.")]
DataOption = Annotated[
    Path, typer.Option(help="Folder that the recipe's files are in, or a prepared corpus.")
]
RecipeSet = Annotated[
    list[str] | None,
    typer.Option("--set", help="Override an option, key=value, e.g. train.steps=500; repeatable."),
]


def recipe_of(name: str, assignments: list[str] | None) -> Config:
    """A recipe with what the command line changes. Raises S2SError."""
    from s2s.checkpoint import check
    from s2s.config import override
    from s2s.training.recipes import RECIPES

    if name not in RECIPES:
        raise S2SError(f"Unknown recipe {name!r}; known: {', '.join(RECIPES)}.")
    config = override(RECIPES[name], assignments or [])
    check(config)
    return config
