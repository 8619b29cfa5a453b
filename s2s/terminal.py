"""Training progress on a terminal, with rich; plain lines where there is no terminal."""

from __future__ import annotations

from collections.abc import Iterable

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn


def show(run: Iterable, console: Console) -> None:
    """Draw a run of ``s2s.train.train`` until it ends."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:.0f}%"),
        TimeRemainingColumn(),
    )  # fmt: skip
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
                    highlight=False, markup=False,
                )  # fmt: skip
            if p.note:
                console.print(f"  {p.note}", highlight=False, markup=False)
