"""Sentences on which the shipped models show what a test is about, looked for when the test runs.

A model that is trained further parts from its greedy output elsewhere, so no test names the place.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import islice

from s2s.analysis.exact import CLOSE, exact, seed_of
from s2s.config import SearchOptions
from s2s.pipeline import Pipeline
from s2s.search.beam import length_limit

SENTENCES = (  # from short to long
    "I think that you are right.",
    "What time does the museum open?",
    "She has been waiting for an hour.",
    "I lost my keys in the garden.",
    "The children are playing behind the house.",
    "Would you like to come with us tomorrow?",
    "My brother wants to buy a new car.",
    "It is too late to change your mind.",
    "Where is the nearest train station?",
    "The old man who lives next door plays the piano every evening.",
    "They were surprised to find the door open when they came home.",
    "If it rains tomorrow, we will stay at home and watch a film.",
    "I would rather walk than wait for the bus in this cold.",
    "The teacher asked us to read the first two chapters of the book.",
)


@cache
def parted() -> str:
    """A long sentence whose greedy output differs from the beam's, after a first token in common."""
    pipeline = Pipeline("translate-en-fr-bahdanau")

    def parts(text: str) -> bool:
        options = pipeline.config.search
        greedy, beam = (
            pipeline(text, replace(options, beam=k)).sentences[0].trace.best.tokens
            for k in (1, options.beam)
        )
        return greedy != beam and greedy[0] == beam[0]

    return next(filter(parts, reversed(SENTENCES)))


@cache
def missed() -> str:
    """A sentence on which the LSTM's greedy search misses its favourite by raw total, which is shorter
    but not empty, and which a small exact search proves."""
    pipeline = Pipeline("translate-en-fr-lstm")
    model, longest = pipeline.checkpoint.model, pipeline.config.data.max_tgt

    def misses(text: str) -> bool:
        trace = pipeline(text, replace(pipeline.config.search, beam=1)).sentences[0].trace
        seed = seed_of(trace.best)
        if seed is None:
            return False
        seed = replace(seed, score=seed.total)
        limit = length_limit(len(trace.source), trace.options, longest)
        raw = SearchOptions(length_norm="none")
        *_, last = islice(exact(model, trace.source, raw, max_length=limit, seed=seed), 60)
        better = last.best.score > seed.score + CLOSE
        return last.done and better and 1 < len(last.best.tokens) < len(seed.tokens)

    return next(filter(misses, SENTENCES))
