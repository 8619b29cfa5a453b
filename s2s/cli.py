"""Command line: ``python -m s2s --help`` lists the commands.

Bad input ends with one sentence on stderr and exit code 2.
"""

from __future__ import annotations

import json
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand

from s2s.commands.add import add
from s2s.commands.align import align
from s2s.commands.export import export
from s2s.commands.index import index
from s2s.commands.recipe import DataOption, RecipeArgument, RecipeSet, recipe_of
from s2s.commands.toy import toy
from s2s.commands.train import train
from s2s.commands.tune import tune
from s2s.errors import S2SError

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Sequence to sequence, seen through.",
)

CheckpointOption = Annotated[
    str,
    typer.Option("--checkpoint", "-c", help="A checkpoint folder, or the name of a shipped one."),
]
DeviceOption = Annotated[str, typer.Option(help="cpu, cuda or mps.")]
PrecisionOption = Annotated[str, typer.Option(help="fp32, bf16, int8, or auto: the fastest safe.")]
KindOption = Annotated[
    str, typer.Option(help="What is asked for, where a model knows several kinds of output.")
]
SearchSet = Annotated[
    list[str] | None,
    typer.Option("--set", help="Another search option, key=value, e.g. alpha=0.6; repeatable."),
]


class WithOptions(TyperCommand):
    """A command whose help ends with every option that ``--set`` takes."""

    def format_help(self, ctx: Any, formatter: Any) -> None:
        from s2s.config import Config, RerankOptions, SearchOptions, describe
        from s2s.terminal import listing

        super().format_help(ctx, formatter)
        groups = (
            (Config,)
            if ctx.info_name in ("train", "prepare", "tune")
            else (SearchOptions, RerankOptions)
        )
        rows = [row for group in groups for row in describe(group)]
        formatter.write(f"Options for --set:\n{listing(rows)}\n")


@app.command("list")
def list_() -> None:
    """List checkpoints with their scores, then recipes."""
    from s2s.checkpoint import score_of, survey, where
    from s2s.tasks import TASKS
    from s2s.training.recipes import RECIPES

    found = survey()
    print("Checkpoints" if found else f"Checkpoints: none in {where()}")
    for entry in found:
        if entry.config:
            key, title = TASKS[entry.config.task].headline
            score = score_of(entry.metrics, key)
            known = "" if score is None else f" · {title} {score:g}"
            print(f"  {entry.folder.name:28} {entry.config.title}{known}")
        if entry.problem:
            print(f"  {entry.folder.name:28} cannot be used as it is: {entry.problem}")
    print("Recipes")
    for name, config in RECIPES.items():
        print(f"  {name:28} {config.title}")


@app.command("options")
def options_(
    group: Annotated[
        str, typer.Argument(help="search, rerank, train, data or model; left out: all of a run.")
    ] = "",
    name: Annotated[str, typer.Argument(help="With model: the architecture.")] = "",
    schema_: Annotated[
        bool, typer.Option("--schema", help="Print the JSON schema instead.")
    ] = False,
) -> None:
    """List options: what each means, its range and its default."""
    from s2s import config
    from s2s.models import MODELS
    from s2s.terminal import listing

    groups = {
        "": config.Config,
        "search": config.SearchOptions,
        "rerank": config.RerankOptions,
        "train": config.TrainConfig,
        "data": config.DataConfig,
    }
    if group == "model" and name in MODELS:
        chosen = MODELS[name].config_class
    elif group == "model":
        raise S2SError(f"options model wants {' or '.join(MODELS)}, not {name!r}.")
    elif group in groups and not name:
        chosen = groups[group]
    else:
        raise S2SError(f"options wants search, rerank, train, data or model, not {group!r}.")
    if schema_:
        print(json.dumps(config.schema(chosen), indent=2, ensure_ascii=False))
    else:
        print(listing(config.describe(chosen, f"{group}." if group else "")))


@app.command(cls=WithOptions)
def prepare(
    recipe: RecipeArgument,
    data: DataOption = Path("data"),
    out: Annotated[
        Path | None,
        typer.Option(help="A folder for the corpus, which train takes as --data; the cache."),
    ] = None,
    set_: RecipeSet = None,
) -> None:
    """Read, clean, split, vary and encode a recipe's data, and print the folder that holds them."""
    from s2s import checkpoint
    from s2s.data.prepared import cache_folder, digest_of, load
    from s2s.data.prepared import prepare as run

    config = recipe_of(recipe, set_)
    given = checkpoint.load(config.train.init).tokenizer if config.train.init else None
    out = out or cache_folder() / digest_of(config, data, given)
    run(config, data, out, given)
    print(load(out, config).report, file=sys.stderr)
    print(out)


