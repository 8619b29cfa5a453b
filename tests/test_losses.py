"""Laws of the loss by token, of the gradient of one pair, of Adam by hand, and of exposure."""

from __future__ import annotations

import copy

import numpy as np
import pytest
import torch

from s2s.analysis.lessons.adam import adam, descent
from s2s.analysis.lessons.exposure import exposure, slip
from s2s.analysis.lessons.losses import hidden_words, pull, scheduled, token_losses
from s2s.config import SearchOptions
from s2s.errors import S2SError
from s2s.search.beam import search_one
from tests.conftest import make_model, make_src

SOURCE = make_src([8])[0].tolist()
TARGET = [7, 12, 5, 9, 2]


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.6])
def test_tokens_add_up_to_the_training_loss(model, smoothing):
    found = token_losses(model, SOURCE, TARGET)
    loss, nll = model.loss(
        torch.tensor([SOURCE]), model.forced_input(TARGET), torch.tensor([TARGET]), smoothing
    )
    assert found.smoothed(smoothing).sum() == pytest.approx(float(loss.detach()), rel=1e-4)
    assert found.nll.sum() == pytest.approx(float(nll), rel=1e-4)
    assert found.perplexity == pytest.approx(np.exp(float(nll) / len(TARGET)), rel=1e-4)


def test_the_gradient_of_a_pair_is_backward_s_and_leaves_nothing_behind(model):
    found = pull(model, SOURCE, TARGET)
    assert all(w.grad is None for w in model.parameters())
    own = copy.deepcopy(model)
    loss, _ = own.loss(
        torch.tensor([SOURCE]), own.forced_input(TARGET), torch.tensor([TARGET]), 0.1
    )
    (loss / len(TARGET)).backward()
    for name, weight in own.named_parameters():
        if weight.grad is not None:
            assert np.allclose(found.gradients[name], weight.grad.numpy(), atol=1e-6)
    most = 0.3 * found.norm
    before = torch.nn.utils.clip_grad_norm_(own.parameters(), most)
    assert found.norm == pytest.approx(float(before), rel=1e-4)
    name, place = found.steepest()
    after = dict(own.named_parameters())[name].grad[place]
    assert float(after) == pytest.approx(
        found.clipped(most) * found.gradients[name][place], rel=1e-3
    )
    assert found.clipped(1e9) == 1


@pytest.mark.parametrize("decay", [0.0, 0.1])
def test_adam_by_hand_is_torch_s(decay):
    gradients = [0.3, -2.0, 0.0, 1e-4, 5.0]
    weight = torch.nn.Parameter(torch.tensor([0.7], dtype=torch.float64))
    optimizer = torch.optim.AdamW([weight], lr=0.01, betas=(0.9, 0.98), weight_decay=decay)
    for g, update in zip(gradients, adam(0.7, gradients, 0.01, decay=decay), strict=True):
        weight.grad = torch.tensor([g], dtype=torch.float64)
        optimizer.step()
        assert update.weight == pytest.approx(float(weight.detach()), rel=1e-9)


def test_adam_s_first_step_has_the_length_of_the_rate_whatever_the_gradient():
    for g in (1e-3, 1.0, -1e3):
        assert abs(adam(0.0, [g], 0.01)[0].change) == pytest.approx(0.01, rel=1e-4)
        assert descent(0.0, [g], 0.01)[0] == -0.01 * g


def test_scheduled_sampling_goes_from_the_target_to_the_model_s_own(model):
    gold, forced = scheduled(model, SOURCE, TARGET, 0.0)
    assert gold == model.forced_input(TARGET)[0].tolist()
    assert np.allclose(forced.nll, token_losses(model, SOURCE, TARGET).nll)
    own, _ = scheduled(model, SOURCE, TARGET, 1.0)
    assert own[1:] == list(forced.best[:-1])
    assert own[0] == gold[0]


def test_chance_is_seeded_and_leaves_the_world_s_alone():
    model = make_model("bahdanau")
    torch.manual_seed(5)
    before = torch.get_rng_state()
    first = hidden_words(model, SOURCE, 0.5, seed=1), scheduled(model, SOURCE, TARGET, 0.5, 1)[0]
    assert first == (
        hidden_words(model, SOURCE, 0.5, seed=1),
        scheduled(model, SOURCE, TARGET, 0.5, 1)[0],
    )
    assert torch.equal(before, torch.get_rng_state())
    unk = model.vocabulary.unk
    assert hidden_words(model, SOURCE, 0.0) == SOURCE
    assert {a for a, b in zip(first[0], SOURCE, strict=True) if a != b} <= {unk}
    assert first[0][-1] == SOURCE[-1]


def test_its_own_output_is_what_a_model_writes_free_and_forced(model):
    options = SearchOptions(beam=1, max_length=12)
    own = search_one(model, SOURCE, options).best
    if not own.finished:
        return
    found = exposure(model, SOURCE, own.tokens, options)
    assert found.parting is None
    assert found.free == own.tokens
    assert found.right == (len(own.tokens), len(own.tokens))


def test_free_running_parts_where_the_first_choice_is_another(model):
    found = exposure(model, SOURCE, TARGET, SearchOptions(max_length=12))
    first = next((t for t, token in enumerate(found.forced) if token.rank > 1), None)
    assert found.parting == first


def test_a_slip_changes_what_follows_and_nothing_before(model):
    found = slip(model, SOURCE, TARGET, 1)
    assert found.wrong != TARGET[1]
    assert np.allclose(found.clean[:2], found.slipped[:2], atol=1e-6)
    assert not np.allclose(found.clean[2:], found.slipped[2:])
    same = slip(model, SOURCE, TARGET, 1, wrong=TARGET[1])
    assert np.allclose(same.clean, same.slipped, atol=1e-6)
    assert np.allclose(found.clean, token_losses(model, SOURCE, TARGET).nll, atol=1e-4)
    for at in (-1, len(TARGET) - 1):
        with pytest.raises(S2SError):
            slip(model, SOURCE, TARGET, at)
