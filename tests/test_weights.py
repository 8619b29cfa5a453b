"""Weights in a file: how far off they may be in each precision."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from safetensors import safe_open

from s2s import checkpoint
from s2s.pipeline import Pipeline
from s2s.weights import pack, unpack
from tests.conftest import ARCHITECTURES, make_model

SHAPES = [(1, 1), (5, 1), (3, 7), (2, 3, 4), (2, 1, 3, 2)]


@settings(max_examples=40, deadline=None)
@given(st.sampled_from(SHAPES), st.integers(0, 999), st.floats(-8, 4))
def test_no_int8_weight_is_off_by_more_than_half_a_scale(shape, seed, magnitude):
    weight = torch.randn(shape, generator=torch.Generator().manual_seed(seed)) * 10**magnitude
    weight[0] *= 0  # a row of nothing
    packed = pack({"w": weight}, "int8")
    assert packed["w"].dtype == torch.int8
    scale = packed["w.scale"].view(-1, *(1,) * (weight.dim() - 1))
    off = (unpack(packed)["w"] - weight).abs()
    assert bool((off <= scale / 2 * (1 + 1e-5)).all())
    assert unpack(packed).keys() == {"w"}


def test_vectors_and_parameters_called_scale_stay_what_they_are():
    weights = {"norm.scale": torch.rand(4), "norm": torch.rand(4), "a.scale": torch.rand(3, 2)}
    weights["nothing"] = torch.empty(4, 0)
    for precision in ("half", "int8"):
        found = unpack(pack(weights, precision))
        assert found.keys() == weights.keys()
        for name, weight in weights.items():
            assert found[name] == pytest.approx(weight, abs=0.01)


def test_not_a_number_stays_one():
    weight = torch.tensor([[1.0, float("nan")], [2.0, 3.0]])
    assert not bool(torch.isfinite(unpack(pack({"w": weight}, "int8"))["w"]).all())


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_saving_again_changes_nothing(name):
    weights = make_model(name).state_dict()
    for precision in ("half", "int8"):
        once = unpack(pack(weights, precision))
        twice = unpack(pack(once, precision))
        assert all(torch.allclose(once[k], twice[k], rtol=1e-6, atol=0) for k in once)


def test_an_int8_checkpoint_is_half_as_large_and_answers_the_same(tiny_checkpoint, tmp_path):
    whole = checkpoint.load(tiny_checkpoint)
    folder = tmp_path / "small"
    checkpoint.save(folder, whole.config, whole.model.state_dict(), whole.tokenizer, "int8")
    with safe_open(folder / checkpoint.WEIGHTS, "pt") as file:
        assert file.metadata()["precision"] == "int8"
    sizes = [(f / checkpoint.WEIGHTS).stat().st_size for f in (tiny_checkpoint, folder)]
    assert sizes[1] < 0.75 * sizes[0]
    a, b = Pipeline(tiny_checkpoint), Pipeline(folder)
    for text in ("the old cat sees a dog", "my house"):
        first = a(text).sentences[0]
        again = b.score(text, first.outputs[0]).trace.best
        told = a.score(text, first.outputs[0]).trace.best
        assert again.total == pytest.approx(told.total, rel=0.02)
