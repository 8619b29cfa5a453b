"""Command line: ``python -m s2s train | evaluate | generate | list``.

Bad input ends with one sentence on stderr and exit code 2.
"""

from __future__ import annotations

import dataclasses
import json
import os
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from s2s.errors import S2SError

app = typer.Typer(
    add_completion=False,
    pretty_exceptions_enable=False,
    help="Sequence to sequence, seen through.",
)
BLOCK = 256  # input lines decoded together

CheckpointOption = Annotated[
    str,
    typer.Option("--checkpoint", "-c", help="A checkpoint folder, or the name of a shipped one."),
]
DeviceOption = Annotated[str, typer.Option(help="cpu, cuda or mps.")]
KindOption = Annotated[
    str, typer.Option(help="Summaries: headline, compression, dialogue, software, subject, any.")
]
SearchSet = Annotated[
    list[str] | None,
    typer.Option("--set", help="Another search option, key=value, e.g. alpha=0.6; repeatable."),
]


@app.command("list")
def list_() -> None:
    """List checkpoints with their scores, then recipes."""
    from s2s.checkpoint import available, read_config, read_metrics
    from s2s.training.recipes import RECIPES

    print("Checkpoints")
    for folder in available():
        config, scores = read_config(folder), read_metrics(folder)
        test = next(iter(scores.get("tests", {}).values()), {})
        print(f"  {folder.name:28} {config.title}" + _headline(test))
    print("Recipes")
    for name, config in RECIPES.items():
        print(f"  {name:28} {config.title}")


def _headline(test: dict) -> str:
    """The number that a report is known by."""
    for name, title in (("bleu", "BLEU"), ("rouge1", "ROUGE-1"), ("perplexity", "perplexity")):
        if name in test:
            return f" · {title} {test[name]}"
    return ""


@app.command()
def train(
    recipe: Annotated[str, typer.Argument(help="Name of a recipe; see `list`.")],
    data: Annotated[Path, typer.Option(help="Folder that the recipe's files are in.")] = Path(
        "data"
    ),
    out: Annotated[
        Path | None, typer.Option(help="Where the checkpoint goes; runs/RECIPE.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with an interrupted run.")
    ] = False,
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set", help="Override an option, key=value, e.g. train.steps=500; repeatable."
        ),
    ] = None,
) -> None:
    """Train a recipe. Ctrl-C saves; --resume goes on as if nothing had happened."""
    from s2s.config import override
    from s2s.training.loop import train as run
    from s2s.training.recipes import RECIPES

    if recipe not in RECIPES:
        raise S2SError(f"Unknown recipe {recipe!r}; known: {', '.join(RECIPES)}.")
    config = override(RECIPES[recipe], set_ or [])
    out = out or Path("runs") / config.name
    first = os.environ.get("RANK", "0") == "0"  # of several processes, one speaks
    show(run(config, data, out, resume), Console(stderr=True, quiet=not first))
    if first:
        print(out)


@app.command()
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
    set_: SearchSet = None,
) -> None:
    """Read lines from stdin, write one output line for each.

    A line is a text; for a dialogue model the turns so far, separated by tabs.
    """
    from s2s.export.json import as_json
    from s2s.pipeline import Pipeline
    from s2s.text.source import Source

    named = _options(beam, nbest, set_)
    if attention and not json_:
        raise S2SError("--attention needs --json.")
    pipeline = Pipeline(checkpoint, device)
    options, ranking = _merge(pipeline.config, *named, nbest)
    _check_kind(pipeline.task, kind)
    for block in _blocks(_lines()):
        sources = [Source((line,), kind) if kind else pipeline.task.parse(line) for line in block]
        results = pipeline.batch(sources, options, record=attention, rerank=ranking)
        for result in results:
            if json_:
                print(json.dumps(as_json(result, nbest, attention), ensure_ascii=False))
                continue
            for warning in result.warnings:
                print(f"warning: {warning}", file=sys.stderr)
            print("\t".join(_flat(text) for text in _nbest(result, nbest)))
        sys.stdout.flush()


