"""Laws of gradients through time: closed form, finite differences, bounds, clipping."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from s2s.analysis.gradients import CELLS, CLASSES, Unrolled, descend, flow, reach, repeated
from tests.conftest import make_model, make_src


def inputs(length: int, size: int = 6) -> np.ndarray:
    return np.random.default_rng(1).standard_normal((length, size))


@pytest.mark.parametrize("gain", [0.7, 1.0, 1.2])
def test_a_linear_network_s_gradient_is_a_power_of_the_gain(gain):
    norms = flow("linear", inputs(30), 12, gain).norms
    assert np.allclose(norms, norms[0] * gain ** np.arange(30), rtol=1e-4)
    assert flow("linear", inputs(30), 12, gain).rate == pytest.approx(gain, rel=1e-4)


def test_it_is_the_product_of_the_weights_themselves():
    network = Unrolled("linear", 6, 12, 0.9).double()
    x = torch.tensor(inputs(9))[None]
    logits, states = network(x)
    loss = F.cross_entropy(logits, torch.tensor([0]))
    last, early = torch.autograd.grad(loss, [states[9], states[4]])
    power = torch.linalg.matrix_power(network.recurrent.T, 5)
    assert torch.allclose(early[0], power @ last[0])


def test_a_tanh_network_shrinks_at_least_as_fast_as_its_weights():
    norms = flow("tanh", inputs(25), 12, 0.8).norms
    assert (norms <= norms[0] * 0.8 ** np.arange(25) + 1e-12).all()


@pytest.mark.parametrize("cell", CELLS)
def test_gradients_are_finite_differences(cell):
    network = Unrolled(cell, 6, 5, 1.1).double()
    x = torch.tensor(inputs(7))[None]
    with torch.no_grad():
        middle = network(x[:, :4])[1][-1]

    def loss(state):
        for now in x[:, 4:].unbind(1):
            state = network.step(now, state)
        return F.cross_entropy(state[:, :5] @ network.readout.T, torch.tensor([0]))

    near = torch.eye(middle.shape[1]).double() * 1e-5
    with torch.no_grad():
        slope = [float(loss(middle + e) - loss(middle - e)) / 2e-5 for e in near]
    norms = flow(cell, inputs(7), 5, 1.1).norms
    assert norms[3] == pytest.approx(np.linalg.norm(slope), rel=1e-4)


@pytest.mark.parametrize(("cell", "kind"), [("tanh", nn.RNN), ("gru", nn.GRU), ("lstm", nn.LSTM)])
def test_the_cells_are_torch_s(cell, kind):
    network, theirs = Unrolled(cell, 6, 5), kind(6, 5, batch_first=True)
    with torch.no_grad():
        theirs.weight_ih_l0.copy_(network.input)
        theirs.weight_hh_l0.copy_(network.recurrent)
        theirs.bias_hh_l0.copy_(network.bias)
        theirs.bias_ih_l0.zero_()
        x = torch.tensor(inputs(7), dtype=torch.float)[None]
        states = torch.stack(network(x)[1][1:], 1)[..., :5]
    assert torch.allclose(states, theirs(x)[0], atol=1e-6)


def test_an_unknown_cell_is_refused():
    with pytest.raises(ValueError, match="perceptron"):
        Unrolled("perceptron", 6, 5)


def test_gates_carry_a_gradient_further_than_a_plain_cell():
    x = inputs(60)
    rates = {cell: flow(cell, x, 24, 0.9).rate for cell in ("tanh", "gru", "lstm")}
    assert rates["tanh"] < min(rates["gru"], rates["lstm"]) < 1


def test_an_exploding_network_learns_only_with_clipping():
    """Pascanu et al. 2013, figure 6: a bounded step does not leave the valley."""
    pairs = [[descend("tanh", 20, 1.0, c, lr=1.0, seed=s) for c in (None, 1.0)] for s in range(3)]
    for free, held in pairs:
        assert free.norms[0] == held.norms[0]  # the first gradient is not yet anyone's doing
        assert free.norms.max() > 1
        assert held.losses[-1] < free.losses[-1]
        assert held.losses.max() < free.losses.max()


def test_a_bound_that_is_never_reached_changes_nothing():
    free, held = (descend("lstm", 8, 1.0, clip, updates=5) for clip in (None, 1e9))
    assert np.allclose(free.losses, held.losses)
    assert free.losses[-1] < free.losses[0]
    assert CLASSES > 1


def test_the_pull_on_a_source_word_is_the_slope_of_its_embedding(model):
    source, target = make_src([6]), [7, 12, 5, 2]
    norms = reach(model, source[0].tolist(), target, 2)
    x = model.embed_source(source).detach().double().float()

    def nll(x):
        memory = model.read(x, source)
        carry = model.start(memory, 1)
        for token in model.forced_input(target)[0, :3]:
            step = model.step(token[None, None], carry, memory)
            carry = step.carry
        return -step.logp[0, 0, target[2]]

    grad = torch.autograd.functional.jacobian(nll, x)[0]
    assert np.allclose(norms, grad.norm(dim=-1).numpy(), rtol=1e-3, atol=1e-6)
    assert norms.shape == (6,)
    assert (norms > 0).any()


def test_a_shipped_kind_of_model_is_not_changed_by_it():
    model = make_model("bahdanau")
    reach(model, make_src([6])[0].tolist(), [7, 12, 2], 1)
    assert all(w.grad is None for w in model.parameters())


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_an_open_gate_carries_a_gradient_further(cell):
    rates = [flow(cell, inputs(40), 16, 0.9, keeping=bias).rate for bias in (0.0, 2.0, 4.0)]
    assert rates[0] < rates[1] < rates[2] < 1.05


def test_a_sentence_over_and_over():
    x = inputs(5)
    long = repeated(x, 12)
    assert long.shape == (12, 6)
    assert np.allclose(long[7], x[2] / x.std())
