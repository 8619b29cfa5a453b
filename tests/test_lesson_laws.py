"""What the lessons compute is what the models compute."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from s2s.analysis.lessons.cells import busiest, gated, half_life
from s2s.errors import S2SError
from tests.conftest import make_model

SOURCE = [5, 9, 4, 17, 3]


# ------------------------------------------------------------------------------------------- cells
@pytest.mark.parametrize("name", ["bahdanau", "luong-general", "sutskever", "scaled-reversed"])
def test_gates_by_hand_give_the_states_of_the_network(name):
    """The forward direction of the first layer, against PyTorch's own GRU and LSTM."""
    model = make_model(name)
    found = gated(model, SOURCE)
    ids = [SOURCE[i] for i in found.order]
    assert ids == (SOURCE[::-1] if model.config.reverse_source else SOURCE)
    with torch.inference_mode():
        layer = type(model.encoder)(
            model.encoder.input_size, model.encoder.hidden_size, batch_first=True
        )
        layer.load_state_dict(
            {n: w for n, w in model.encoder.state_dict().items() if n.endswith("_l0")}
        )
        states, _ = layer(model.embedding(torch.tensor([ids])))
    np.testing.assert_allclose(found.values["h"], states[0], atol=1e-5)


def test_gates_of_one_layer_are_the_models_own_memory():
    model = make_model("bahdanau")
    d = model.encoder.hidden_size
    memory = model.encode(torch.tensor([SOURCE]))
    np.testing.assert_allclose(
        gated(model, SOURCE).values["h"], memory["states"][0, :, :d].detach(), atol=1e-5
    )


@pytest.mark.parametrize("name", ["bahdanau", "sutskever"])
def test_the_equations_that_are_shown_hold(name):
    v = gated(make_model(name), SOURCE).values
    if "z" in v:
        np.testing.assert_allclose(v["h"], (1 - v["z"]) * v["n"] + v["z"] * v["before"], atol=1e-6)
        np.testing.assert_allclose(v["before"][1:], v["h"][:-1])
    else:
        np.testing.assert_allclose(v["c"], v["f"] * v["before"] + v["i"] * v["g"], atol=1e-6)
        np.testing.assert_allclose(v["h"], v["o"] * np.tanh(v["c"]), atol=1e-6)
        np.testing.assert_allclose(v["before"][1:], v["c"][:-1])
    assert (np.abs(v["plain"]) <= 1).all()


def test_the_busiest_unit_moves_most():
    found = gated(make_model("bahdanau"), SOURCE)
    h = found.values["h"]
    path = np.abs(np.diff(np.vstack([np.zeros_like(h[:1]), h]), axis=0)).sum(0)
    assert path[busiest(found)] == path.max()


def test_a_network_without_cells_is_refused():
    with pytest.raises(S2SError, match="no recurrent cells"):
        gated(make_model("transformer"), SOURCE)


def test_half_of_a_state_is_left_after_its_half_life():
    keeps = np.array([0.5, 0.9, 0.99, 1.0])
    lives = half_life(keeps)
    np.testing.assert_allclose(keeps[:3] ** lives[:3], 0.5)
    assert np.isinf(lives[3])
