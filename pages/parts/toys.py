"""What this visitor trains on the Train page: the training itself, and the models that it leaves.

A training has a code that nobody can guess, and that the address of a page holds: so a reload, and
whoever was sent the link, find it again; no other visitor does.
"""

from __future__ import annotations

import re
import secrets
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from pages.parts import state
from s2s.checkpoint import CONFIG, WEIGHTS
from s2s.training.jobs import Job, Jobs
from s2s.training.toys import NETWORKS

NAME = re.compile(rf"toy-([0-9a-f]{{32}})-({'|'.join(NETWORKS)})")


@st.cache_resource(show_spinner=False, on_release=lambda jobs: jobs.close())
def jobs() -> Jobs:
    """The trainings of this server."""
    return Jobs()


class Visit(NamedTuple):
    """One open window."""

    visitor: str
    jobs: Jobs


@st.cache_resource(
    scope="session", show_spinner=False, on_release=lambda v: v.jobs.leave(v.visitor)
)
def visit() -> Visit:
    """This one; when it closes, its trainings are told."""
    return Visit(secrets.token_hex(8), jobs())


def own_job() -> Job | None:
    """The training that this visitor looks at."""
    run = state.kept().run
    return jobs().find(run, visit().visitor) if run else None


def own_folders() -> dict[str, Path]:
    """Name of a model → folder, of all that it has saved so far."""
    job = own_job()
    if job is None:
        return {}
    folders = {f"toy-{job.code}-{network}": job.folder / network for network in NETWORKS}
    return {
        name: folder
        for name, folder in folders.items()
        if (folder / CONFIG).is_file() and (folder / WEIGHTS).is_file()
    }


def adopt() -> None:
    """A page's address that names a toy's model brings its training along."""
    found = NAME.fullmatch(st.query_params.get("model", ""))
    if found and jobs().find(found[1], visit().visitor):
        state.kept().run = found[1]
