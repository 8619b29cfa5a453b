"""Snapshots of a training: what both networks made of a held-out line, and where the one looked."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.parts import state
from pages.parts.chart import chart, downloads
from pages.parts.toys import own_folders
from pages.parts.words import HONEST, NO_ATTENTION, end
from pages.training.progress import CALLED
from s2s.figures.heatmap import matrix
from s2s.figures.style import SPACE_MARK
from s2s.locale import _, later, translated
from s2s.training.jobs import Job
from s2s.training.toys import NETWORKS
from s2s.training.watching import WATCHED, read_lines

Shots = dict[int, dict[str, Any]]


def snapshot_pane(job: Job) -> None:
    """A slider over the snapshots, and both networks at that moment."""
    shots: dict[str, Shots] = {
        network: {shot["step"]: shot for shot in read_lines(job.folder / network / WATCHED)}
        for network in NETWORKS
    }
    steps = sorted(set().union(*shots.values()))
    if not steps:
        return
    k = state.kept()
    lines = next(shot for own in shots.values() for shot in own.values())["lines"]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        step = _moment(steps)
        sources = [line["source"] for line in lines]
        st.selectbox(
            _("Held-out line"),
            range(len(sources)),
            min(k.probe, len(sources) - 1),
            format_func=sources.__getitem__,
            width=260,
            **state.widget("probe", of=tuple(sources)),
        )
    for column, (network, own) in zip(st.columns(2, gap="medium"), shots.items(), strict=True):
        with column:
            _network(job, network, own, step)


def _moment(steps: list[int]) -> int:
    """The chosen step; the newest, as long as nobody chose another."""
    k = state.kept()
    now = k.shot if k.shot in steps else steps[-1]
    if len(steps) < 2:
        return now
    key = f"shot-{len(steps)}-{k.epoch}"

    def take() -> None:
        chosen = st.session_state[key]
        k.shot = -1 if chosen == steps[-1] else chosen

    return st.select_slider(
        _("Attention and outputs after step"), steps, now, key=key, on_change=take, width="stretch"
    )


def _network(job: Job, network: str, own: Shots, step: int) -> None:
    """One network at one moment."""
    st.markdown(f"**{translated(CALLED[network]).capitalize()}**")
    seen = [s for s in own if s <= step]
    if not seen:
        st.caption(_("Nothing yet."))
        return
    shot = own[max(seen)]
    said = _("step {step}, epoch {epoch}")
    st.caption(said.format(step=shot["step"], epoch=shot["epoch"] + 1))
    line = shot["lines"][min(state.kept().probe, len(shot["lines"]) - 1)]
    if line["alpha"] is None:
        st.info(translated(NO_ATTENTION))
    else:
        _picture(network, line, shot["step"])
    _outputs(network, shot["lines"])
    _doors(network, line["source"], f"toy-{job.code}-{network}")


def _picture(network: str, line: dict[str, Any], step: int) -> None:
    alpha = np.array(line["alpha"])  # (T,S)
    src, tgt = ([label(p) for p in line[side]] for side in ("src", "tgt"))
    figure = matrix(alpha, src, tgt)
    chart(figure, f"shot-{network}", "attention", alt=_("Attention after step {n}").format(n=step))
    table = pd.DataFrame(alpha, columns=[f"{n + 1} {name}" for n, name in enumerate(src)])
    table.insert(0, later("output"), tgt)
    downloads(figure, table, f"shot-{network}", f"attention-{step}", line["source"], {})
    rows = _("Rows: the right answer, as the network is led through it. ")
    st.caption(rows + translated(HONEST))


def label(piece: str) -> str:
    """A piece beside the picture."""
    return end(piece).removeprefix(SPACE_MARK) or _("(space)")


def _outputs(network: str, lines: list[dict[str, Any]]) -> None:
    """What is written of every watched line, greedily and by chance."""
    table = pd.DataFrame(
        {
            "source": line["source"],
            "output": line["output"] or _("(nothing)"),
            "right": line["output"] == line["target"],
            "drawn by chance": " | ".join(dict.fromkeys(line["samples"])),
            "right answer": line["target"],
        }
        for line in lines
    )
    text = st.column_config.TextColumn
    st.dataframe(
        table,
        hide_index=True,
        alt=_("Outputs {network}").format(network=translated(CALLED[network])),
        key=f"outputs-{network}",
        column_config={
            "source": text(_("source")),
            "output": text(_("output")),
            "right": st.column_config.CheckboxColumn(_("right")),
            "drawn by chance": text(_("drawn by chance")),
            "right answer": text(_("right answer")),
        },
    )


def _doors(network: str, source: str, name: str) -> None:
    """The ways into the labs, once there are weights."""
    if name not in own_folders():
        return
    with st.container(horizontal=True):
        for page, title, icon in (
            ("attention_lab", _("Open in the Attention lab"), ":material/visibility:"),
            ("beam_lab", _("Open in the Beam lab"), ":material/account_tree:"),
        ):
            if st.button(title, key=f"open-{network}-{page}", icon=icon):
                k = state.kept()
                k.task, k.model["rewriting"] = "rewriting", name
                state.reseed(line=source, prefix="")
                st.switch_page(f"pages/{page}.py")
