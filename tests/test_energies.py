"""Laws of one look: scores, distribution and context are the model's own."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from s2s.analysis.lessons.energies import entropy, look, softmax, unscaled
from s2s.models.recurrent.model import RNN
from tests.conftest import ARCHITECTURES, make_model, make_src

TARGET = [7, 12, 5, 9, 2]
LOOKING = [name for name in ARCHITECTURES if name != "sutskever"]


@pytest.mark.parametrize("t", [0, 3])
@pytest.mark.parametrize("name", LOOKING)
def test_softmax_of_the_scores_is_what_the_model_attends_with(name, t):
    model, source = make_model(name), make_src([8])
    cross = model.attentions(source, TARGET).cross.numpy()  # (L,H,T,S)
    for layer in range(cross.shape[0]):
        for head in range(cross.shape[1]):
            found = look(model, source[0].tolist(), TARGET, t, layer, head)
            assert np.allclose(found.alpha, cross[layer, head, t], atol=1e-5)
            assert np.allclose(found.context, found.alpha @ found.states)


@pytest.mark.parametrize("name", ["luong-general", "scaled-reversed", "transformer"])
def test_a_dot_product_of_query_and_key_is_the_score(name):
    found = look(make_model(name), make_src([8])[0].tolist(), TARGET, 2)
    root = np.sqrt(found.size) if found.kind == "scaled" else 1
    assert np.allclose(found.keys @ found.query / root, found.scores, atol=1e-5)


def test_the_context_is_the_recurrent_decoder_s_own():
    model, source = make_model("luong-general"), make_src([8])
    tgt_in = model.forced_input(TARGET)
    with torch.no_grad():
        context = model._decode(model.encode(source), tgt_in)[0].context[0, 2]
    assert isinstance(model, RNN)
    assert np.allclose(look(model, source[0].tolist(), TARGET, 2).context, context, atol=1e-5)


def test_a_model_without_attention_has_no_look():
    assert look(make_model("sutskever"), make_src([8])[0].tolist(), TARGET, 2) is None


SCORES = st.lists(st.floats(-20, 20), min_size=2, max_size=8).map(np.array)


@given(SCORES, st.floats(0.05, 20))
def test_temperature_moves_between_all_alike_and_one_alone(scores, temperature):
    alpha = softmax(scores, temperature)
    assert alpha.sum() == pytest.approx(1)
    assert entropy(alpha) <= entropy(softmax(scores, temperature * 1.5)) + 1e-9
    assert entropy(alpha) <= np.log2(len(scores)) + 1e-9
    assert np.allclose(alpha, softmax(scores + 3, temperature))  # a constant changes nothing


def test_only_the_root_keeps_attention_spread_in_many_dimensions():
    small, large = unscaled(4, 8), unscaled(1024, 8)
    assert large[0] > small[0] > 0  # without it the largest weight grows towards 1
    assert large[0] > 0.9
    assert abs(large[1] - small[1]) < 0.1  # with it the size does not matter
