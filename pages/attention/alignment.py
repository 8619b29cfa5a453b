"""Panel: which head is the aligner?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.attention.gold import bring_gold, ranking_of_file
from pages.attention.pair import gold_box, numbered, target_box, words_of
from pages.lab.context import Lab
from pages.parts import state
from pages.parts.chart import chart, csv, downloads
from pages.parts.columns import draw
from pages.parts.looks import alignment_of, kinds_of
from pages.parts.words import NO_ATTENTION, all_of
from s2s.analysis.alignment import Gold, count, links
from s2s.analysis.heads import merged
from s2s.analysis.surgery import heads_of
from s2s.figures.heatmap import matrix
from s2s.figures.links import marked
from s2s.locale import _, later, plural, translated
from s2s.trace import Sentence

METHODS = {
    "argmax": later("strongest"),
    "both": later("both directions"),
    "grow": later("both, grown"),
}
ENDINGS = {1: later("counts"), 0: later("left out")}
HELP = later(
    "Strongest: each output word to the source word it looks at most. Both directions: only where that "
    "word is also looked at most by it. Grown: these, and neighbours that one direction links."
)
SCORES = {
    "AER": later("Alignment error rate, 1 − (|A∩S| + |A∩P|) / (|A| + |S|): 0 is perfect."),
    "precision": later("Share of its links that are possible ones."),
    "recall": later("Share of the sure links that it found."),
}
Who = tuple[int, int] | str
"""A head by layer and number, 0 for the mean, or an aligner without a network."""
RIVALS = {
    "model1": later("IBM model 1, no network"),
    "diagonal": later("model 1 with a diagonal prior"),
}


def alignment_panel(lab: Lab) -> None:
    """The ranking over a whole gold set, then this sentence."""
    st.markdown(
        _(
            "If attention says which word became which, it should link the words that people link: "
            "here every head is judged by that."
        )
    )
    attends = bool(heads_of(lab.pipeline.checkpoint.model))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        k = state.kept()
        st.segmented_control(
            _("Links"),
            list(METHODS),
            default=k.links,
            required=True,
            format_func=all_of(METHODS).get,
            help=translated(HELP),
            **state.widget("links"),
        )
        st.segmented_control(
            _("The end of the source"),
            [1, 0],
            default=k.ending,
            required=True,
            format_func=all_of(ENDINGS).get,
            help=_("If it counts, a word that looks there most stays without a link."),
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
        st.info(translated(NO_ATTENTION))
        return
    _sentence(lab, sentence, merged(grids["cross"], *words_of(sentence)), whole)


def _called(who: Who, say: Callable[[str], str] = translated) -> str:
    """A head by layer and number, or an aligner by code; files have it as it stands, not ``translated``."""
    if isinstance(who, str):
        return say(RIVALS[who])
    layer, head = who
    if not layer:
        return say(later("mean of all"))
    form = later("layer {layer}, head {head}") if head else later("layer {layer}, mean")
    return say(form).format(layer=layer, head=head)


def _table(judged: list[tuple[Who, dict[str, float]]], say: Callable[[str], str]) -> pd.DataFrame:
    """Who is judged, and how; best first."""
    return pd.DataFrame(
        {
            later("head"): _called(who, say),
            "AER": found["aer"],
            later("precision"): found["precision"],
            later("recall"): found["recall"],
        }
        for who, found in sorted(judged, key=lambda pair: pair[1]["aer"])
    )


def _scores() -> dict[str, Any]:
    """Column settings of what heads are judged by."""
    number = st.column_config.NumberColumn
    return {name: number(format="percent", help=translated(x)) for name, x in SCORES.items()}


def _ranking(lab: Lab, whole: dict[str, Any]) -> None:
    """Every head over the gold set, and an aligner without a network."""
    k = state.kept()
    rows = [r for r in whole["heads"] if r["method"] == k.links and r["ends"] == bool(k.ending)]
    beside = [(name, whole[name][k.links]) for name in RIVALS if name in whole]
    st.markdown(_agrees(whole, rows[0]) + _rival(whole, beside))
    with st.expander(_("All heads ranked ({n})").format(n=len(rows))):
        judged = [*beside, *(((r["layer"], r["head"]), r) for r in rows)]
        draw(_table(judged, translated), _("Heads ranked by alignment error"), _scores())
        numbers = csv(_table(judged, str))
        title = _("Ranking (CSV)")
        st.download_button(title, numbers, "heads-by-aer.csv", "text/csv", on_click="ignore")
        n = whole["left_out"]
        left = plural(
            "Gold: {gold}; {n} pair does not fit the model's pieces.",
            "Gold: {gold}; {n} pairs do not fit the model's pieces.",
            n,
        )
        st.caption(left.format(gold=whole["gold"], n=n))


def _agrees(whole: dict[str, Any], best: dict[str, Any]) -> str:
    """Which head agrees best with people, over a gold set."""
    n, head = whole["pairs"], _called((best["layer"], best["head"]))
    return plural(
        "Over {n} pair linked by people, **{head}** agrees best with it: an error rate of {rate:.1%}.",
        "Over {n} pairs linked by people, **{head}** agrees best with them: an error rate of {rate:.1%}.",
        n,
    ).format(n=n, head=head, rate=best["aer"])


def _rival(whole: dict[str, Any], beside: list[tuple[str, dict[str, float]]]) -> str:
    """How well an aligner without a network does on the same pairs; nothing if none was measured."""
    if not beside:
        return ""
    name, its = min(beside, key=lambda pair: pair[1]["aer"])
    return _(
        " An aligner without a network, {rival}, trained on {n:,} other pairs, has {rate:.1%}."
    ).format(rival=_called(name), n=whole.get("texts", 0), rate=its["aer"])


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
    alt = _("Links of {head} on its attention").format(head=_called(at))
    chart(marks, key, "alignment", alt=alt)
    if gold is None:
        table = pd.DataFrame(
            {later("source"): src[s], later("output"): tgt[t]} for s, t in sorted(found[at])
        )
        downloads(marks, table, key, "alignment", _("Links of this head"), {})
        return
    counts = {name: count(own, gold) for name, own in found.items()}
    judged = [
        (name, {"aer": c.aer, "precision": c.precision, "recall": c.recall})
        for name, c in counts.items()
    ]
    title = _("Heads on this sentence")
    draw(_table(judged, translated), title, _scores(), height=220)
    downloads(marks, _table(judged, str), key, "alignment", title)


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
            _("Head that is drawn"),
            names,
            names.index(best),
            format_func={name: _called(name) for name in names}.get,
            key=key,
            on_change=take,
            width=260,
        )
    return best
