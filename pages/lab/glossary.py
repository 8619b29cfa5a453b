"""The words of the Beam lab, each in two sentences."""

from __future__ import annotations

import streamlit as st

WORDS = {
    "Beam": "The hypotheses that are kept alive side by side while a sentence is being written. Their "
    "number is the beam size; with 1 the search is greedy.",
    "Hypothesis": "The beginning of an output, or a whole one. It ends with the token `</s>`.",
    "Log-probability": "The natural logarithm of a probability: 0 is certain, −0.69 is one half, −2.3 is "
    "one tenth. Probabilities of tokens multiply, so their logarithms add up; the unit is the nat.",
    "Raw total": "The sum of a hypothesis's token log-probabilities: what the beam prunes by.",
    "Normalised score": "The total divided by a function of the length, so that long outputs are not "
    "punished for being long: total / lengthᵅ, or GNMT's ((5 + length) / 6)ᵅ (Wu et al. 2016). What "
    "outputs are ranked by.",
    "Cut": "The total of the worst hypothesis that stays alive at a step. Candidates below it are pruned.",
    "Search error": "The model itself scores another output higher, and the search did not find it.",
    "Model error": "The model scores a worse output higher than a better one. No search can mend it.",
    "Coverage": "Whether every source token was looked at while the output was written (by attention).",
    "Beam search curse": "Quality falls when the beam grows, because better search uncovers model "
    "errors (Koehn and Knowles 2017).",
}


def glossary() -> None:
    """All words, folded away until asked for."""
    with st.expander("Words used here: beam, log-probability, normalised score, search error …"):
        st.markdown("\n\n".join(f"**{word}.** {text}" for word, text in WORDS.items()))