@app.command()
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
    set_: SearchSet = None,
) -> None:
    """Decode a file and print one JSON object with scores and speed.

    Rows with the same source count as references of one sentence.
    """
    from s2s.checkpoint import METRICS, write_json
    from s2s.evaluate import evaluate as run
    from s2s.pipeline import Pipeline

    named = _options(beam, 1, set_)
    pipeline = Pipeline(checkpoint, device)
    _check_kind(pipeline.task, kind)
    report = run(pipeline, data, src, tgt, *_merge(pipeline.config, *named), kind)
    if save:
        folder, metrics = pipeline.checkpoint.folder, pipeline.checkpoint.metrics
        tests = metrics.get("tests", {}) | {save: report}
        write_json(folder / METRICS, metrics | {"tests": tests})
    print(json.dumps(report, ensure_ascii=False))


def show(run: Iterable, console: Console) -> None:
    """Draw a run of training until it ends."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("preparing data", total=None)
        for p in run:
            bar.update(task, total=p.steps, completed=p.step, description=f"epoch {p.epoch + 1}")
            line = (
                f"step {p.step:>6}/{p.steps}  loss {p.loss:.3f}  nll {p.nll:.3f}  "
                f"grad {p.grad_norm:.2f}  lr {p.lr:.1e}  {p.tokens_per_second:,.0f} tokens/s  "
                f"{p.seconds_left / 60:.0f} min left"
            )
            console.print(line, highlight=False, markup=False, soft_wrap=True)
            if p.metric is not None:
                console.print(
                    f"  validation {p.metric:.2f} (best {p.best:.2f})  {p.sample[0]} → {p.sample[1]}",
                    highlight=False,
                    markup=False,
                )
            if p.note:
                console.print(f"  {p.note}", highlight=False, markup=False)


def _spread(arguments: list[str]) -> list[str]:
    """``--set a=1 b=2`` means ``--set a=1 --set b=2``."""
    out: list[str] = []
    setting = False
    for argument in arguments:
        is_pair = "=" in argument and not argument.startswith("-")
        if setting and is_pair and out[-1] != "--set":
            out.append("--set")
        setting = argument == "--set" or (setting and is_pair)
        out.append(argument)
    return out


def _options(beam: int | None, nbest: int, assignments: list[str] | None) -> tuple[dict, dict]:
    """Search and re-ranking options named on the command line, checked before any model is loaded."""
    from s2s.config import RerankOptions, SearchOptions, override

    given = assignments or []
    of_ranking = [a for a in given if a.partition("=")[0].strip() == "mutual"]
    search = _named(SearchOptions(), [a for a in given if a not in of_ranking], override)
    if beam is not None:
        search["beam"] = beam
    if nbest > search.get("beam", nbest):
        raise S2SError(f"--nbest {nbest} needs a beam of at least {nbest}.")
    SearchOptions(**search)
    return search, _named(RerankOptions(), of_ranking, override)


def _named(defaults, assignments: list[str], override) -> dict:
    """The options that the assignments name, and no others."""
    values = dataclasses.asdict(override(defaults, assignments))
    return {name: values[name] for name in (a.partition("=")[0].strip() for a in assignments)}


def _check_kind(task, kind: str) -> None:
    if kind and kind not in task.kinds:
        known = ", ".join(task.kinds) or "none"
        raise S2SError(f"A {task.name} model has no kind {kind!r}; known: {known}.")


def _merge(config, search: dict, ranking: dict, nbest: int = 1) -> tuple:
    """The checkpoint's own options with those of the command line on top."""
    options = dataclasses.replace(config.search, **search)
    options = dataclasses.replace(options, beam=max(options.beam, nbest))
    return options, dataclasses.replace(config.rerank, **ranking)


def _lines() -> Iterator[str]:
    """Lines of stdin; bytes that are not UTF-8 become U+FFFD."""
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", "replace").rstrip("\r\n")


def _blocks(lines: Iterator[str]) -> Iterator[list[str]]:
    while block := list(islice(lines, BLOCK)):
        yield block


def _nbest(result, n: int) -> list[str]:
    """n-best outputs: of one sentence its hypotheses; of several, the n-th best of each joined."""
    if not result.sentences:
        return [""]
    if n == 1:
        return [result.text]
    most = max(len(s.outputs) for s in result.sentences)
    return [
        " ".join(s.outputs[min(i, len(s.outputs) - 1)] for s in result.sentences)
        for i in range(min(n, most))
    ]


def _flat(text: str) -> str:
    """One line, no tabs: the output format's own marks."""
    return " ".join(text.split())


def main() -> None:
    """Run the command line; every foreseen error is one sentence and exit code 2."""
    sys.stdout.reconfigure(encoding="utf-8")
    try:
        code = app(_spread(sys.argv[1:]) or ["--help"], standalone_mode=False)
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
