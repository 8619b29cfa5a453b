"""One exercise: a question, a check against the live answer, a hint."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.lessons.prose import Text
from pages.parts import state
from s2s.locale import _


def number_exercise(
    code: str, text: Text, truth: float, within: float, **values: str | float
) -> None:
    """The answer is a number that the reader's own sentence decides."""

    def ask(given: str) -> bool | None:
        st.text_input(_("Your answer, a number"), given, max_chars=20, **_kept(code))
        try:
            said = float(state.kept().answers.get(code, "").replace(",", ".").replace("−", "-"))
        except ValueError:
            return None
        return abs(said - truth) <= within

    _exercise(code, text, ask, values | {"truth": float(truth)})


def choice_exercise(
    code: str, text: Text, options: Sequence[str], right: int, **values: str | float
) -> None:
    """The answer is one of a few sentences, ``- `` lines of the section ``choices``, or ``options``."""

    def ask(given: str) -> bool | None:
        now = int(given) if given.isdigit() and int(given) < len(options) else None
        st.radio(
            _("Your answer"),
            range(len(options)),
            now,
            format_func=lambda i: options[i],
            label_visibility="collapsed",
            **_kept(code),
        )
        said = state.kept().answers.get(code, "")
        return None if said == "" else said == str(right)

    _exercise(code, text, ask, values)


def choices(text: Text) -> list[str]:
    """The answers that a lesson's text offers."""
    return [line[2:] for line in text.section("choices").splitlines() if line.startswith("- ")]


def _exercise(code: str, text: Text, ask, values: dict[str, str | float]) -> None:
    with st.container(border=True, key=f"exercise-{code}"):
        st.markdown(f"**{_('Exercise')}** · " + text.section("exercise", **values))
        verdict = ask(state.kept().answers.get(code, ""))
        if verdict:
            st.success(_("Right.") + " " + text.section("right", **values), icon=":material/check:")
        elif verdict is False:
            st.warning(_("Not yet. The hint may help."), icon=":material/close:")
        with st.expander(_("Hint"), icon=":material/lightbulb:"):
            st.markdown(text.section("hint", **values))


def _kept(code: str) -> dict:
    """Key and callback that keep an answer for as long as the visit lasts."""
    key = f"answer.{code}.{state.kept().epoch}"

    def keep() -> None:
        value = st.session_state[key]
        state.kept().answers[code] = "" if value is None else str(value)

    return {"key": key, "on_change": keep}
