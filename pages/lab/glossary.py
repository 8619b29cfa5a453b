"""The words of the Beam lab, each in two sentences."""

from __future__ import annotations

import streamlit as st

from s2s.locale import _, later, translated

WORDS = (
    later(
        "**Beam.** The hypotheses that are kept alive side by side while a sentence is being "
        "written. Their number is the beam size; with 1 the search is greedy."
    ),
    later(
        "**Hypothesis.** The beginning of an output, or a whole one. It ends with the token `</s>`."
    ),
    later(
        "**Log-probability.** The natural logarithm of a probability: 0 is certain, −0.69 is one "
        "half, −2.3 is one tenth. Probabilities of tokens multiply, so their logarithms add up; "
        "the unit is the nat."
    ),
    later(
        "**Raw total.** The sum of a hypothesis's token log-probabilities: what the beam prunes by."
    ),
    later(
        "**Normalised score.** The total divided by a function of the length, so that long "
        "outputs are not punished for being long: total / lengthᵅ, or GNMT's ((5 + length) / 6)ᵅ "
        "(Wu et al. 2016). What outputs are ranked by."
    ),
    later(
        "**Cut.** The total of the worst hypothesis that stays alive at a step. Candidates below "
        "it are pruned."
    ),
    later(
        "**Search error.** The model itself scores another output higher, and the search did not "
        "find it."
    ),
    later(
        "**Model error.** The model scores a worse output higher than a better one. No search can"
        " mend it."
    ),
    later(
        "**Coverage.** Whether every source token was looked at while the output was written (by "
        "attention)."
    ),
    later(
        "**Beam search curse.** Quality falls when the beam grows, because better search uncovers"
        " model errors (Koehn and Knowles 2017)."
    ),
)


def glossary() -> None:
    """All words, folded away until asked for."""
    with st.expander(_("Words used here: beam, log-probability, normalised score, search error …")):
        st.markdown("\n\n".join(map(translated, WORDS)))
