"""Where a training stands: words, bars and curves."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from pages.parts.chart import chart, downloads
from pages.parts.text import fail, tell
from pages.parts.toys import jobs
from s2s.figures.training import curves
from s2s.locale import _, later, plural, translated
from s2s.training.folder import HISTORY
from s2s.training.jobs import Job
from s2s.training.toys import NETWORKS, title_of
from s2s.training.watching import read_lines

CALLED = {"attention": later("with attention"), "plain": later("without attention")}
SAID = {
    "running": later("Training in a process of its own …"),
    "stopping": later("Stopping: what was learned is being saved …"),
    "stopped": later("Stopped. Resume goes on exactly where it was."),
    "finished": later("Done."),
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
            plural(
                "{n} training of other visitors before yours, two minutes each at most; "
                "yours begins by itself.",
                "{n} trainings of other visitors before yours, two minutes each at most; "
                "yours begins by itself.",
                n,
            ).format(n=n)
        )
    else:
        starts = job.state == "running" and not any(histories.values())
        begins = _("Starting: a new process reads its data …")
        said = begins if starts else translated(SAID[job.state])
        st.caption(_("{title}. {state}").format(title=translated(title_of(job.order)), state=said))


def _bar(job: Job, network: str, history: list[dict[str, Any]]) -> None:
    last = history[-1] if history else {}
    step, steps = last.get("step", 0), job.order.steps
    measured = [line["metric"] for line in history if line.get("metric") is not None]
    said = [
        _("{network}: step {step} of {steps}").format(
            network=translated(CALLED[network]), step=step, steps=steps
        )
    ]
    if last:
        said.append(_("loss {loss:.2f}").format(loss=last["nll"]))
    if measured:
        said.append(_("{n:.0f}% of unseen lines right").format(n=measured[-1]))
    st.progress(min(1.0, step / steps), " · ".join(said))


def _curves(job: Job, histories: dict[str, list]) -> None:
    """Side by side; the table under them has every number."""
    figures = {}
    for column, (field, what) in zip(
        st.columns(2, gap="medium"),
        (("nll", _("loss (nats per token)")), ("grad_norm", _("gradient norm"))),
        strict=True,
    ):
        lines = {
            translated(CALLED[network]): ([h["step"] for h in history], [h[field] for h in history])
            for network, history in histories.items()
        }
        figures[field] = curves(lines, what)
        with column:
            alt = _("{what} by step, both networks").format(what=what)
            chart(figures[field], f"train-{field}", field, alt=alt)
    table = pd.DataFrame(
        {"network": translated(CALLED[network])}
        | {name: h[name] for name in ("step", "epoch", "nll", "grad_norm", "lr", "metric")}
        for network, history in histories.items()
        for h in history
    ).rename(columns={"nll": "loss", "grad_norm": "gradient norm", "metric": "unseen right, %"})
    number = st.column_config.NumberColumn
    formats = {
        "network": st.column_config.TextColumn(_("network")),
        "step": number(_("step")),
        "epoch": number(_("epoch")),
        "loss": number(_("loss"), format="%.4f"),
        "gradient norm": number(_("gradient norm"), format="%.3f"),
        "lr": number(format="%.5f"),
        "unseen right, %": number(_("unseen right, %"), format="%.1f"),
    }
    title = _("Loss: {title}").format(title=translated(title_of(job.order)))
    downloads(figures["nll"], table, f"train-{job.code}", "training", title, formats)
