"""Searches over opened networks are what ``generate`` of transformers finds, token by token."""

from __future__ import annotations

import random

import pytest

pytest.importorskip("transformers")

from s2s.config import SearchOptions
from s2s.search.beam import search
from tests.hub import FAMILIES
from tests.opened import CHANGED, generated, make_src, opened, ready_to_end, tokens_of

STOPS = {"early": True, "hopeful": False, "never": "never"}
INPUTS = 20


def drawn(seed: int) -> dict:
    """Settings of one search, as transformers names them."""
    r = random.Random(seed)
    return {
        "num_beams": r.choice([2, 3, 5]),
        "length_penalty": r.choice([0.0, 0.6, 1.0, 2.0]),
        "early_stopping": STOPS[r.choice([*STOPS])],
        "max_length": r.choice([4, 8, 15, 25]) + 1,
        "min_length": r.choice([0, 0, 3]),
    }


def as_options(said: dict) -> SearchOptions:
    return SearchOptions(
        beam=said["num_beams"],
        alpha=said["length_penalty"],
        stop=next(ours for ours, theirs in STOPS.items() if theirs == said["early_stopping"]),
        max_length=said["max_length"] - 1,
        min_length=said["min_length"],
    )


@pytest.fixture(autouse=True)
def as_made():
    """Networks are shared: whatever a test changes is taken back."""
    yield
    for family in [*CHANGED]:
        ready_to_end(family, 0.0)


@pytest.mark.parametrize("family", FAMILIES)
def test_beam_search_is_theirs(family):
    model, tokenizer, _ = opened(family)
    eos, ended = tokenizer.vocabulary.eos, 0
    for seed in range(INPUTS):
        ready_to_end(family, 1.5 * (seed % 5))
        source, said = make_src(family, [3 + seed % 9], seed), drawn(seed)
        want = generated(family, source, num_return_sequences=said["num_beams"], **said)
        [trace] = search(model, source, as_options(said), record=False)
        rows = [tokens_of(row, eos) for row in want.sequences]
        assert [list(h.tokens) for h in trace.hypotheses] == rows, (seed, said)
        scores = [h.score for h in trace.hypotheses]
        assert scores == pytest.approx(want.sequences_scores.tolist(), abs=1e-4)
        ended += trace.best.finished
    assert ended  # else stopping was never asked about


@pytest.mark.parametrize("family", FAMILIES)
def test_greedy_search_is_theirs(family):
    model, tokenizer, _ = opened(family)
    eos = tokenizer.vocabulary.eos
    for seed in range(INPUTS):
        ready_to_end(family, 1.5 * (seed % 5))
        source = make_src(family, [3 + seed % 9], seed)
        want = generated(family, source, num_beams=1, max_length=16, output_logits=True)
        options = SearchOptions(beam=1, max_length=15, stop=[*STOPS][seed % 3])
        [trace] = search(model, source, options, record=False)
        assert list(trace.best.tokens) == tokens_of(want.sequences[0], eos)
        tokens = trace.best.tokens
        steps = zip(want.logits, tokens, strict=True)
        logprobs = [float(logits.float().log_softmax(-1)[0, token]) for logits, token in steps]
        total = sum(logprobs[model.rules.first is not None :])  # the forced one costs nothing
        assert trace.best.total == pytest.approx(total, abs=1e-4)


def test_n_grams_are_blocked_as_theirs():
    model, tokenizer, _ = opened("marian")
    for seed in range(INPUTS):
        source, said = make_src("marian", [3 + seed % 9], seed), drawn(seed)
        want = generated(
            "marian", source, num_return_sequences=said["num_beams"], no_repeat_ngram_size=2, **said
        )
        options = as_options(said)
        options = SearchOptions(**options.__dict__ | {"block_ngram": 2})
        [trace] = search(model, source, options, record=False)
        rows = [tokens_of(row, tokenizer.vocabulary.eos) for row in want.sequences]
        assert [list(h.tokens) for h in trace.hypotheses] == rows


def test_a_batch_is_theirs_too():
    model, tokenizer, _ = opened("bart")
    ready_to_end("bart", 3.0)
    source, said = make_src("bart", [9, 3, 6]), drawn(1) | {"num_beams": 4}
    want = generated("bart", source, num_return_sequences=4, **said)
    found = [h for t in search(model, source, as_options(said)) for h in t.hypotheses]
    rows = [tokens_of(row, tokenizer.vocabulary.eos) for row in want.sequences]
    assert [list(h.tokens) for h in found] == rows
