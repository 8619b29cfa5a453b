"""Panel: which head is the aligner?"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.attention.gold import bring_gold, ranking_of_file
from pages.attention.pair import gold_box, numbered, target_box, words_of
from pages.lab.context import Lab
from pages.parts import state
from pages.parts.chart import chart, csv, downloads
from pages.parts.looks import alignment_of, kinds_of
from pages.parts.words import NO_ATTENTION
from s2s.analysis.alignment import Gold, count, links
from s2s.analysis.heads import merged
from s2s.analysis.surgery import heads_of
from s2s.figures.heatmap import matrix
from s2s.figures.links import marked
from s2s.trace import Sentence

METHODS = {"argmax": "strongest", "both": "both directions", "grow": "both, grown"}
HELP = (
    "Strongest: each output word to the source word it looks at most. Both directions: only where that "
    "word is also looked at most by it. Grown: these, and neighbours that one direction links."
)
SCORES = {
    name: st.column_config.NumberColumn(format="percent", help=text)
    for name, text in (
        ("AER", "Alignment error rate, 1 − (|A∩S| + |A∩P|) / (|A| + |S|): 0 is perfect."),
        ("precision", "Share of its links that are possible ones."),
        ("recall", "Share of the sure links that it found."),
    )
}


def alignment_panel(lab: Lab) -> None:
    """The ranking over a whole gold set, then this sentence."""
    st.markdown(
        "If attention says which word became which, it should link the words that people link: "
        "here every head is judged by that."
    )
    attends = bool(heads_of(lab.pipeline.checkpoint.model))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        k = state.kept()
        st.segmented_control(
            "Links",
            list(METHODS),
            default=k.links,
            required=True,
            format_func=METHODS.get,
            help=HELP,
            **state.widget("links"),
        )
        st.segmented_control(
            "The end of the source",
            [1, 0],
            default=k.ending,
            required=True,
            format_func={1: "counts", 0: "left out"}.get,
            help="If it counts, a word that looks there most stays without a link.",
            **state.widget("ending"),
        )
        if attends:
            bring_gold()
    whole = (ranking_of_file(lab) if attends else {}) or alignment_of(lab.name)
    if whole:
        _ranking(lab, whole)
    sentence = target_box(lab)
    grids = kinds_of(lab.name, sentence.trace.source, sentence.best.tokens)
    if "cross" not in grids:
        st.info(NO_ATTENTION)
        return
    _sentence(lab, sentence, merged(grids["cross"], *words_of(sentence)), whole)


def _name(layer: int, head: int) -> str:
    if not layer:
        return "mean of all"
    return f"layer {layer}, head {head}" if head else f"layer {layer}, mean"


def _ranking(lab: Lab, whole: dict[str, Any]) -> None:
    """Every head over the gold set, and an aligner without a network."""
    k = state.kept()
    rows = [r for r in whole["heads"] if r["method"] == k.links and r["ends"] == bool(k.ending)]
    best = rows[0]
    table = pd.DataFrame(
        {
            "head": _name(r["layer"], r["head"]),
            "AER": r["aer"],
            "precision": r["precision"],
            "recall": r["recall"],
        }
        for r in rows
    )
    others = {"model1": "IBM model 1, no network", "diagonal": "model 1 with a diagonal prior"}
    beside = [
        {"head": title} | {"AER" if n == "aer" else n: v for n, v in whole[name][k.links].items()}
        for name, title in others.items()
        if name in whole
    ]
    table = pd.concat([pd.DataFrame(beside), table]) if beside else table
    table = table.sort_values("AER", kind="stable")
    verdict = f"Over {whole['pairs']} pairs linked by people, **{_name(best['layer'], best['head'])}** agrees best with them: an error rate of {best['aer']:.1%}."
    if beside:
        rival = min(beside, key=lambda row: row["AER"])
        verdict += f" An aligner without a network, {rival['head']}, trained on {whole.get('texts', 0):,} other pairs, has {rival['AER']:.1%}."
    st.markdown(verdict)
    with st.expander(f"All heads ranked ({len(rows)})"):
        st.dataframe(
            table, hide_index=True, alt="Heads ranked by alignment error", column_config=SCORES
        )
        st.download_button(
            "Ranking (CSV)", csv(table), "heads-by-aer.csv", "text/csv", on_click="ignore"
        )
        st.caption(
            f"Gold: {whole['gold']}; {whole['left_out']} pairs do not fit the model's pieces."
        )


def _sentence(lab: Lab, sentence: Sentence, grid: np.ndarray, whole: dict[str, Any]) -> None:
    """This pair: links on the matrix of one head, and every head against the gold that was typed in."""
    k = state.kept()
    gold = gold_box(sentence)
    names = {(0, 0): grid.mean((0, 1))} if grid.shape[0] * grid.shape[1] > 1 else {}
    names |= {(n + 1, h + 1): a for n, layer in enumerate(grid) for h, a in enumerate(layer)}
    found = {at: links(a, k.links, bool(k.ending)) for at, a in names.items()}
    at = _chosen(list(names), found, gold, whole)
    src, tgt = numbered(sentence)
    marks = marked(
        matrix(names[at], src, tgt),
        found[at],
        gold.sure if gold else (),
        (gold.possible - gold.sure) if gold else (),
    )
    key = f"align-{lab.id}-{hash((sentence.best.tokens, at, k.links, k.ending, k.gold)) & 0xFFFFFFFF:x}"
    chart(marks, key, "alignment", alt=f"Links of {_name(*at)} on its attention")
    if gold is None:
        table = pd.DataFrame({"source": src[s], "output": tgt[t]} for s, t in sorted(found[at]))
        downloads(marks, table, key, "alignment", "Links of this head", {})
        return
    rows = []
    for name, own in found.items():
        c = count(own, gold)
        rows.append(
            {"head": _name(*name), "AER": c.aer, "precision": c.precision, "recall": c.recall}
        )
    table = pd.DataFrame(rows).sort_values("AER", kind="stable")
    st.dataframe(
        table, hide_index=True, alt="Heads on this sentence", column_config=SCORES, height=220
    )
    downloads(marks, table, key, "alignment", "Heads on this sentence")


def _chosen(
    names: list[tuple[int, int]], found: dict, gold: Gold | None, whole: dict[str, Any]
) -> tuple[int, int]:
    """The head that is drawn: the chosen one; else the best on this sentence, or over the gold set."""
    k = state.kept()
    if (k.layer, k.head) in names and (k.layer or not (gold or whole)):
        best = (k.layer, k.head)
    elif gold:
        best = min(names, key=lambda name: count(found[name], gold).aer)
    else:
        ranked = [(r["layer"], r["head"]) for r in whole.get("heads", ())]
        best = next((r for r in ranked if r in names), names[0])
    key = f"align-head.{k.epoch}.{len(names)}"

    def take() -> None:
        state.put(layer=st.session_state[key][0], head=st.session_state[key][1], which="cross")

    if len(names) > 1:
        st.session_state.pop(key, None)
        st.selectbox(
            "Head that is drawn",
            names,
            names.index(best),
            format_func=lambda at: _name(*at),
            key=key,
            on_change=take,
            width=260,
        )
    return best
