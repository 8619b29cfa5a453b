"""Panel: one sentence, one output, every network that can read it."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import streamlit as st

from pages.attention.pair import gold_box, sentence_of, target_box, title
from pages.lab.context import Lab
from pages.parts.cache import Card, every_card
from pages.parts.chart import chart, csv, downloads
from pages.parts.columns import draw
from pages.parts.looks import drops
from pages.parts.picture import word
from pages.parts.text import warn
from s2s.analysis.alignment import Gold, count, links
from s2s.analysis.attention import merge_words
from s2s.analysis.attribution import responsible
from s2s.analysis.heads import entropy
from s2s.errors import S2SError
from s2s.figures.heatmap import matrix
from s2s.locale import _, later
from s2s.text.remarks import Remark, shown
from s2s.trace import Sentence


def networks_panel(lab: Lab) -> None:
    """Pictures on one scale, and a row of numbers each."""
    st.markdown(
        _(
            "The same source, the same output, other networks: each is made to write exactly these "
            "words, so that rows can be compared."
        )
    )
    target = target_box(lab)
    gold = gold_box(target)
    here = next(c for c in every_card()[0] if c.name == lab.name)
    found: list[tuple[Card, Sentence]] = [(here, target)]
    for card in every_card()[0]:
        if card.name != lab.name and (card.task, card.languages) == (here.task, here.languages):
            try:
                found.append((card, sentence_of(card.name, lab, target.outputs[0])))
            except S2SError as error:
                warn(f"{card.title}: {error}")
    if len(found) == 1:
        st.info(_("No other model of this task and these languages is here to compare with."))
    rows = [
        _one(column, card, sentence, gold)
        for column, (card, sentence) in zip(st.columns(len(found), gap="small"), found, strict=True)
    ]
    table = pd.DataFrame(rows)
    number = st.column_config.NumberColumn
    draw(
        table.assign(picture=[shown(row["picture"]) for row in rows]),
        _("Networks compared"),
        {
            "entropy, bits": number(
                format="%.2f",
                help=_("Of the mean attention, by word: 0 looks at one word alone."),
            ),
            "log-probability": "%.2f",
            "a token, on average": number(
                format="percent", help=_("Geometric mean of the tokens' probabilities.")
            ),
            "AER": "percent",
        },
    )
    title = _("Networks (CSV)")
    st.download_button(title, csv(table), "networks.csv", "text/csv", on_click="ignore")
    _words(found)


def _one(column, card: Card, sentence: Sentence, gold: Gold | None) -> dict:
    """One network's picture, and its row of the table."""
    with column:
        st.markdown(f"**{title(card.title)}**")
        alpha, what = _map(card, sentence)
        st.caption(shown(what))
        if alpha is not None:
            _draw(card, sentence, alpha, what)
    best = sentence.best
    looks = best.attention is not None and alpha is not None
    row = {
        later("network"): card.title.split(" · ", 1)[-1],
        later("picture"): what,
        later("entropy, bits"): float(entropy(alpha).mean()) if looks else None,
        later("log-probability"): best.total,
        later("a token, on average"): math.exp(best.total / len(best.tokens)),
    }
    if gold:
        row["AER"] = None if alpha is None else count(links(alpha), gold).aer
    return row


def _draw(card: Card, sentence: Sentence, alpha: np.ndarray, what: Remark) -> None:
    """The picture and its numbers."""
    src = [word(w) for w, _, _ in sentence.src_words]
    tgt = [word(w) for w, _, _ in sentence.tgt_words[0]]
    key = f"network-{card.name}-{hash((sentence.source, sentence.best.tokens)) & 0xFFFFFFFF:x}"
    weights = pd.DataFrame(alpha, columns=[f"{n + 1} {w}" for n, w in enumerate(src)])
    weights.insert(0, later("output"), tgt)
    figure = matrix(alpha[:-1], src, tgt[:-1]) if len(tgt) > 1 else matrix(alpha, src, tgt)
    figure["data"][0]["showscale"] = False
    for axis in ("xaxis", "yaxis"):
        figure["layout"][axis] |= {"tickfont": {"size": 12}}
    chart(figure, key, card.name, alt=f"{title(card.title)}: {shown(what)}")
    downloads(figure, weights, key, card.name, card.title, {})


def _map(card: Card, sentence: Sentence) -> tuple[np.ndarray | None, Remark]:
    """Attention by word; without attention what leaving out each word costs, as shares."""
    alpha = sentence.best.alpha()
    if alpha is not None:
        layers, heads = sentence.best.attention.shape[1:3]
        sizes = {"layers": layers, "heads": heads}
        mean = Remark(later("mean of {layers} × {heads} heads"), values=sizes)
        kind = Remark(later("attention")) if layers * heads == 1 else mean
        return merge_words(alpha, sentence.tgt_words[0], sentence.src_words), kind
    fall = drops(card.name, sentence)
    if fall is None:
        return None, Remark(later("no attention; what hiding each word costs was not finished"))
    found = responsible(fall)
    rows = np.stack([found[a:b].mean(0) for _, a, b in sentence.tgt_words[0]])
    return rows, Remark(later("no attention: what hiding each word costs, as shares"))


def _words(found: list[tuple[Card, Sentence]]) -> None:
    """How probable each network finds each output word."""
    words = [[w for w, _, _ in s.tgt_words[0]] for _, s in found]
    if any(w != words[0] for w in words):
        return
    table = pd.DataFrame({later("output"): [word(w) for w in words[0]]})
    for card, s in found:
        name = card.title.split(" · ", 1)[-1]
        table[name] = [math.exp(float(s.best.logprobs[a:b].sum())) for _, a, b in s.tgt_words[0]]
    st.markdown(_("**How probable each word is to each network**"))
    bar = st.column_config.ProgressColumn
    bars = {c: bar(c, format="percent", min_value=0.0, max_value=1.0) for c in table.columns[1:]}
    draw(table, _("Probabilities of the words"), bars)
    title = _("Words (CSV)")
    st.download_button(title, csv(table), "words.csv", "text/csv", on_click="ignore")
