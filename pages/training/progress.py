"""Where a training stands: words, bars and curves."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.parts.chart import chart, downloads
from pages.parts.text import fail, tell
from pages.parts.toys import jobs
from s2s.figures.training import curves
from s2s.training.folder import HISTORY
from s2s.training.jobs import Job
from s2s.training.toys import NETWORKS, title_of
from s2s.training.watching import read_lines

CALLED = {"attention": "with attention", "plain": "without attention"}
SAID = {
    "running": "Training in a process of its own …",
    "stopping": "Stopping: what was learned is being saved …",
    "stopped": "Stopped. Resume goes on exactly where it was.",
    "finished": "Done.",
}


def told(job: Job) -> dict[str, list[dict[str, Any]]]:
    """Network → its history so far."""
    return {network: read_lines(job.folder / network / HISTORY) for network in NETWORKS}


def progress_pane(job: Job) -> None:
    """What is going on, and loss and gradient norm so far."""
    histories = told(job)
    _state(job, histories)
    for column, network in zip(st.columns(2, gap="medium"), NETWORKS, strict=True):
        with column:
            _bar(job, network, histories[network])
    if any(histories.values()):
        _curves(job, histories)


def _state(job: Job, histories: dict[str, list]) -> None:
    if job.state == "failed":
        fail(job.problem)
    elif job.state == "waiting":
        n = jobs().before(job)
        tell(
            f"{n} training{'s' * (n != 1)} of other visitors before yours, two minutes each at most; "
            "yours begins by itself."
        )
    else:
        starts = job.state == "running" and not any(histories.values())
        said = "Starting: a new process reads its data …" if starts else SAID[job.state]
        st.caption(f"{title_of(job.order)}. {said}")


def _bar(job: Job, network: str, history: list[dict[str, Any]]) -> None:
    last = history[-1] if history else {}
    step, steps = last.get("step", 0), job.order.steps
    measured = [line["metric"] for line in history if line.get("metric") is not None]
    right = f" · {measured[-1]:.0f}% of unseen lines right" if measured else ""
    loss = f" · loss {last['nll']:.2f}" if last else ""
    st.progress(min(1.0, step / steps), f"{CALLED[network]}: step {step} of {steps}{loss}{right}")


def _curves(job: Job, histories: dict[str, list]) -> None:
    """Side by side; the table under them has every number."""
    figures = {}
    for column, (field, what) in zip(
        st.columns(2, gap="medium"),
        (("nll", "loss (nats per token)"), ("grad_norm", "gradient norm")),
        strict=True,
    ):
        lines = {
            CALLED[network]: ([h["step"] for h in history], [h[field] for h in history])
            for network, history in histories.items()
        }
        figures[field] = curves(lines, what)
        with column:
            chart(figures[field], f"train-{field}", field, alt=f"{what} by step, both networks")
    table = pd.DataFrame(
        {"network": CALLED[network]}
        | {name: h[name] for name in ("step", "epoch", "nll", "grad_norm", "lr", "metric")}
        for network, history in histories.items()
        for h in history
    ).rename(columns={"nll": "loss", "grad_norm": "gradient norm", "metric": "unseen right, %"})
    formats = {"loss": "%.4f", "gradient norm": "%.3f", "lr": "%.5f", "unseen right, %": "%.1f"}
    title = f"Loss: {title_of(job.order)}"
    downloads(figures["nll"], table, f"train-{job.code}", "training", title, formats)
