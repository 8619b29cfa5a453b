"""Tokens in a row as escaped HTML: ranks in a forced target, changes between two outputs."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from s2s.figures.style import ACCENT, CHIP, FATE_COLOURS, MUTED, OTHER
from s2s.locale import _, later, translated

_SMALL = '<span style="font-size:.72em;opacity:.8"> {}</span>'
RANKS = {  # legend → border colour
    later("the model's own choice"): ACCENT,
    later("among its first choices"): OTHER,
    later("far from its choices"): FATE_COLOURS["blocked"],
}


def row(tokens: Sequence[str]) -> str:
    """Tokens side by side, nothing said of them."""
    chips = "".join(f'<span style="{CHIP}">{escape(token)}</span>' for token in tokens)
    return f'<div dir="auto" style="line-height:2">{chips}</div>'


def rank_kind(rank: int, most: int) -> str:
    """Which of ``RANKS`` a token of this rank has, if ranks over ``most`` stand out."""
    first, near, far = RANKS
    return first if rank == 1 else near if rank <= most else far


def by_rank(
    tokens: Sequence[str], ranks: Sequence[int], probabilities: Sequence[float], most: int
) -> str:
    """Tokens coloured by rank, each with its probability; far ones are filled. Legend below."""
    chips = []
    hint = escape(_("rank {rank:,}, probability {p:.4f}"))
    for token, rank, p in zip(tokens, ranks, probabilities, strict=True):
        kind = rank_kind(rank, most)
        colour = RANKS[kind]
        style = CHIP + f"border:2px solid {colour};"
        if rank > most:
            style += f"background:{colour}33;font-weight:700;"
        chips.append(
            f'<span data-rank="{rank}" style="{style}" title="{hint.format(rank=rank, p=p)}">'
            f"{escape(token)}{_SMALL.format(f'{p:.0%} · {rank:,}.')}</span>"
        )
    legend = "".join(
        f'<span style="margin-right:1rem;white-space:nowrap"><span style="display:inline-block;'
        f"width:.8em;height:.8em;border-radius:.2em;border:2px solid {colour};"
        f'vertical-align:-.05em"></span> {escape(_range(name, most))}</span>'
        for name, colour in RANKS.items()
        if _range(name, most)
    )
    return (
        f'<div dir="auto" style="line-height:2.2">{"".join(chips)}</div>'
        f'<div style="font-size:.85em;opacity:.85;margin-top:.4rem">{legend}</div>'
    )


def _range(name: str, most: int) -> str:
    first, near, _far = RANKS
    called = translated(name)
    if name == first:
        return _("{name} (rank 1)").format(name=called)
    if name == near:
        return _("{name} (rank 2 to {most})").format(name=called, most=most) if most > 1 else ""
    return _("{name} (rank over {most})").format(name=called, most=most)


def changes(
    pairs: Sequence[tuple[int | None, int | None]], old: Sequence[str], new: Sequence[str]
) -> str:
    """The old output over the new one, aligned; what changed is marked in both."""
    columns = []
    for i, j in pairs:
        a, b = "" if i is None else old[i], "" if j is None else new[j]
        same = i is not None and j is not None and a == b
        columns.append(
            '<span style="display:inline-grid;margin:.1rem 0">'
            f"{_cell(a, same, OTHER)}{_cell(b, same, ACCENT)}</span>"
        )
    legend = (
        f'<span style="color:{OTHER}">■</span> {escape(_("only above"))} &nbsp; '
        f'<span style="color:{ACCENT}">■</span> {escape(_("only below"))}'
    )
    return (
        f'<div dir="auto">{"".join(columns)}</div>'
        f'<div style="font-size:.85em;opacity:.85">{legend}</div>'
    )


def _cell(text: str, same: bool, colour: str) -> str:
    if not text:
        return f'<span style="{CHIP}border-style:dashed;color:{MUTED}">&nbsp;</span>'
    if same:
        return f'<span style="{CHIP}opacity:.75">{escape(text)}</span>'
    mark = f"border:2px solid {colour};background:{colour}22;font-weight:700"
    return f'<span data-changed="true" style="{CHIP}{mark}">{escape(text)}</span>'
