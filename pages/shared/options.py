"""The options panel: every field of SearchOptions, explained in one line, kept in the URL."""

from __future__ import annotations

import dataclasses

import streamlit as st

from s2s.config import Config, RerankOptions, SearchOptions

URL = {"bind": "query-params"}
NORMS = {
    "average": "average a token",
    "gnmt": "GNMT",
    "none": "none",
}


def search_options(defaults: SearchOptions, prefix: str = "") -> SearchOptions:
    """Draw the panel and return what it says. Widget keys, behind ``prefix``, are the URL's names."""
    values: dict = {}
    d = defaults
    values["method"] = st.segmented_control(
        "Search",
        ["beam", "sample"],
        default=d.method,
        required=True,
        key=prefix + "method",
        **URL,
        help="Beam keeps the best unfinished sentences at each step; sampling draws tokens by chance.",
    )
    values["beam"] = st.slider(
        "Beam size" if values["method"] == "beam" else "Samples",
        1,
        16,
        d.beam,
        key=prefix + "beam",
        **URL,
        help="How many unfinished sentences are kept side by side. 1 is greedy search.",
    )
    if values["method"] == "sample":
        values |= _sampling(d, prefix)
    values["length_norm"] = st.selectbox(
        "Length normalisation",
        list(NORMS),
        list(NORMS).index(d.length_norm),
        format_func=NORMS.get,
        key=prefix + "length_norm",
        **URL,
        help="Every token lowers the total, so short outputs would win: divide by length, "
        "by a softer power of it (GNMT), or not at all.",
    )
    values["alpha"] = st.slider(
        "Length penalty α",
        0.0,
        2.0,
        d.alpha,
        0.1,
        key=prefix + "alpha",
        **URL,
        help="0 ignores length; larger values favour longer outputs.",
    )
    with st.expander("More options"):
        if values["method"] == "beam":
            values |= _diversity(d, prefix)
        values |= _constraints(d, prefix)
    return dataclasses.replace(defaults, **values)


def rerank_options(config: Config, prefix: str = "") -> RerankOptions:
    """How outputs are ranked after the search, where the model knows how probable one is by itself."""
    if not config.data.blank:
        return config.rerank
    mutual = st.slider(
        "Mutual information λ",
        0.0,
        1.0,
        config.rerank.mutual,
        0.05,
        key=prefix + "mutual",
        **URL,
        help="Takes λ times the log-probability that an output has without the source off its "
        "score: against replies that fit everything. 0 switches it off.",
    )
    return RerankOptions(mutual=mutual)


def _sampling(d: SearchOptions, prefix: str) -> dict:
    return {
        "temperature": st.slider(
            "Temperature",
            0.1,
            2.0,
            d.temperature,
            0.1,
            key=prefix + "temperature",
            **URL,
            help="Below 1 plays safe, above 1 takes risks.",
        ),
        "top_k": st.number_input(
            "Top-k",
            0,
            1000,
            d.top_k,
            key=prefix + "top_k",
            **URL,
            help="Draw from the k most probable tokens only; 0: from all.",
        ),
        "top_p": st.slider(
            "Top-p",
            0.05,
            1.0,
            d.top_p,
            0.05,
            key=prefix + "top_p",
            **URL,
            help="Draw from the smallest set of tokens that holds this much probability.",
        ),
        "seed": st.number_input(
            "Seed",
            0,
            2**31,
            d.seed,
            key=prefix + "seed",
            **URL,
            help="The same seed draws the same samples.",
        ),
    }


def _diversity(d: SearchOptions, prefix: str) -> dict:
    return {
        "groups": st.slider(
            "Groups (diverse beam)",
            1,
            16,
            d.groups,
            key=prefix + "groups",
            **URL,
            help="Divides the beam into groups that avoid each other's words; 1 is plain beam.",
        ),
        "diversity": st.slider(
            "Diversity",
            0.0,
            3.0,
            d.diversity,
            0.1,
            key=prefix + "diversity",
            **URL,
            help="With several groups: what it costs to take a word that another group took.",
        ),
    }


def _constraints(d: SearchOptions, prefix: str) -> dict:
    values = {
        "block_ngram": st.slider(
            "Block repeated n-grams",
            0,
            6,
            d.block_ngram,
            key=prefix + "block_ngram",
            **URL,
            help="No run of this many tokens may occur twice; 0 switches it off.",
        ),
        "repetition_penalty": st.slider(
            "Repetition penalty",
            1.0,
            2.0,
            d.repetition_penalty,
            0.05,
            key=prefix + "repetition_penalty",
            **URL,
            help="Makes tokens that were used already less probable; 1 switches it off.",
        ),
        "coverage": st.slider(
            "Coverage penalty β",
            0.0,
            1.0,
            d.coverage,
            0.05,
            key=prefix + "coverage",
            **URL,
            help="Lowers the score of outputs that left source words unattended; 0: off.",
        ),
        "min_length": st.number_input(
            "Minimum length",
            0,
            100,
            d.min_length,
            key=prefix + "min_length",
            **URL,
            help="The sentence may not end before this many tokens.",
        ),
        "max_length": st.number_input(
            "Maximum length",
            0,
            100,
            d.max_length,
            key=prefix + "max_length",
            **URL,
            help="The sentence is cut after this many tokens; 0: twice the source plus ten.",
        ),
    }
    if values["max_length"] and values["min_length"] > values["max_length"]:
        st.warning("The minimum length is over the maximum; the maximum is used for both.")
        values["min_length"] = values["max_length"]
    return values
