"""Text as HTML in which everything that a user or a model wrote is escaped."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from s2s.figures.style import ACCENT, CHIP, OTHER
from s2s.locale import _

_NO_SPACE_BEFORE = {".", ",", ":", ";", "!", "?", ")", "]", "”", "…", "%"}


def answer(text: str) -> str:
    """An answer in large type; line breaks and the script's own direction are kept."""
    return (
        '<div dir="auto" style="font-size:1.45rem;line-height:1.45;white-space:pre-wrap;'
        f'overflow-wrap:anywhere">{escape(text)}</div>'
    )


def strip(
    tokens: Sequence[str],
    probabilities: Sequence[float],
    parting: int | None,
    who: str,
    score: float,
) -> str:
    """An output as one line of tokens behind its name and score; the token at ``parting`` is marked.

    ``who``: ``Greedy`` has a colour of its own.
    """
    colour = OTHER if who == _("Greedy") else ACCENT
    chips = []
    hint = escape(_("probability {p:.4f}"))
    for i, (token, p) in enumerate(zip(tokens, probabilities, strict=True)):
        style = CHIP
        if i == parting:
            style += f"border:2px solid {colour};font-weight:700;background:{colour}22;"
        mark = ' data-parting="true"' if i == parting else ""
        chips.append(
            f'<bdi{mark} style="{style}" title="{hint.format(p=p)}">{escape(token)}'
            f'<span style="font-size:.8em;font-weight:400"> {p:.0%}</span></bdi>'
        )
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:.1rem .6rem;align-items:baseline">'
        f'<span style="flex:0 0 6.2rem"><b>{escape(who)}</b><br>'
        f'<span style="font-size:.85em">{escape(_("score {n:.3f}").format(n=score))}</span></span>'
        f'<div dir="auto" style="flex:1 1 16rem;line-height:1.9">{"".join(chips)}</div></div>'
    )


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


def bars(labels: Sequence[str], shares: Sequence[float], colour: str = ACCENT) -> str:
    """A bar a row with its share beside it, as HTML: lighter than a figure, and read aloud."""
    rows = []
    for name, share in zip(labels, shares, strict=True):
        width = 100 * max(0.0, min(1.0, float(share)))
        rows.append(
            '<div style="display:grid;grid-template-columns:minmax(0,45%) 1fr 3rem;gap:.6rem;'
            'align-items:center;margin:.15rem 0">'
            f'<bdi style="overflow:hidden;text-overflow:ellipsis;white-space:nowrap" '
            f'title="{escape(name)}">{escape(name)}</bdi>'
            '<span style="background:rgba(138,152,150,.18);border-radius:.2rem;height:.9rem">'
            f'<span style="display:block;width:{width:.1f}%;height:100%;border-radius:.2rem;'
            f'background:{colour}"></span></span><span>{share:.0%}</span></div>'
        )
    return "".join(rows)


def one_line(text: str, numbers: str) -> str:
    """An answer in one line, its numbers behind it; a long one is cut by the page, not lost."""
    return (
        '<div style="display:flex;flex-wrap:wrap;gap:.1rem 1rem;align-items:baseline">'
        '<bdi style="font-size:1.25rem;font-weight:600;overflow:hidden;text-overflow:ellipsis;'
        f'max-width:100%" title="{escape(text)}">{escape(text)}</bdi>'
        f'<span style="font-size:.9em;opacity:.85">{escape(numbers)}</span></div>'
    )
