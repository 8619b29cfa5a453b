"""Panel: did the model use what it looked at?"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import streamlit as st

from pages.attention.pair import choose_word
from pages.lab.context import Lab
from pages.parts.chart import chart, downloads
from pages.parts.looks import attribution, drops
from pages.parts.picture import word
from pages.parts.text import plain
from s2s.analysis.attribution import Attribution, agreement, by_word, deletion
from s2s.figures.heatmap import matrix

NAMES = ("attention", "grad × input", "int. gradients", "word left out")


def why_panel(lab: Lab) -> None:
    """One output word: four answers to where it came from, and whether they agree."""
    st.markdown(
        "Attention says where the model **looked**. Three other methods say what the word **hung on**: "
        "where they agree, looking and using were the same."
    )
    s, h = lab.sentence, lab.sentence.best
    tgt, src = s.tgt_words[0], s.src_words
    labels = [word(w) for w, _, _ in tgt]
    at = choose_word(s, "Why did it write …")
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
        list(shares),
        sides=("method", "source"),
    )
    key = f"why-{lab.id}-{t}"
    chart(figure, key, "attribution", alt=f"Four attributions of the word {labels[at]}")
    table = pd.DataFrame({"source": [word(w) for w, _, _ in src]} | signed)
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
    against = "attention" if "attention" in shares else "word left out"
    rows = []
    for name, own in shares.items():
        found = agreement(shares[against], own)
        rows.append(
            {
                "method": name,
                "first word": src[int(own.argmax())],
                f"same first as {against}": "yes" if found.same_first else "no",
                f"rank correlation with {against}": found.correlation,
            }
        )
    st.dataframe(
        pd.DataFrame(rows),
        hide_index=True,
        alt="How far the methods agree",
        column_config={
            f"rank correlation with {against}": st.column_config.NumberColumn(
                format="%+.2f", help="Spearman's, over the source words: 1 is the same order."
            )
        },
    )


def _deletion(lab: Lab, looked: np.ndarray, fall: np.ndarray, t: int) -> None:
    """What hiding the most attended word costs, against a random one; here and over the whole output."""
    src = [plain(word(w)) for w, _, _ in lab.sentence.src_words]
    found = deletion(looked, fall[t])
    if found is None:
        return
    st.markdown(
        f"**Hide the word it looked at most, {src[found.word]}:** its log-probability falls by "
        f"**{found.drop:.2f}** nats; hiding another word costs {found.others:.2f} on average. "
        + (
            "No word costs more."
            if found.worst == found.word
            else f"Most costly is **{src[found.worst]}**."
        )
    )
    alpha = lab.sentence.best.alpha()
    words = by_word(alpha, lab.sentence.src_words)
    all_of = [d for d in map(deletion, words, fall) if d is not None]
    wins = sum(d.drop > d.others for d in all_of)
    st.caption(
        f"Over the whole output: {np.mean([d.drop for d in all_of]):.2f} nats against "
        f"{np.mean([d.others for d in all_of]):.2f}; the word looked at most mattered more than a "
        f"random one for {wins} of {len(all_of)} tokens."
    )


def _note(lab: Lab, found: Attribution, t: int) -> None:
    token = plain(lab.tokens(lab.sentence.best.tokens[t : t + 1])[0])
    st.caption(
        f"Asked about token {token} ({math.exp(found.logprob):.1%}; with a blank sentence "
        f"{math.exp(found.blank):.1%}). Integrated gradients add up to that difference within "
        f"{abs(found.gap):.3f} of {found.logprob - found.blank:.3f} nats. Colours are shares of the "
        "importance in either direction; the table has the signs, in nats."
    )
