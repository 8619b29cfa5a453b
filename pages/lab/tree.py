"""Panel: the whole search as a tree."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.parts.chart import chart, downloads
from pages.lab.context import Lab
from s2s.analysis.tree import grow, lines
from s2s.figures.tree import beam_tree, kind

MOST_ROWS = 2_000  # nodes drawn


def tree_panel(lab: Lab) -> None:
    """Every hypothesis kept at each step, the outputs and, on request, what was pruned."""
    st.markdown(
        "Beam search writes several sentences side by side, token by token, and keeps only the best "
        "few: read downwards to see which lines lived, which died, and which one won."
    )
    pruned = st.segmented_control(
        "Pruned candidates to draw for each hypothesis",
        [0, 1, 2, 3],
        default=0,
        required=True,
        key="pruned",
        bind="query-params",
        format_func=lambda n: "none" if n == 0 else str(n),
    )
    tree = grow(lab.trace, pruned)
    if len(tree.nodes) > MOST_ROWS:
        st.warning(
            f"This tree has {len(tree.nodes):,} nodes, too many to draw: choose a smaller beam or "
            "fewer pruned candidates."
        )
        return
    labels = ["", *lab.tokens([n.token for n in tree.nodes[1:]])]
    scores = [h.score for h in lab.trace.hypotheses]
    figure = beam_tree(tree, lines(tree), labels, scores)
    st.caption(
        "The chosen output runs down the left side. The small number at an edge is the "
        "log-probability of the token under it; **#1** and so on are final places with their scores. "
        "Hover for totals. The toolbar pans and zooms; double-click resets."
        + (" Samples do not compete: each line was drawn by chance." if lab.sampled else "")
    )
    chart(
        figure,
        f"tree-{lab.id}-{pruned}",
        "beam-tree",
        pans=True,
        alt=f"Beam tree: {len(tree.nodes) - 1} candidates over {len(lab.trace.steps.fate)} steps",
    )
    table = pd.DataFrame(
        {
            "step": n.depth,
            "text so far": lab.words(tree.tokens(n.id)),
            "token": labels[n.id],
            "log-probability": n.logprob,
            "total": n.total,
            "normalised": n.score,
            "fate": n.fate.name.lower(),
            "missed the cut by": n.gap if n.fate.name == "PRUNED" else None,
            "line": kind(n),
            "final place": n.ends + 1 if n.ends >= 0 else None,
        }
        for n in tree.nodes[1:]
    )
    number = "%.3f"
    downloads(
        figure,
        table,
        f"tree-{lab.id}-{pruned}",
        "beam-tree",
        lab.sentence.text,
        {
            "log-probability": number,
            "total": number,
            "normalised": number,
            "missed the cut by": number,
            "text so far": st.column_config.TextColumn(width="large"),
        },
    )
