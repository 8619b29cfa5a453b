"""The options panel: every field of SearchOptions, explained in one line, kept in the URL."""

from __future__ import annotations

import dataclasses

import streamlit as st

from s2s.config import SearchOptions

URL = {"bind": "query-params"}
NORMS = {
    "average": "average a token",
    "gnmt": "GNMT",
    "none": "none",
}


def search_options(defaults: SearchOptions) -> SearchOptions:
    """Draw the panel and return what it says. Widget keys are the names in the URL."""
    values: dict = {}
    d = defaults
    values["method"] = st.segmented_control(
        "Search", ["beam", "sample"], default=d.method, required=True, key="method", **URL,
        help="Beam keeps the best unfinished sentences at each step; sampling draws tokens by chance.",
    )  # fmt: skip
    values["beam"] = st.slider(
        "Beam size" if values["method"] == "beam" else "Samples", 1, 16, d.beam, key="beam", **URL,
        help="How many unfinished sentences are kept side by side. 1 is greedy search.",
    )  # fmt: skip
    if values["method"] == "sample":
        values |= _sampling(d)
    values["length_norm"] = st.selectbox(
        "Length normalisation", list(NORMS), list(NORMS).index(d.length_norm),
        format_func=NORMS.get, key="length_norm", **URL,
        help="Every token lowers the total, so short outputs would win: divide by length, "
        "by a softer power of it (GNMT), or not at all.",
    )  # fmt: skip
    values["alpha"] = st.slider(
        "Length penalty α", 0.0, 2.0, d.alpha, 0.1, key="alpha", **URL,
        help="0 ignores length; larger values favour longer outputs.",
    )  # fmt: skip
    with st.expander("More options"):
        values |= _constraints(d)
    return dataclasses.replace(defaults, **values)


def _sampling(d: SearchOptions) -> dict:
    return {
        "temperature": st.slider(
            "Temperature", 0.1, 2.0, d.temperature, 0.1, key="temperature", **URL,
            help="Below 1 plays safe, above 1 takes risks.",
        ),
        "top_k": st.number_input(
            "Top-k", 0, 1000, d.top_k, key="top_k", **URL,
            help="Draw from the k most probable tokens only; 0: from all.",
        ),
        "top_p": st.slider(
            "Top-p", 0.05, 1.0, d.top_p, 0.05, key="top_p", **URL,
            help="Draw from the smallest set of tokens that holds this much probability.",
        ),
        "seed": st.number_input(
            "Seed", 0, 2**31, d.seed, key="seed", **URL, help="The same seed draws the same samples."
        ),
    }  # fmt: skip


def _constraints(d: SearchOptions) -> dict:
    values = {
        "block_ngram": st.slider(
            "Block repeated n-grams", 0, 6, d.block_ngram, key="block_ngram", **URL,
            help="No run of this many tokens may occur twice; 0 switches it off.",
        ),
        "repetition_penalty": st.slider(
            "Repetition penalty", 1.0, 2.0, d.repetition_penalty, 0.05, key="repetition_penalty",
            **URL, help="Makes tokens that were used already less probable; 1 switches it off.",
        ),
        "coverage": st.slider(
            "Coverage penalty β", 0.0, 1.0, d.coverage, 0.05, key="coverage", **URL,
            help="Lowers the score of outputs that left source words unattended; 0: off.",
        ),
        "min_length": st.number_input(
            "Minimum length", 0, 100, d.min_length, key="min_length", **URL,
            help="The sentence may not end before this many tokens.",
        ),
        "max_length": st.number_input(
            "Maximum length", 0, 100, d.max_length, key="max_length", **URL,
            help="The sentence is cut after this many tokens; 0: twice the source plus ten.",
        ),
    }  # fmt: skip
    if values["max_length"] and values["min_length"] > values["max_length"]:
        st.warning("The minimum length is over the maximum; the maximum is used for both.")
        values["min_length"] = values["max_length"]
    return values
