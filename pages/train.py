"""Train: two small networks learn a toy task while one looks on."""

import streamlit as st

from pages.parts import state
from pages.parts.begin import end
from pages.parts.frame import framed
from pages.parts.text import tell
from pages.parts.toys import own_job
from pages.training.order import order_pane
from pages.training.progress import progress_pane
from pages.training.snapshots import snapshot_pane
from s2s.locale import _

framed()
EVERY = 1.0  # seconds between looks at a training
ACTIVE = ("waiting", "running", "stopping")
k = state.kept()
job = own_job()
left, right = st.columns([2, 5], gap="medium")
with left:
    order_pane(job)


def watch(active: bool) -> None:
    """What is drawn again and again while a training lasts."""
    now = own_job()
    if now is None or (now.state in ACTIVE) != active:
        st.rerun()
    progress_pane(now)
    snapshot_pane(now)
    end("train")


with right:
    if job is None:
        if k.run:
            tell(_("That training is no longer kept here; start another one."))
            k.run = ""
        st.markdown(
            _(
                "Two small networks learn the same lines side by side, one **with attention**, one "
                "**without**. You see loss and gradient norm as they fall, and how attention forms on "
                "lines that are never learned from. It takes about a minute; then both open in the "
                "labs."
            )
        )
    else:
        active = job.state in ACTIVE
        st.fragment(watch, run_every=EVERY if active else None)(active)
