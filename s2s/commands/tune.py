"""``s2s tune``: which options train best, tried out; and a report of what was tried."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from s2s.commands.recipe import DataOption, RecipeArgument, RecipeSet, recipe_of

if TYPE_CHECKING:
    from s2s.config import Config
    from s2s.training.tuning import Pruner, Space, Study, Trial

REPORT = "report.md"


def tune(
    recipe: RecipeArgument,
    data: DataOption = Path("data"),
    trials: Annotated[
        int,
        typer.Option(min=1, max=100_000, help="Trainings in all, those of earlier calls counted."),
    ] = 20,
    out: Annotated[Path | None, typer.Option(help="Folder of the study; runs/RECIPE-tune.")] = None,
    over: Annotated[
        list[str] | None,
        typer.Option(
            help="An option to search over: name, name=low..high or name=a,b; repeatable. Left out: "
            "all that say where to look (`s2s tune RECIPE --where`)."
        ),
    ] = None,
    pruner: Annotated[
        str, typer.Option(help="How poor trials are cut short: median, hyperband or none.")
    ] = "median",
    seed: Annotated[int, typer.Option(min=0, help="What chance begins from.")] = 0,
    where: Annotated[
        bool, typer.Option("--where", help="Only print where would be looked.")
    ] = False,
    set_: RecipeSet = None,
) -> None:
    """Search for options that train best on validation. The same call goes on where it was."""
    from s2s.errors import S2SError
    from s2s.training.tuning import best_folder, space_of
    from s2s.training.tuning import tune as run

    config = recipe_of(recipe, set_)
    space = space_of(config, over or [])
    if where:
        print("\n".join(f"{name}  {_place(place)}" for name, place in space.items()))
        return
    if pruner not in ("median", "hyperband", "none"):
        raise S2SError(f"--pruner must be median, hyperband or none, not {pruner[:40]!r}.")
    chosen: Pruner = pruner  # type: ignore[assignment]
    out = out or Path("runs") / f"{config.name}-tune"
    known = 0
    for found in run(config, data, out, trials, space, chosen, seed):
        for trial in found.trials[known:]:
            print(_line(trial, trials, found), file=sys.stderr, flush=True)
        known = len(found.trials)
        write_report(out, config, space, found)
    print(best_folder(out, found) or out)


def _line(trial: Trial, trials: int, found: Study) -> str:
    value = "" if trial.value is None else f" {trial.value:.2f}"
    best = f" (best {found.best.value:.2f})" if found.best else ""
    params = " ".join(f"{name}={_short(value)}" for name, value in trial.params.items())
    return (
        f"trial {trial.number} of {trials}: {trial.state}{value}{best}, {trial.steps} steps in "
        f"{trial.seconds:.0f} s, {params} {trial.why}".rstrip()
    )


def _short(value: Any) -> str:
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def _place(place: Any) -> str:
    """Where is looked, in words."""
    from s2s.options import Span

    if not isinstance(place, Span):
        return ", ".join(map(str, place))
    kind = " logarithmic" if place.log else f" by {place.step:g}" if place.step else ""
    return f"{place.lo:g} to {place.hi:g}{kind}"


# ------------------------------------------------------------------------------------------ report
def write_report(out: Path, config: Config, space: Space, found: Study) -> None:
    """``report.md`` and its pictures in ``out``, from what has been tried so far."""
    from s2s.figures.tuning import history, scatter
    from s2s.options import Span
    from s2s.tasks import TASKS
    from s2s.training.folder import writing

    title = TASKS[config.task].headline[1]
    shown = [t for t in found.trials if t.value is not None]
    points = [(float(t.number), t.value or 0.0, t.state) for t in shown]
    pictures = {"history.svg": history(points, title)} if points else {}
    for name, place in space.items():
        if isinstance(place, Span) and shown:
            of = [
                (float(t.params[name]), t.value or 0.0, t.state) for t in shown if name in t.params
            ]
            pictures[f"{name}.svg"] = scatter(of, name, title, place.log)
    with writing(out):
        for name, svg in pictures.items():
            (out / name).write_text(svg, encoding="utf-8")
        text = report(config, space, found, title, list(pictures))
        (out / REPORT).write_text(text, encoding="utf-8")


def report(config: Config, space: Space, found: Study, title: str, pictures: list[str]) -> str:
    """The study in Markdown: the best options, where was looked, every trial."""
    best, ends = found.best, [t.state for t in found.trials]
    lines = [
        f"# Study of {config.name}",
        "",
        f"{len(ends)} trials: {ends.count('complete')} complete, {ends.count('pruned')} cut short, "
        f"{ends.count('failed')} failed; {sum(t.seconds for t in found.trials) / 60:.1f} minutes of "
        f"training. {title} on validation, more is better.",
        "",
    ]
    if best:
        sets = " ".join(f"--set {name}={json.dumps(value)}" for name, value in best.params.items())
        lines += [f"Best: trial {best.number}, {best.value:.2f}.", "", "```", sets, "```", ""]
    lines += ["| option | where | best |", "| --- | --- | --- |"]
    for name, place in space.items():
        value = _short(best.params.get(name, "")) if best else ""
        lines.append(f"| `{name}` | {_place(place)} | {value} |")
    lines += ["", *(f"![{name.removesuffix('.svg')}]({name})" for name in pictures), ""]
    head = ["trial", title, "state", "steps", "seconds", *(f"`{name}`" for name in space)]
    lines += [f"| {' | '.join(head)} |", f"|{' --- |' * len(head)}"]
    for t in sorted(found.trials, key=_rank):
        value = "" if t.value is None else f"{t.value:.2f}"
        cells = [str(t.number), value, t.why or _CALLED[t.state], str(t.steps), f"{t.seconds:.0f}"]
        cells += [_short(t.params.get(name, "")) for name in space]
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


_CALLED = {"complete": "complete", "pruned": "cut short", "failed": "failed"}


def _rank(trial: Trial) -> tuple[int, float, int]:
    """Complete ones first, the best on top."""
    return list(_CALLED).index(trial.state), -(trial.value or 0.0), trial.number
