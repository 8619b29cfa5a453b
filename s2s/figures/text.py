"""Text as HTML in which everything that a user or a model wrote is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from s2s.figures.style import ACCENT, CHIP, OTHER

_NO_SPACE_BEFORE = {".", ",", ":", ";", "!", "?", ")", "]", "”", "…", "%"}


def answer(text: str) -> str:
    """An answer in large type; line breaks and the script's own direction are kept."""
    return (
        '<div dir="auto" style="font-size:1.45rem;line-height:1.45;white-space:pre-wrap;'
        f'overflow-wrap:anywhere">{escape(text)}</div>'
    )


def strip(
    tokens: Sequence[str], probabilities: Sequence[float], parting: int | None, who: str
) -> str:
    """Tokens in a row; those before ``parting`` are pale, the token there is marked.

    ``who``: ``beam`` or ``greedy``, which decides the colour of the mark.
    """
    colour = ACCENT if who == "beam" else OTHER
    chips = []
    for i, (token, p) in enumerate(zip(tokens, probabilities, strict=True)):
        style = CHIP
        if parting is not None and i < parting:
            style += "opacity:.55;"
        if i == parting:
            style += f"border:2px solid {colour};font-weight:700;"
        mark = ' data-parting="true"' if i == parting else ""
        chips.append(
            f'<span{mark} style="{style}" title="probability {p:.4f}">{escape(token)}'
            f'<span style="font-size:.75em;opacity:.75"> {p:.0%}</span></span>'
        )
    return f'<div dir="auto" style="line-height:2">{"".join(chips)}</div>'


def shaded(words: Sequence[str], weights: Sequence[float], colour: str = "20,151,138") -> str:
    """Running text, each word on a ground as strong as its weight (0 to 1)."""
    spans: list[str] = []
    for word, weight in zip(words, weights, strict=True):
        if spans and word not in _NO_SPACE_BEFORE:
            spans.append(" ")
        strength = max(0.0, min(1.0, float(weight)))
        style = f"background:rgba({colour},{0.75 * strength:.2f});" if strength > 0.02 else ""
        spans.append(
            f'<span style="{style}border-radius:.25rem;padding:0 .1rem" '
            f'title="{strength:.2f}">{escape(word)}</span>'
        )
    return (
        '<div dir="auto" style="line-height:1.7;overflow-wrap:anywhere;max-height:22rem;'
        f'overflow-y:auto">{"".join(spans)}</div>'
    )
