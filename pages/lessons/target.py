"""The other half of a pair: what the output should have been, and one of its tokens."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import streamlit as st

from pages.lessons.reading import Reading
from pages.parts import state
from pages.parts.picture import plain_piece
from pages.parts.text import plain
from s2s.analysis.lessons.losses import TokenLosses, token_losses
from s2s.locale import _

LONGEST = 120  # tokens of an answer that are read


@dataclass(frozen=True)
class Target:
    """An answer in ids, its end included."""

    text: str
    ids: tuple[int, ...]
    names: list[str]
    """Its pieces as they are drawn."""


def target_of(reading: Reading, text: str) -> Target:
    """A text as the reading's model would write it."""
    t = reading.pipeline.tokenizer
    longest = min(LONGEST, reading.pipeline.checkpoint.model.limits.target) - 1
    ids = (*t.encode(text)[:longest], t.vocabulary.eos)
    return Target(text, ids, pieces(reading, ids))


def output_of(reading: Reading, n: int = 0) -> Target:
    """An output of the search."""
    ids = reading.sentence.hypotheses[n].tokens
    return Target(reading.sentence.outputs[n], ids, pieces(reading, ids))


def pieces(reading: Reading, ids: Sequence[int]) -> list[str]:
    """Ids as they are drawn."""
    return [plain_piece(p) for p in reading.pipeline.tokenizer.pieces(ids)]


def losses_of(reading: Reading, right: Target) -> TokenLosses:
    """What each token of a right answer costs the reading's model."""
    model = reading.pipeline.checkpoint.model
    return reading.computed(
        ("lesson-losses", right.ids), lambda _m: token_losses(model, reading.ids, right.ids)
    )


def second_best(reading: Reading) -> str:
    """What stands in for a right answer that nobody wrote: the search's second output, if it has two."""
    first, *others = reading.sentence.outputs
    return next((text for text in others if text != first), first)


def reference_box(label: str) -> str:
    """What the visitor takes for right; the Beam lab asks for the same."""
    given = state.kept().reference
    st.text_input(label, given, max_chars=2000, **state.widget("reference"))
    return given.strip()


def spot_slider(names: Sequence[str], usual: int, label: str) -> int:
    """Which token is looked at, by a slider over them; ``usual``: where it stands at first."""
    spot = state.kept().spot
    at = spot if 0 <= spot < len(names) else min(usual, len(names) - 1)
    if len(names) > 1:
        st.select_slider(
            label,
            range(len(names)),
            at,
            format_func=lambda i: f"{i + 1} · {plain(names[i])}",
            **state.widget("spot", of=tuple(names)),
        )
    return at


def number_slider(name: str, label: str, low: float, high: float, step: float) -> float:
    """A field of ``Kept`` that is a number, by a slider."""
    now = min(high, max(low, getattr(state.kept(), name)))
    st.slider(label, low, high, now, step, **state.widget(name))
    return now


def quoted(text: str) -> None:
    """An output on a line of its own, whatever it holds."""
    st.markdown("> " + (plain(text) or _("(the empty sentence)")))
