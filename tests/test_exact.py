"""Branch and bound against every sentence there is, on a tiny vocabulary."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import pytest

from s2s.analysis.exact import CLOSE, Found, exact, seed_of, upper_bound
from s2s.config import SearchOptions
from s2s.search.beam import search
from s2s.search.forced import force
from s2s.search.scoring import normalise
from s2s.text.vocabulary import EOS
from tests.conftest import ARCHITECTURES, make_model, make_src
from tests.test_laws import log_probabilities

LONGEST = 5
SENTENCES = [
    (*body, EOS) for n in range(LONGEST) for body in itertools.product((4, 5), repeat=n)
]  # of a vocabulary with two real tokens
NORMS = [("none", 1.0), ("average", 1.0), ("average", 0.4), ("gnmt", 0.8)]


def last(*arguments, **options):
    *_, progress = exact(*arguments, **options)
    return progress


@pytest.mark.parametrize(("norm", "alpha"), NORMS)
@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_it_finds_what_brute_force_finds(name, norm, alpha):
    options = SearchOptions(length_norm=norm, alpha=alpha)
    for seed in range(4):
        model = make_model(name, vocabulary=6, seed=seed)
        src = make_src([4], vocabulary=6, seed=seed)
        scores = {
            s: normalise(float(log_probabilities(model, src, s).sum()), len(s), options)
            for s in SENTENCES
        }
        found = last(model, src[0].tolist(), options, max_length=LONGEST)
        assert found.done
        assert found.best.score == pytest.approx(max(scores.values()), abs=1e-4)
        assert scores[found.best.tokens] == pytest.approx(max(scores.values()), abs=1e-4)
        assert found.bound == found.best.score


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_coverage_and_constraints_count(name):
    options = SearchOptions(
        beam=64,
        length_norm="gnmt",
        alpha=0.5,
        coverage=0.7,
        repetition_penalty=1.5,
        block_ngram=2,
        min_length=3,
        max_length=LONGEST,
    )
    model, src = make_model(name, vocabulary=6), make_src([4], vocabulary=6)
    every = [h for h in search(model, src, options)[0].hypotheses if h.finished]
    found = last(model, src[0].tolist(), options, max_length=LONGEST)
    assert found.best.tokens == every[0].tokens  # so wide a beam keeps everything
    assert found.best.score == pytest.approx(every[0].score, abs=1e-4)


@pytest.mark.parametrize(("norm", "alpha"), NORMS)
def test_the_bound_is_never_below_what_can_be_reached(norm, alpha):
    """At every moment: no sentence scores more than the bound, and no better one was dropped."""
    options = SearchOptions(length_norm=norm, alpha=alpha)
    model, src = make_model("bahdanau", vocabulary=6, seed=2), make_src([4], vocabulary=6)
    top = max(
        normalise(float(log_probabilities(model, src, s).sum()), len(s), options) for s in SENTENCES
    )
    bounds = []
    for progress in exact(model, src[0].tolist(), options, max_length=LONGEST, batch=1):
        assert progress.bound >= top - 1e-4
        bounds.append(progress.bound)
    assert bounds == sorted(bounds, reverse=True)


def test_the_bound_holds_for_every_completion():
    for norm, alpha in NORMS:
        options = SearchOptions(length_norm=norm, alpha=alpha)
        for total, more, length in itertools.product((0.0, -0.3, -9.0), (0.0, -2.0), range(1, 12)):
            reached = normalise(total + more, length, options)
            assert reached <= upper_bound(total, 11, options) + 1e-12


@pytest.mark.parametrize("batch", [1, 3, 64])
def test_batches_and_seeds_change_the_work_and_not_the_answer(model, batch):
    src, options = make_src([5]), SearchOptions(beam=3, length_norm="none", max_length=7)
    plain = last(model, src[0].tolist(), options, max_length=7)
    seed = seed_of(search(model, src, options)[0].best)
    seeded = last(model, src[0].tolist(), options, max_length=7, seed=seed, batch=batch)
    assert seeded.best.score == pytest.approx(plain.best.score, abs=1e-4)
    if batch == 1:
        assert seeded.nodes <= plain.nodes


def test_a_perfect_seed_is_proven_and_kept():
    model, src = make_model("bahdanau", vocabulary=6), make_src([4], vocabulary=6)
    options = SearchOptions(length_norm="none")
    best = last(model, src[0].tolist(), options, max_length=LONGEST).best
    again = last(model, src[0].tolist(), options, max_length=LONGEST, seed=best)
    assert again.best is best


def test_the_score_is_that_of_forcing_its_output(model):
    src, options = make_src([5]), SearchOptions(alpha=0.7, coverage=0.2)
    found = last(model, src[0].tolist(), options, max_length=4).best
    forced = force(model, src[0].tolist(), found.tokens, options).hypothesis
    assert found.total == pytest.approx(forced.total, abs=1e-4)
    assert found.score == pytest.approx(forced.score, abs=1e-4)


def test_what_no_output_contains_never_comes(model):
    src, options = make_src([5])[0].tolist(), SearchOptions(length_norm="none")
    free = last(model, src, options, max_length=4).best
    never = (*model.vocabulary.never, *(t for t in free.tokens if t != EOS))
    model.vocabulary = replace(model.vocabulary, never=never)
    other = last(model, src, options, max_length=4).best
    assert not set(other.tokens[:-1]) & set(free.tokens[:-1])
    assert other.score <= free.score + CLOSE


def test_it_begins_with_the_prefix(model):
    found = last(model, make_src([5])[0].tolist(), SearchOptions(), max_length=5, prefix=(7, 8))
    assert found.best.tokens[:2] == (7, 8)


def test_it_can_stop_at_any_time_and_what_it_said_holds():
    model, src = make_model("transformer"), make_src([5])
    options = SearchOptions()
    steps = exact(model, src[0].tolist(), options, max_length=7, batch=2)
    early = [next(steps) for _ in range(5)][-1]
    whole = last(model, src[0].tolist(), options, max_length=7)
    assert not early.done
    assert early.nodes == 9  # the root alone, then two at a time
    assert early.bound >= whole.best.score - CLOSE
    assert early.best is None or early.best.score <= whole.best.score + CLOSE


def test_no_room_is_no_output():
    found = last(
        make_model("bahdanau"), make_src([5])[0].tolist(), SearchOptions(min_length=9), max_length=4
    )
    assert found.done
    assert found.best is None
    assert found.bound == -math.inf


def test_an_output_that_was_cut_is_no_seed(model):
    trace = search(model, make_src([5]), SearchOptions(beam=2, min_length=4, max_length=4))[0]
    for h in trace.hypotheses:
        assert (seed_of(h) is None) == (not h.finished)
        if h.finished:
            assert seed_of(h) == Found(h.tokens, h.total + h.penalty, h.score)
