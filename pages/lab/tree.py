"""Panel: the whole search as a tree."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.lab.context import Lab
from pages.parts import state
from pages.parts.chart import downloads
from pages.parts.lines import mount
from pages.parts.picture import plain_piece
from s2s.analysis.tree import ROOT, Node, Tree, grow, lines
from s2s.analysis.what_if import Edit, as_text
from s2s.figures.tree import beam_tree, kind
from s2s.locale import _, later
from s2s.trace import Fate

MOST_ROWS = 2_000  # nodes drawn


def tree_panel(lab: Lab) -> None:
    """Every hypothesis kept at each step, the outputs and, on request, what was pruned."""
    k = state.kept()
    left, right = st.columns([3, 1], vertical_alignment="bottom")
    with left:
        st.caption(
            _(
                "A beam writes several sentences side by side, token by token, and keeps only the best "
                "few. Read downwards; the chosen output runs down the left side, small numbers are the "
                "log-probabilities of the tokens under them, **#1** and so on final places with scores."
            )
            + (_(" Samples do not compete: each was drawn by chance.") if lab.sampled else "")
        )
    with right:
        st.segmented_control(
            _("Pruned candidates"),
            [0, 1, 2, 3],
            default=k.pruned,
            required=True,
            format_func=[_("none of them"), "1", "2", "3"].__getitem__,
            help=_("How many pruned candidates are drawn for each hypothesis."),
            width="content",
            **state.widget("pruned"),
        )
    tree = grow(lab.trace, k.pruned)
    if len(tree.nodes) > MOST_ROWS:
        said = _(
            "This tree has {n:,} nodes, too many to draw: choose a smaller beam or fewer pruned "
            "candidates."
        )
        st.warning(said.format(n=len(tree.nodes)))
        return
    mount(tree_data(lab, tree), "tree-part", lambda _step, node: what_if_from(lab, tree, node))
    pieces = ["", *lab.tokens([n.token for n in tree.nodes[1:]])]
    downloads(
        lambda: beam_tree(tree, lines(tree), pieces, [h.score for h in lab.trace.hypotheses]),
        lambda: table(lab, tree, pieces),
        f"tree-{lab.id}-{k.pruned}",
        "beam-tree",
        lab.sentence.source.text,
        dict.fromkeys(("log-probability", "total", "normalised", "missed the cut by"), "%.3f")
        | {"text so far": st.column_config.TextColumn(width="large")},
        ["fate", "line"],
    )


def tree_data(lab: Lab, tree: Tree) -> dict:
    """Of the part ``tree``."""
    lane = {n: line.lane for line in lines(tree) for n in line.nodes}
    pieces = lab.pipeline.tokenizer.pieces([n.token for n in tree.nodes[1:]])
    labels = ["", *map(plain_piece, pieces)]
    return {
        "part": "tree",
        "id": f"tree-{lab.id}",
        "step": -1,
        "alt": _("Beam tree: {n} candidates over {steps} steps").format(
            n=len(tree.nodes) - 1, steps=tree.nodes[-1].depth
        ),
        "nodes": [
            {
                "id": n.id,
                "parent": n.parent,
                "depth": n.depth,
                "lane": lane.get(n.id, 0),
                "label": labels[n.id] if len(labels[n.id]) < 19 else labels[n.id][:17] + "…",
                "text": lab.words(tree.tokens(n.id))
                + (_(" (end)") if n.fate == Fate.FINISHED else ""),
                "logprob": round(n.logprob, 4),
                "total": round(n.total, 4),
                "score": round(n.score, 4),
                "kind": kind(n) if n.id else "",
                "fate": _fate(n, lab),
                "ends": f"#{n.ends + 1} {lab.trace.hypotheses[n.ends].score:.3f}"
                if n.ends >= 0
                else "",
            }
            for n in tree.nodes
        ],
    }


def _fate(n: Node, lab: Lab) -> str:
    if n.fate == Fate.PRUNED:
        return "not drawn" if lab.sampled else _("missed the cut by {n:.3f}").format(n=n.gap)
    return n.fate.name.lower()


def what_if_from(lab: Lab, tree: Tree, node: int) -> None:
    """Open What if with the path to a node in the place of the output's own beginning."""
    if not ROOT < node < len(tree.nodes):
        return
    path, best = tree.tokens(node), lab.trace.best.tokens
    same = next((i for i, (a, b) in enumerate(zip(path, best, strict=False)) if a != b), None)
    if same is None:  # on the chosen output itself: its last token is the one to change
        same = len(path) - 1
    state.put(edits=as_text([Edit(same, path[same:])]), panel="whatif")
    state.kept().leave = True


def table(lab: Lab, tree: Tree, pieces: list[str]) -> pd.DataFrame:
    """Every node with its numbers."""
    return pd.DataFrame(
        {
            later("step"): n.depth,
            later("text so far"): lab.words(tree.tokens(n.id)),
            later("token"): pieces[n.id],
            later("log-probability"): n.logprob,
            later("total"): n.total,
            later("normalised"): n.score,
            later("fate"): n.fate.name.lower(),
            later("missed the cut by"): n.gap if n.fate == Fate.PRUNED else None,
            later("line"): kind(n),
            later("final place"): n.ends + 1 if n.ends >= 0 else None,
        }
        for n in tree.nodes[1:]
    )
