"""The search on tables written by hand: what options do to it, and what its trace says."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from s2s.config import SearchOptions
from s2s.search.beam import search
from s2s.text.vocabulary import BOS, EOS
from s2s.trace import Block, Fate
from tests.conftest import make_src
from tests.table import Table, random_table

A, B, C, D = 4, 5, 6, 7  # tokens
TABLES = [random_table(seed=n, looks=n % 2 == 1) for n in range(6)]


@pytest.fixture(scope="module")
def one():
    return random_table(looks=True), make_src([7])


# ------------------------------------------------------------------------- tables written by hand
GARDEN_PATH = Table(
    {BOS: {A: 0.6, B: 0.4}, A: {C: 0.4, D: 0.3, EOS: 0.3}, B: {EOS: 0.9, C: 0.1}, C: {EOS: 1.0},
     D: {EOS: 1.0}},
    8,
)  # fmt: skip


def found(table: Table, **options) -> list[tuple[tuple[int, ...], float]]:
    """Outputs and probabilities, best first."""
    trace = search(table, make_src([4], 8), SearchOptions(length_norm="none", **options))[0]
    return [(h.tokens, pytest.approx(math.exp(h.total), abs=1e-5)) for h in trace.hypotheses]


def test_greedy_takes_the_garden_path():
    assert found(GARDEN_PATH, beam=1) == [((A, C, EOS), 0.24)]


def test_a_beam_finds_the_way_round():
    assert found(GARDEN_PATH, beam=2) == [((B, EOS), 0.36), ((A, C, EOS), 0.24)]
    wide = [((B, EOS), 0.36), ((A, C, EOS), 0.24), ((A, EOS), 0.18), ((A, D, EOS), 0.18)]
    assert sorted(found(GARDEN_PATH, beam=4), key=str) == sorted(wide, key=str)


def test_what_was_pruned_and_by_how_much():
    options = SearchOptions(beam=1, length_norm="none")
    steps = search(GARDEN_PATH, make_src([4], 8), options)[0].steps
    fate = dict(zip(steps.token[0, 0].tolist(), steps.fate[0, 0].tolist(), strict=True))
    gap = dict(zip(steps.token[0, 0].tolist(), steps.gap[0, 0].tolist(), strict=True))
    assert (fate[A], fate[B]) == (Fate.KEPT, Fate.PRUNED)
    assert gap[B] == pytest.approx(math.log(0.6 / 0.4), abs=1e-5)


def test_groups_avoid_each_others_tokens():
    assert found(GARDEN_PATH, beam=2, groups=2, diversity=0.0) == [((A, C, EOS), 0.24)]
    both = found(GARDEN_PATH, beam=2, groups=2, diversity=1.0)
    assert both == [((B, EOS), 0.36), ((A, C, EOS), 0.24)]


def test_length_normalisation_weighs_tokens():
    """Of (B, end) and (A, C, end) the longer one has more probability a token."""
    source = make_src([4], 8)
    by_mean = search(GARDEN_PATH, source, SearchOptions(beam=2, alpha=1.0))[0]
    assert by_mean.best.tokens == (A, C, EOS)
    assert by_mean.best.score == pytest.approx(math.log(0.24) / 3, abs=1e-5)


# ------------------------------------------------------------------------------ what options do
def run(one, **options):
    return search(one[0], one[1], SearchOptions(**options))[0]


def ngrams(tokens, n):
    return [tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1)]


@pytest.mark.parametrize("n", [1, 2, 3])
def test_no_ngram_occurs_twice(one, n):
    trace = run(one, beam=4, block_ngram=n, min_length=10, max_length=16)
    free = run(one, beam=4, min_length=10, max_length=16)
    assert any(len(g := ngrams(h.tokens, n)) > len(set(g)) for h in free.hypotheses)
    for h in trace.hypotheses:
        grams = ngrams(h.tokens, n)
        assert len(grams) == len(set(grams))
    assert (trace.steps.block == Block.NGRAM).any()


def test_length_limits(one):
    for h in run(one, beam=4, min_length=6, max_length=8).hypotheses:
        assert 6 <= len(h.tokens) <= 8
        assert h.finished == (h.tokens[-1] == EOS)


def test_default_limit_is_twice_the_source_plus_ten(one):
    model = random_table()
    model.logp[:, EOS] = -100.0
    trace = search(model, one[1], SearchOptions(beam=2))[0]
    assert {len(h.tokens) for h in trace.hypotheses} == {24}
    assert not trace.best.finished


def test_prefix_is_kept_and_the_rest_searched(one):
    prefix = (5, 6, 7)
    trace = search(one[0], one[1], SearchOptions(beam=3, max_length=9), prefix=[prefix])[0]
    assert all(h.tokens[:3] == prefix for h in trace.hypotheses)
    assert len({h.tokens for h in trace.hypotheses}) == 3
    assert (trace.steps.block[:3] == Block.PREFIX).any()
    assert not (trace.steps.block[3:] == Block.PREFIX).any()


def test_prefix_outranks_other_constraints(one):
    options = SearchOptions(beam=2, block_ngram=1, min_length=8, max_length=9)
    trace = search(one[0], one[1], options, prefix=[(5, 5, 5, EOS)])[0]
    assert trace.best.tokens == (5, 5, 5, EOS)


def test_repetition_penalty_is_accounted_for(one):
    trace = run(one, beam=3, repetition_penalty=2.0, min_length=8, max_length=12)
    for h in trace.hypotheses:
        again = [v for i, v in enumerate(h.logprobs) if h.tokens[i] in h.tokens[:i]]
        assert h.penalty == pytest.approx(sum(again), abs=1e-4)  # x 2 adds each once more
        assert h.score == pytest.approx((h.total + h.penalty) / len(h.tokens), abs=1e-4)


def test_coverage_penalty_follows_its_equation(one):
    trace = run(one, beam=3, coverage=0.4, max_length=10)
    for h in trace.hypotheses:
        mass = np.minimum(h.alpha().sum(0), 1)  # (S)
        expected = h.total / len(h.tokens) + 0.4 * np.log(mass).sum()
        assert h.score == pytest.approx(expected, abs=1e-3)


def test_samples_hang_on_the_seed_alone(one):
    a = run(one, method="sample", beam=4, seed=1)
    b = run(one, method="sample", beam=4, seed=1)
    c = run(one, method="sample", beam=4, seed=2)
    assert [h.tokens for h in a.hypotheses] == [h.tokens for h in b.hypotheses]
    assert [h.tokens for h in a.hypotheses] != [h.tokens for h in c.hypotheses]


@pytest.mark.parametrize("narrow", [{"top_k": 1}, {"top_p": 1e-6}, {"temperature": 0.001}])
def test_narrow_sampling_is_greedy(one, narrow):
    greedy = run(one, beam=1, max_length=10).best
    for h in run(one, method="sample", beam=3, max_length=10, **narrow).hypotheses:
        assert h.tokens == greedy.tokens
        assert h.total == pytest.approx(greedy.total, abs=1e-4)


def test_sampling_follows_the_distribution(one):
    model, src = one
    p = model.logp[BOS].clone()
    p[[0, 1, 2]] = -torch.inf
    p = p.softmax(-1)
    count = torch.zeros(23)
    for seed in range(60):
        options = SearchOptions(method="sample", beam=64, seed=seed, max_length=1)
        for h in search(model, src, options, record=False)[0].hypotheses:
            count[h.tokens[0]] += 1
    assert (count / count.sum() - p).abs().max() < 0.03


def test_top_k_draws_from_k_tokens(one):
    model, src = one
    logp = model.logp[BOS].clone()
    logp[[0, 1, 2]] = -torch.inf
    allowed = set(logp.topk(3).indices.tolist())
    options = SearchOptions(method="sample", beam=64, top_k=3, max_length=1)
    assert {h.tokens[0] for h in search(model, src, options)[0].hypotheses} == allowed


@pytest.mark.parametrize("table", TABLES)
def test_fates_tell_what_happened(table):
    k = 3
    trace = search(table, make_src([6]), SearchOptions(beam=k, max_length=10))[0]
    s = trace.steps
    for t in range(len(s.fate)):
        kept = s.fate[t] == Fate.KEPT
        pruned = s.fate[t] == Fate.PRUNED
        assert kept.sum() <= k
        assert sorted(s.slot[t][kept]) == list(range(kept.sum()))
        assert (s.slot[t][~kept] == -1).all()
        ends = s.token[t] == EOS
        if kept.any():
            cut = s.total[t][kept].min()
            assert (s.total[t][pruned & ~ends] <= cut + 1e-6).all()
            assert s.gap[t][pruned & ~ends] == pytest.approx(
                cut - s.total[t][pruned & ~ends], abs=1e-5
            )
        assert (s.gap[t] >= 0).all()
        assert (s.gap[t][~pruned] == 0).all()
    finished = int((s.fate == Fate.FINISHED).sum())
    assert finished >= sum(h.finished for h in trace.hypotheses)


@pytest.mark.parametrize("table", TABLES)
def test_hypotheses_can_be_replayed_from_the_trace(table):
    """Follow the slots forward: every hypothesis is a path of kept candidates."""
    trace = search(table, make_src([6]), SearchOptions(beam=3, max_length=10))[0]
    s = trace.steps
    for h in trace.hypotheses:
        for t, row in enumerate(h.rows):
            place = np.flatnonzero((s.token[t, row] == h.tokens[t]) & (s.fate[t, row] > 0))
            assert len(place) == 1
            assert s.logprob[t, row, place[0]] == pytest.approx(h.logprobs[t])
            assert s.before[t, row] == pytest.approx(h.logprobs[:t].sum(), abs=1e-4)
            if t + 1 < len(h.rows):
                assert s.slot[t, row, place[0]] == h.rows[t + 1]
        if h.attention is not None:
            assert h.attention.shape[0] == len(h.tokens)
            assert h.alpha().sum(-1) == pytest.approx(np.ones(len(h.tokens)), abs=1e-5)


def test_alternatives_are_the_models_best_and_hold_the_chosen_token(one):
    trace = run(one, beam=4, max_length=10)
    for h in trace.hypotheses:
        for t, token in enumerate(h.tokens):
            found = trace.alternatives(h, t, 5)
            assert token in [a.token for a in found]
            best = [a.logprob for a in found[:5]]
            assert best == sorted(best, reverse=True)
            logp = one[0].logp[h.tokens[t - 1] if t else BOS].clone()
            logp[[0, 1, 2]] = -torch.inf
            assert best[0] == pytest.approx(float(logp.max()), abs=1e-4)


def test_beam_is_never_worse_than_its_own_greedy_start_in_a_wide_search(one):
    """More rows than sentences: nothing is pruned, so the best total is the true best."""
    narrow = run(one, beam=1, max_length=2, length_norm="none").best
    wide = run(one, beam=64, max_length=2, length_norm="none").hypotheses
    assert max(h.total for h in wide) >= narrow.total - 1e-6


def test_constraints_do_not_narrow_sampling(one):
    """A blocked token leaves the whole rest of the vocabulary to draw from."""
    drawn = set()
    for seed in range(40):
        options = SearchOptions(
            method="sample", beam=64, seed=seed, min_length=2, max_length=2, temperature=50.0
        )
        drawn |= {h.tokens[0] for h in search(*one, options, record=False)[0].hypotheses}
    assert drawn == set(range(4, 23))  # 19 tokens, more than the 10 a trace shows
