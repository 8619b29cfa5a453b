"""What a terminal reads, asks for and shows: lines, options, a run of training while it lasts."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from s2s.config import Config, RerankOptions, SearchOptions, describe, override
from s2s.errors import S2SError
from s2s.options import Row
from s2s.trace import Result

BLOCK = 256  # input lines decoded together


@dataclass(frozen=True)
class Asked:
    """Search and re-ranking options that a command line names, and no others."""

    search: dict[str, Any]
    ranking: dict[str, Any]
    nbest: int

    @classmethod
    def of(cls, beam: int | None, nbest: int, assignments: list[str] | None) -> Asked:
        """Checked before any model is loaded. Raises S2SError."""
        given = assignments or []
        names = [row.name for row in describe(RerankOptions)]
        of_ranking = [a for a in given if a.partition("=")[0].strip() in names]
        search = _named(SearchOptions(), [a for a in given if a not in of_ranking])
        if beam is not None:
            search["beam"] = beam
        if nbest > search.get("beam", nbest):
            raise S2SError(f"--nbest {nbest} needs a beam of at least {nbest}.")
        SearchOptions(**search)
        return cls(search, _named(RerankOptions(), of_ranking), nbest)

    def on(self, config: Config) -> tuple[SearchOptions, RerankOptions]:
        """A checkpoint's own options with these on top."""
        options = replace(config.search, **self.search)
        options = replace(options, beam=max(options.beam, self.nbest))
        return options, replace(config.rerank, **self.ranking)


def _named(defaults: Any, assignments: list[str]) -> dict[str, Any]:
    """The options that the assignments name, and no others."""
    values = asdict(override(defaults, assignments))
    return {name: values[name] for name in (a.partition("=")[0].strip() for a in assignments)}


def show(run: Iterable[Any], console: Console) -> None:
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


def listing(rows: Sequence[Row]) -> str:
    """Options as lines of text: name, range and default, then the line of help."""
    name = max((len(row.name) for row in rows), default=0)
    wanted = [f"{row.type}: {row.range}".removesuffix(": ") for row in rows]
    lines = []
    for row, range_ in zip(rows, wanted, strict=True):
        default = f" [{row.default}]" if row.default else ""
        lines += [f"  {row.name:{name}}  {range_}{default}", f"  {'':{name}}    {row.help}"]
    return "\n".join(lines)


# ------------------------------------------------------------------------------ lines in and out
def lines() -> Iterator[str]:
    """Lines of stdin; bytes that are not UTF-8 become U+FFFD."""
    for raw in sys.stdin.buffer:
        yield raw.decode("utf-8", "replace").rstrip("\r\n")


def blocks(lines: Iterator[str]) -> Iterator[list[str]]:
    """Lines in groups that are decoded together."""
    while block := list(islice(lines, BLOCK)):
        yield block


def nbest_of(result: Result, n: int) -> list[str]:
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


def flat(text: str) -> str:
    """One line, no tabs: the output format's own marks."""
    return " ".join(text.split())
