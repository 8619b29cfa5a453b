"""What a terminal reads and shows: lines, a run of training while it lasts, lists of options."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from s2s.options import Row
from s2s.trace import Result

BLOCK = 256  # input lines decoded together


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
