"""Panel: every head of every layer, small; and one of them large."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts import state
from pages.parts.attention import UNITS, VIEWS, table
from pages.parts.chart import chart, downloads
from pages.parts.columns import draw
from pages.parts.lines import mount
from pages.parts.looks import kinds_of
from pages.parts.picture import Picture, lines_data, word
from pages.parts.words import NO_ATTENTION, all_of
from s2s.analysis.attention import Span
from s2s.analysis.heads import Facts, facts, merged, read_before
from s2s.figures.heads import mosaic
from s2s.figures.heatmap import matrix
from s2s.figures.style import piece
from s2s.locale import _, later, plural, translated

KINDS = {
    "cross": later("Output looks at source"),
    "encoder": later("Source looks at itself"),
    "decoder": later("Output looks at itself"),
}
SIDES = {
    "cross": (later("output"), later("source")),
    "encoder": (later("word"), later("looks at")),
    "decoder": (later("after writing"), later("looks at")),
}
FORMATS = {
    "entropy, bits": "%.2f",
    "on the end": "percent",
    "on the start": "percent",
    "diagonal": "%.2f",
}


def heads_panel(lab: Lab) -> None:
    """Thumbnails left, the chosen head right."""
    st.markdown(
        _(
            "Each small picture is one **head**: rows look, columns are looked at. Choose one to see "
            "it large. Some point at the word being translated, some at the neighbour, some rest at "
            "the end."
        )
    )
    k = state.kept()
    found = kinds_of(lab.name, lab.trace.source, lab.sentence.best.tokens)
    if not found:
        instead = _(" “Networks” shows what leaving out a word says instead.")
        st.info(translated(NO_ATTENTION) + instead)
        return
    k.which = k.which if k.which in found else next(iter(found))
    _switches(found)
    rows, columns, row_names, column_names = _labels(lab, k.which, k.unit)
    grid = merged(found[k.which], rows, columns)
    layers, heads = grid.shape[:2]
    at = (k.layer, k.head)
    if k.layer > layers or k.head > heads or (k.layer == 0) != (k.head == 0):
        at = (0, 0)
    if layers * heads == 1:
        at = (1, 1)
    left, right = st.columns([1, 1], gap="medium") if layers * heads > 1 else (None, st.container())
    alpha = grid.mean((0, 1)) if at[0] == 0 else grid[at[0] - 1, at[1] - 1]
    numbers = facts(found[k.which], k.which)
    if left is not None:
        with left:
            mount(_thumbnails(lab, grid, at), "heads-part", lambda a, b: state.put(layer=a, head=b))
            _table(numbers)
    with right:
        st.markdown(_title(*at, numbers, k.which))
        _large(lab, alpha, rows, row_names, column_names)
    _take_away(lab, grid, numbers, alpha, (row_names, column_names))


def _switches(found: dict[str, np.ndarray]) -> None:
    k = state.kept()
    with st.container(horizontal=True, vertical_alignment="bottom", key="switches"):
        if len(found) > 1:
            st.segmented_control(
                _("Kind of attention"),
                list(found),
                default=k.which,
                required=True,
                format_func=all_of(KINDS).get,
                label_visibility="collapsed",
                **state.widget("which", lambda: state.put(layer=0, head=0)),
            )
        for label, name, names in ((_("Picture"), "view", VIEWS), (_("Unit"), "unit", UNITS)):
            st.segmented_control(
                label,
                list(names),
                default=getattr(k, name),
                required=True,
                format_func=all_of(names).get,
                label_visibility="collapsed",
                **state.widget(name),
            )


def _labels(
    lab: Lab, which: str, unit: str
) -> tuple[Sequence[Span], Sequence[Span], list[str], list[str]]:
    """Spans and names of what looks and of what is looked at."""
    s = lab.sentence
    if unit == "pieces":
        src = [(piece(p), i, i + 1) for i, p in enumerate(s.src_pieces)]
        tgt = [(piece(p), i, i + 1) for i, p in enumerate(s.tgt_pieces[0])]
    else:
        src = [(word(w), a, b) for w, a, b in s.src_words]
        tgt = [(word(w), a, b) for w, a, b in s.tgt_words[0]]
    read = read_before(tgt)
    rows, columns = {"cross": (tgt, src), "encoder": (src, src), "decoder": (read, read)}[which]
    return rows, columns, [w for w, _, _ in rows], [w for w, _, _ in columns]


def _thumbnails(lab: Lab, grid: np.ndarray, at: tuple[int, int]) -> dict:
    """Of the part ``heads``."""
    k = state.kept()
    alt = _("{kind}: {layers} layers of {heads} heads")
    return {
        "part": "heads",
        "id": f"heads-{lab.id}-{k.which}",
        "step": -1,
        "alt": alt.format(
            kind=translated(KINDS[k.which]), layers=grid.shape[0], heads=grid.shape[1]
        ),
        "grid": np.round(grid * 100).astype(int).tolist(),
        "chosen": [*at],
    }


def _title(layer: int, head: int, numbers: list[Facts], which: str) -> str:
    """The chosen head and its three numbers."""
    chosen = [f for f in numbers if layer == 0 or (f.layer, f.head) == (layer - 1, head - 1)]
    n = len(chosen)
    if layer == 0:
        name = plural("Mean of {n} head", "Mean of {n} heads", n).format(n=n)
    else:
        name = _("Layer {layer}, head {head}").format(layer=layer, head=head)
    entropy, sink, diagonal = (
        sum(getattr(f, field) for f in chosen) / n for field in ("entropy", "sink", "diagonal")
    )
    said = (
        _(
            "**{name}** · entropy {entropy:.2f} bits · {sink:.0%} on the start · diagonal {diagonal:.2f}"
        )
        if which == "decoder"
        else _(
            "**{name}** · entropy {entropy:.2f} bits · {sink:.0%} on the end · diagonal {diagonal:.2f}"
        )
    )
    return said.format(name=name, entropy=entropy, sink=sink, diagonal=diagonal)


def _large(
    lab: Lab, alpha: np.ndarray, rows: Sequence[Span], row_names: list[str], column_names: list[str]
) -> None:
    k = state.kept()
    key = f"head-{lab.id}-{k.which}-{k.layer}-{k.head}-{k.unit}"
    if k.view == "matrix":
        alt = _("Attention of the chosen head, {rows} by {columns}")
        chart(
            matrix(alpha, column_names, row_names, sides=SIDES[k.which]),
            key,
            "head",
            alt.format(rows=len(row_names), columns=len(column_names)),
        )
        return
    p = Picture(column_names, row_names, [(a, b) for _, a, b in rows], alpha, [])
    data = lines_data(
        lab.sentence, 0, p, lab.pipeline.config, {"id": key, "sentence": 0, "step": -1}
    )
    if k.which == "encoder":
        data["tgt_lang"] = data["src_lang"]
    elif k.which == "decoder":
        data["src_lang"] = data["tgt_lang"]
    mount(data, "head-lines")


def _take_away(
    lab: Lab, grid: np.ndarray, numbers: list[Facts], alpha: np.ndarray, names: tuple
) -> None:
    """All pictures as one figure with the facts of every head; the chosen head's weights."""
    k = state.kept()
    key = f"heads-{lab.id}-{k.which}-{k.unit}"
    st.caption(
        _(
            "Entropy: 0 bits looks at one place. Diagonal: 1 if the n-th part of the output looks at "
            "the n-th part of the source (Tachibana et al. 2018), the end left out. Both by pieces."
        )
    )
    both = (
        st.columns(2, gap="medium") if grid.shape[0] * grid.shape[1] > 1 else [st.container()] * 2
    )
    with both[0]:
        downloads(
            lambda: mosaic(grid),
            lambda: _facts_table(numbers),
            key,
            "heads",
            _("All heads"),
            FORMATS,
        )
    p = Picture(names[1], names[0], [], alpha, [])
    with both[1]:
        downloads(
            lambda: matrix(alpha, names[1], names[0], sides=SIDES[k.which]),
            lambda: table(p),
            f"{key}-{k.layer}-{k.head}",
            "head",
            _("Weights of the chosen head"),
            {},
        )


def _facts_table(numbers: list[Facts]) -> pd.DataFrame:
    at_start = state.kept().which == "decoder"
    rests = later("on the start") if at_start else later("on the end")
    return pd.DataFrame(
        {
            later("layer"): f.layer + 1,
            later("head"): f.head + 1,
            later("entropy, bits"): f.entropy,
            rests: f.sink,
            later("diagonal"): f.diagonal,
        }
        for f in numbers
    )


def _table(numbers: list[Facts]) -> None:
    """Three numbers a head; a click on a column's name sorts by it."""
    alt = _("Entropy, sink and diagonal of every head")
    draw(_facts_table(numbers), alt, FORMATS, height=212)
