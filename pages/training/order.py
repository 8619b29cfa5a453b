"""What is to be learned, how, and the buttons that begin, stop and go on."""

from __future__ import annotations

import streamlit as st

from pages.parts import state
from pages.parts.text import fail
from pages.parts.toys import jobs, visit
from s2s.config import bounds, choices
from s2s.data.toys import LEAST_LINES, MOST_CHARACTERS, MOST_LINES, TOYS, lines_of
from s2s.errors import S2SError
from s2s.locale import _, translated
from s2s.training.jobs import Job
from s2s.training.toys import OWN, Order

PROBLEM = "train-problem"


def order_pane(job: Job | None) -> None:
    """The choices of a training, and its buttons."""
    k = state.kept()
    names = {name: translated(toy.title) for name, toy in TOYS.items()}
    names[OWN] = _("Your own lines")
    st.selectbox(
        _("Learn to"),
        choices(Order, "toy"),
        choices(Order, "toy").index(k.toy),
        format_func=names.get,
        **state.widget("toy"),
    )
    if k.toy == OWN:
        st.text_area(
            _("Your lines: source, tab or =>, target"),
            k.lines,
            height=160,
            placeholder="one => 1\ntwo => 2",
            help=_(
                "{least} to {most} lines, each side up to {long} "
                "characters. They are learned on this server and removed with the training."
            ).format(least=LEAST_LINES, most=MOST_LINES, long=MOST_CHARACTERS),
            **state.widget("lines"),
        )
    else:
        source, target = lines_of(k.toy, 1)[0]
        st.caption(translated(TOYS[k.toy].rule))
        st.text(f"{source} → {target}")
    _sliders()
    _buttons(job)
    if problem := st.session_state.get(PROBLEM):
        fail(problem)


def _sliders() -> None:
    k = state.kept()
    low, high, step = bounds(Order, "sampled")
    st.slider(
        _("Own predictions fed back"),
        low,
        high,
        k.sampled,
        step,
        help=_(
            "0 is teacher forcing: the decoder always reads the right last token. Above it, more "
            "and more of what it reads is what it predicted itself, up to this share at the end "
            "(scheduled sampling, Bengio et al. 2015)."
        ),
        **state.widget("sampled"),
    )
    low, high, step = bounds(Order, "lr")
    st.slider(
        _("Learning rate"),
        low,
        high,
        k.rate,
        step,
        format="%.3f",
        help=_("The highest one; it rises at first and then falls."),
        **state.widget("rate"),
    )
    low, high, step = bounds(Order, "steps")
    st.slider(_("Steps"), low, high, k.steps, step, **state.widget("steps"))


def _buttons(job: Job | None) -> None:
    """Start always; stop and resume where they mean something."""
    now = job.state if job else ""
    active = now in ("waiting", "running", "stopping")
    with st.container(horizontal=True):
        st.button(
            _("Start anew") if job else _("Start"),
            type="secondary" if active else "primary",
            icon=":material/play_arrow:",
            on_click=_begin,
        )
        if job and active:
            st.button(
                _("Stop"),
                icon=":material/stop:",
                disabled=now == "stopping",
                on_click=lambda: jobs().stop(job),
            )
        if job and now in ("stopped", "failed"):
            st.button(_("Resume"), icon=":material/resume:", on_click=lambda: jobs().resume(job))


def _begin() -> None:
    k = state.kept()
    st.session_state[PROBLEM] = ""
    try:
        order = Order(toy=k.toy, steps=k.steps, lr=k.rate, sampled=k.sampled)
        k.run = jobs().begin(order, k.lines, visit().visitor).code
        k.shot, k.probe = -1, 0
    except S2SError as error:
        st.session_state[PROBLEM] = str(error)
