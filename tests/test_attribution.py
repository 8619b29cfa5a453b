"""Attributions: what they must add up to, on every architecture."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from s2s.analysis.attribution import (
    agreement,
    attribute,
    by_word,
    deletion,
    leave_one_out,
    ranks,
    responsible,
)
from s2s.analysis.heads import grids, read_before
from s2s.analysis.surgery import Hide, operate
from s2s.config import SearchOptions
from s2s.models.contract import Seq2Seq
from s2s.search.beam import search_one
from s2s.search.forced import force
from tests.conftest import make_src

TARGET = [5, 9, 7, 3]
OPTIONS = SearchOptions(beam=2, max_length=8)


def whole(model, ids, t: int, points: int = 32):
    """The finished attribution, and that progress was told on the way."""
    seen = list(attribute(model, ids, TARGET, t, points))
    assert [p.share for p in seen] == sorted(p.share for p in seen)
    assert all(p.result is None for p in seen[:-1])
    return seen[-1].result


@pytest.mark.parametrize("t", [0, 2])
def test_integrated_gradients_add_up_to_the_difference_of_log_probabilities(model, t):
    ids = make_src([6])[0].tolist()
    found = whole(model, ids, t, 256)  # sharpened on purpose: their paths have kinks
    assert found.logprob == pytest.approx(
        force(model, ids, TARGET, OPTIONS).tokens[t].logprob, abs=1e-4
    )
    assert found.integrated.sum() == pytest.approx(found.logprob - found.blank, abs=5e-3)
    assert abs(found.logprob - found.blank) > 1e-3


def test_a_gradient_is_what_a_small_step_costs(model):
    ids = make_src([6])[0].tolist()
    found = whole(model, ids, 1)
    given = torch.tensor([ids])
    step = 1e-2
    for s in range(5):
        logps = []
        for sign in (1, -1):
            x = model.embed_source(given).detach().clone()
            x[0, s] *= 1 + sign * step
            with torch.no_grad():
                memory = model.read(x, given)
                carry = model.start(memory, 1)
                first = model.step(torch.tensor([[model.vocabulary.bos]]), carry, memory)
                second = model.step(torch.tensor([[TARGET[0]]]), first.carry, memory)
            logps.append(float(second.logp[0, 0, TARGET[1]]))
        assert found.gradient[s] == pytest.approx((logps[0] - logps[1]) / (2 * step), abs=2e-3)


def test_all_steps_at_once_are_the_steps_one_by_one(model):
    src = make_src([6, 4])
    with torch.inference_mode():
        memory = model.encode(src)
        once, by_step = model.follow(memory, TARGET), Seq2Seq.follow(model, memory, TARGET)
    torch.testing.assert_close(once, by_step, atol=1e-4, rtol=1e-4)


def test_attribution_leaves_no_gradients_behind(model):
    whole(model, make_src([5])[0].tolist(), 1)
    assert all(p.grad is None for p in model.parameters())


def test_leaving_out_a_word_is_hiding_it(model):
    ids = make_src([6])[0].tolist()
    words = [("a", 0, 2), ("b", 2, 3), ("c", 3, 5), ("</s>", 5, 6)]
    *before, last = leave_one_out(model, ids, TARGET, words)
    assert all(slice_.drops is None for slice_ in before)
    drops = last.drops
    assert drops.shape == (4, 4)
    assert (drops[:, -1] == 0).all()
    plain = force(model, ids, TARGET, OPTIONS).hypothesis.logprobs
    for w, (_, a, b) in enumerate(words[:-1]):
        hidden = force(operate(model, [Hide(a, b)], ids), ids, TARGET, OPTIONS)
        np.testing.assert_allclose(plain - drops[:, w], hidden.hypothesis.logprobs, atol=1e-4)


def test_shares_of_what_was_lost():
    found = responsible(np.array([[2.0, 1.0, -5.0], [-1.0, 0.0, 0.0]]))
    np.testing.assert_allclose(found, [[2 / 3, 1 / 3, 0], [0, 0, 0]])


def test_agreement_of_ranks():
    a = np.array([0.1, 0.7, 0.2])
    assert agreement(a, a * 9).correlation == pytest.approx(1)
    assert agreement(a, a * 9).same_first
    assert agreement(a, -a).correlation == pytest.approx(-1)
    assert np.isnan(agreement(a, np.ones(3)).correlation)
    np.testing.assert_allclose(ranks(np.array([5.0, 1.0, 5.0])), [1.5, 0, 1.5])


def test_deletion_compares_with_every_other_word():
    found = deletion(np.array([0.1, 0.6, 0.2, 0.1]), np.array([1.0, 3.0, 2.0, 0.0]))
    assert (found.word, found.drop, found.others, found.worst) == (1, 3.0, 1.5, 1)
    assert deletion(np.array([0.5, 0.5]), np.zeros(2)) is None


def test_a_word_gets_what_its_pieces_get():
    np.testing.assert_allclose(
        by_word(np.array([1.0, 2.0, 3.0]), [("a", 0, 2), ("b", 2, 3)]), [3, 3]
    )


def test_forced_attention_equals_recorded_attention_in_every_head(model):
    ids = make_src([6])[0].tolist()
    best = search_one(model, ids, OPTIONS).best
    found = grids(model, ids, best.tokens)
    if best.attention is None:
        assert not found
        return
    np.testing.assert_allclose(found["cross"].transpose(2, 0, 1, 3), best.attention, atol=1e-5)
    for grid in found.values():
        np.testing.assert_allclose(grid.sum(-1), 1, atol=1e-5)


def test_what_was_read_before_each_token():
    words = [("a", 0, 2), ("b", 2, 3), ("</s>", 3, 4)]
    assert read_before(words) == [("start", 0, 1), ("a", 1, 3), ("b", 3, 4)]
