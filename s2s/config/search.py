"""How to search."""

from __future__ import annotations

from typing import Annotated, Literal

from s2s.options import MAX_SEED, option, options, rule


@options
class SearchOptions:
    """How to search. Every entry of the app's options panel is one field."""

    method: Annotated[
        Literal["beam", "sample"],
        option(
            "Beam keeps the best unfinished outputs at each step; sample draws tokens by chance."
        ),
    ] = "beam"
    beam: Annotated[
        int,
        option("Hypotheses kept a source, or samples drawn; a beam of 1 is greedy.", ge=1, le=64),
    ] = 5
    length_norm: Annotated[
        Literal["none", "average", "gnmt"],
        option(
            "The total as it is (none), divided by length^alpha (average) or by "
            "((5 + length) / 6)^alpha (gnmt)."
        ),
    ] = "average"
    alpha: Annotated[
        float,
        option("Strength of the length normalisation; 0: off.", ge=0, le=5, step=0.1),
    ] = 1.0
    coverage: Annotated[
        float,
        option("beta of the coverage penalty (Wu et al. 2016); 0: off.", ge=0, le=5, step=0.05),
    ] = 0.0
    block_ngram: Annotated[
        int,
        option(
            "No n-gram of this size occurs twice in an output, but numbers may; 0: off.",
            ge=0,
            le=10,
        ),
    ] = 0
    repetition_penalty: Annotated[
        float,
        option(
            "What the log-probability of tokens already produced is multiplied by; 1: off.",
            ge=1,
            le=10,
            step=0.05,
        ),
    ] = 1.0
    groups: Annotated[
        int, option("Groups of a diverse beam (Vijayakumar et al. 2016); 1: off.", ge=1, le=64)
    ] = 1
    diversity: Annotated[
        float,
        option(
            "What a token costs for each earlier group that took it at this step.",
            ge=0,
            le=10,
            step=0.1,
        ),
    ] = 0.5
    stop: Annotated[
        Literal["full", "early", "hopeful", "never"],
        option(
            "When a beam search is over: the beam is full of ended outputs, or as early_stopping True, "
            "False, never says."
        ),
    ] = "full"
    min_length: Annotated[
        int,
        option(
            "No end before this many tokens, a prefix not counted.", ge=0, le=1000, unit="tokens"
        ),
    ] = 0
    max_length: Annotated[
        int,
        option(
            "Most tokens behind a prefix, the end included; 0: twice the source plus ten, or as "
            "min_length needs.",
            ge=0,
            le=1000,
            unit="tokens",
        ),
    ] = 0
    temperature: Annotated[
        float,
        option("Sampling: below 1 plays safe, above 1 takes risks.", ge=0.001, le=100, step=0.1),
    ] = 1.0
    top_k: Annotated[
        int, option("Sampling: from the k most probable tokens; 0: from all.", ge=0, le=100_000)
    ] = 0
    top_p: Annotated[
        float,
        option(
            "Sampling: from the smallest set of tokens with this much probability.",
            ge=1e-6,
            le=1,
            step=0.05,
        ),
    ] = 1.0
    seed: Annotated[
        int,
        option("Sampling: the same seed gives the same samples on a machine.", ge=0, le=MAX_SEED),
    ] = 0

    @rule
    def _lengths(self) -> SearchOptions:
        if 0 < self.max_length < self.min_length:
            raise ValueError(
                f"min_length must be at most max_length ({self.max_length}), not {self.min_length}."
            )
        return self


@options
class RerankOptions:
    """Another order for the outputs that a search has found."""

    mutual: Annotated[
        float,
        option(
            "Outputs are ranked by log p(out | source) - mutual * log p(out); 0: as found.",
            ge=0,
            le=1,
            step=0.05,
        ),
    ] = 0.0