@app.command(cls=WithOptions)
def generate(
    checkpoint: CheckpointOption,
    beam: Annotated[int | None, typer.Option(help="Beam size; 1 is greedy.")] = None,
    nbest: Annotated[int, typer.Option(min=1, help="Outputs a line, separated by tabs.")] = 1,
    json_: Annotated[
        bool, typer.Option("--json", help="One JSON object a line: everything.")
    ] = False,
    attention: Annotated[
        bool, typer.Option("--attention", help="With --json: weights too.")
    ] = False,
    kind: KindOption = "",
    device: DeviceOption = "cpu",
    engine: Annotated[
        str, typer.Option(help="Who answers: default, ctranslate2, or ray: a cluster.")
    ] = "default",
    exported: Annotated[
        Path | None, typer.Option(help="With ctranslate2 or ray: an export to CTranslate2.")
    ] = None,
    precision: PrecisionOption = "auto",
    set_: SearchSet = None,
) -> None:
    """Read lines from stdin, write one output line for each.

    A line is a text; for a dialogue model the turns so far, separated by tabs. Text is UTF-8, or what a
    byte order mark says; a line that is neither gets a warning, and exit code 2 at the end.
    """
    from s2s.bulk.engines import answers
    from s2s.bulk.job import Job
    from s2s.terminal import Asked, Lines, blocks, warn

    asked = Asked.of(beam, nbest, set_)
    if attention and not json_:
        raise S2SError("--attention needs --json.")
    lines = Lines(sys.stdin.buffer, warn)
    job = Job(checkpoint, asked, kind, json_, attention, device, exported, precision)
    for answered in answers(engine, job, blocks(lines)):
        for warning in answered.warnings:
            warn(warning)
        for line in answered.lines:
            print(line)
        sys.stdout.flush()
    lines.check()


@app.command(cls=WithOptions)
def evaluate(
    checkpoint: CheckpointOption,
    data: Annotated[Path, typer.Option(help="A .tsv or .jsonl file, plain or .gz.")],
    src: Annotated[str | None, typer.Option(help="Source column.")] = None,
    tgt: Annotated[str | None, typer.Option(help="Target column.")] = None,
    beam: Annotated[int | None, typer.Option(help="Beam size; 1 is greedy.")] = None,
    save: Annotated[
        str | None, typer.Option(help="Also keep the report in metrics.json, under this name.")
    ] = None,
    kind: KindOption = "",
    device: DeviceOption = "cpu",
    precision: PrecisionOption = "auto",
    set_: SearchSet = None,
) -> None:
    """Decode a file and print one JSON object with scores and speed.

    Rows with the same source count as references of one sentence.
    """
    from s2s.checkpoint import METRICS, write_json
    from s2s.evaluate import evaluate as run
    from s2s.pipeline import Pipeline
    from s2s.terminal import Asked, check_kind, warn

    asked = Asked.of(beam, 1, set_)
    pipeline = Pipeline(checkpoint, device, precision)
    check_kind(pipeline.task, kind)
    report = run(pipeline, data, src, tgt, *asked.on(pipeline.config), kind)
    if save:
        folder, metrics = pipeline.checkpoint.folder, pipeline.checkpoint.metrics
        tests = metrics.get("tests", {}) | {save: report}
        write_json(folder / METRICS, metrics | {"tests": tests})
    for warning in report["warnings"]:
        warn(warning)
    print(json.dumps(report, ensure_ascii=False))


app.command(cls=WithOptions)(train)
app.command(cls=WithOptions)(tune)
app.command()(align)
app.command()(export)
app.command()(index)
app.command()(toy)
app.command()(add)


def main() -> None:
    """Run the command line; every foreseen error is one sentence and exit code 2."""
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8")
    try:
        code = app(sys.argv[1:] or ["--help"], standalone_mode=False)
    except S2SError as error:
        sentence = str(error)
    except (typer.Abort, KeyboardInterrupt):
        sys.exit(130)
    except typer.TyperException as error:  # a wrong option or command
        message = getattr(error, "format_message", error.__str__)
        sentence = message()
    except BrokenPipeError:  # the reader of our output has gone
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
    else:
        sys.exit(code if isinstance(code, int) else 0)
    print(" ".join(sentence.split()), file=sys.stderr)
    sys.exit(2)
