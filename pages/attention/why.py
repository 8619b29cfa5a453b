"""Panel: did the model use what it looked at?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import streamlit as st

from pages.attention.pair import choose_word
from pages.lab.context import Lab
from pages.parts.chart import chart, downloads
from pages.parts.columns import draw
from pages.parts.looks import attribution, drops
from pages.parts.picture import word
from pages.parts.text import plain
from s2s.analysis.attribution import Attribution, agreement, by_word, deletion
from s2s.figures.heatmap import matrix
from s2s.locale import _, later, plural, translated

NAMES = (
    later("attention"),
    later("grad × input"),
    later("int. gradients"),
    later("word left out"),
)


def why_panel(lab: Lab) -> None:
    """One output word: four answers to where it came from, and whether they agree."""
    st.markdown(
        _(
            "Attention says where the model **looked**. Three other methods say what the word **hung "
            "on**: where they agree, looking and using were the same."
        )
    )
    s, h = lab.sentence, lab.sentence.best
    tgt, src = s.tgt_words[0], s.src_words
    labels = [word(w) for w, _, _ in tgt]
    at = choose_word(s, _("Why did it write …"))
    first, last = tgt[at][1:]
    t = first + int(np.argmin(h.logprobs[first:last]))  # of its pieces the hardest decision
    found = attribution(lab, t)
    fall = None if found is None else drops(lab.name, s)
    if found is None or fall is None:
        return
    alpha = h.alpha()
    rows = {
        "attention": None if alpha is None else by_word(alpha[t], src),
        "grad × input": by_word(found.gradient, src),
        "int. gradients": by_word(found.integrated, src),
        "word left out": fall[t],
    }
    signed = {name: row for name, row in rows.items() if row is not None}
    shares = {name: share(row) for name, row in signed.items()}
    figure = matrix(
        np.stack(list(shares.values())),
        [word(w) for w, _, _ in src],
        [translated(name) for name in shares],
        sides=(later("method"), later("source")),
    )
    key = f"why-{lab.id}-{t}"
    alt = _("Four attributions of the word {word}").format(word=labels[at])
    chart(figure, key, "attribution", alt=alt)
    table = pd.DataFrame({later("source"): [word(w) for w, _, _ in src]} | signed)
    _agreement(shares, [word(w) for w, _, _ in src])
    if alpha is not None:
        _deletion(lab, rows["attention"], fall, t)
    _note(lab, found, t)
    downloads(figure, table, key, "attribution", labels[at], dict.fromkeys(NAMES, "%.4f"))


def share(row: np.ndarray) -> np.ndarray:
    """Importance in either direction, as a share of all."""
    size = np.abs(row)
    return size / size.sum() if size.sum() > 0 else size


def _agreement(shares: dict[str, np.ndarray], src: list[str]) -> None:
    """Top word and rank correlation of each method with attention, or with leaving out."""
    if "attention" in shares:
        against, same = "attention", later("same first as attention")
        rank = later("rank correlation with attention")
    else:
        against, same = "word left out", later("same first as word left out")
        rank = later("rank correlation with word left out")
    rows = []
    for name, own in shares.items():
        found = agreement(shares[against], own)
        rows.append(
            {
                later("method"): name,
                later("first word"): src[int(own.argmax())],
                same: later("yes") if found.same_first else later("no"),
                rank: found.correlation,
            }
        )
    spearman = st.column_config.NumberColumn(
        format="%+.2f", help=_("Spearman's, over the source words: 1 is the same order.")
    )
    title = _("How far the methods agree")
    draw(pd.DataFrame(rows), title, {rank: spearman}, ["method", same])


def _deletion(lab: Lab, looked: np.ndarray, fall: np.ndarray, t: int) -> None:
    """What hiding the most attended word costs, against a random one; here and over the whole output."""
    src = [plain(word(w)) for w, _, _ in lab.sentence.src_words]
    found = deletion(looked, fall[t])
    if found is None:
        return
    said = _(
        "**Hide the word it looked at most, {word}:** its log-probability falls by **{drop:.2f}** nats; "
        "hiding another word costs {others:.2f} on average."
    ).format(word=src[found.word], drop=found.drop, others=found.others)
    worst = _(" Most costly is **{word}**.").format(word=src[found.worst])
    st.markdown(said + (_(" No word costs more.") if found.worst == found.word else worst))
    alpha = lab.sentence.best.alpha()
    words = by_word(alpha, lab.sentence.src_words)
    all_of = [d for d in map(deletion, words, fall) if d is not None]
    wins = sum(d.drop > d.others for d in all_of)
    said = plural(
        "Over the whole output: {drop:.2f} nats against {others:.2f}; the word looked at most mattered "
        "more than a random one for {wins} of {n} token.",
        "Over the whole output: {drop:.2f} nats against {others:.2f}; the word looked at most mattered "
        "more than a random one for {wins} of {n} tokens.",
        len(all_of),
    )
    drop, others = (np.mean([getattr(d, x) for d in all_of]) for x in ("drop", "others"))
    st.caption(said.format(drop=drop, others=others, wins=wins, n=len(all_of)))


def _note(lab: Lab, found: Attribution, t: int) -> None:
    token = plain(lab.tokens(lab.sentence.best.tokens[t : t + 1])[0])
    said = _(
        "Asked about token {token} ({p:.1%}; with a blank sentence {blank:.1%}). Integrated gradients add "
        "up to that difference within {gap:.3f} of {whole:.3f} nats. Colours are shares of the importance "
        "in either direction; the table has the signs, in nats."
    )
    values = {"p": math.exp(found.logprob), "blank": math.exp(found.blank), "gap": abs(found.gap)}
    st.caption(said.format(token=token, whole=found.logprob - found.blank, **values))
