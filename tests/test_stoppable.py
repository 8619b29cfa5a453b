"""Long work: done once, stopped between two slices, and gone on with from there."""

from __future__ import annotations

import uuid
from dataclasses import dataclass

from streamlit.testing.v1 import AppTest

from tests.pages import labelled


@dataclass
class Slice:
    share: float


def script(key: str, stop: bool, fails: bool):
    """A page that counts how many slices its work has done; ``stop``: someone clicks Stop halfway."""
    import streamlit as st

    from pages.parts import stoppable
    from tests.test_stoppable import Slice

    done, real = st.session_state.setdefault("done", []), stoppable._slice

    def slices():
        for n in range(1, 11):
            done.append(n)
            if fails and n == 4:
                raise ValueError("broken")
            yield Slice(n / 10)

    def clicked_at_half(run: dict, long: bool) -> bool:
        if stop and run["share"] >= 0.5 and "clicked" not in st.session_state:
            st.session_state["clicked"] = True
            stoppable._stop("toy", True)
            st.rerun()
        return real(run, long)

    stoppable._slice = clicked_at_half
    try:
        last = stoppable.worked(("toy", key), slices, "Counting", "toy")
    finally:
        stoppable._slice = real
    st.write("unfinished" if last is None else f"finished {last.share:g}")


def opened(stop: bool = False, fails: bool = False) -> AppTest:
    values = {"key": str(uuid.uuid4()), "stop": stop, "fails": fails}
    return AppTest.from_function(script, kwargs=values, default_timeout=60).run()


def test_work_is_done_once():
    page = opened()
    assert page.markdown[0].value == "finished 1"
    page.run()
    assert page.session_state["done"] == [*range(1, 11)]
    assert "toy-work" not in page.session_state


def test_what_was_stopped_goes_on_where_it_was():
    page = opened(stop=True)
    assert page.markdown[0].value == "unfinished"
    assert page.caption[0].value == "Counting: stopped at 50%."
    page.run()  # it stays stopped, whatever else is clicked
    assert page.session_state["done"] == [*range(1, 6)]
    labelled(page.button, "Go on").click().run()
    assert page.markdown[0].value == "finished 1"
    assert page.session_state["done"] == [*range(1, 11)]


def test_a_failure_is_raised_and_leaves_nothing_behind():
    page = opened(fails=True)
    assert page.exception[0].message == "broken"
    assert "toy-work" not in page.session_state
