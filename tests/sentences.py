"""Sentences on which the shipped models show what a test is about, looked for when the test runs.

A model that is trained further parts from its greedy output elsewhere, so no test names the place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import islice

from s2s.analysis.exact import CLOSE, Found, exact, seed_of
from s2s.config import SearchOptions
from s2s.pipeline import Pipeline
from s2s.search import length_limit

BAHDANAU, LSTM = "translate-en-fr-bahdanau", "translate-en-fr-lstm"
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

    def parts(text: str) -> bool:
        pipeline = _pipeline(BAHDANAU)
        options = pipeline.config.search
        greedy, beam = (
            pipeline(text, replace(options, beam=k)).sentences[0].trace.best.tokens
            for k in (1, options.beam)
        )
        return greedy != beam and greedy[0] == beam[0]

    return _first(parts, longest=True)


def missed() -> str:
    """A sentence on which the LSTM's greedy search misses its favourite, which is shorter but not
    empty, and which a small exact search proves."""

    def misses(text: str) -> bool:
        seed, best = _favourite(text)
        if best is None or best.score <= seed.score + CLOSE:
            return False
        return 1 < len(best.tokens) < len(seed.tokens)

    return _first(misses)


@cache
def _favourite(text: str) -> tuple[Found, Found | None]:
    """What greedy search finds and, if it is soon proven, the best by raw total."""
    pipeline = _pipeline(LSTM)
    trace = pipeline(text, replace(pipeline.config.search, beam=1)).sentences[0].trace
    seed = seed_of(trace.best)
    assert seed is not None
    seed = replace(seed, score=seed.total)
    options = replace(SearchOptions(), length_norm="none")
    limit = length_limit(len(trace.src), trace.options, pipeline.config.data.max_tgt)
    steps = exact(pipeline.checkpoint.model, trace.src, options, max_length=limit, seed=seed)
    last = list(islice(steps, 60))[-1]
    return seed, last.best if last.done else None


def _first(holds: Callable[[str], bool], longest: bool = False) -> str:
    return next(text for text in (reversed(SENTENCES) if longest else SENTENCES) if holds(text))


@cache
def _pipeline(name: str) -> Pipeline:
    return Pipeline(name)
