"""A shipped checkpoint is what its recipe makes from nothing."""

from __future__ import annotations

import pytest

from s2s import checkpoint
from s2s.config import to_dict
from s2s.training.recipes import RECIPES


@pytest.mark.parametrize("folder", checkpoint.available(), ids=lambda f: f.name)
def test_a_shipped_checkpoint_has_the_options_of_its_recipe(folder):
    assert to_dict(checkpoint.read_config(folder)) == to_dict(RECIPES[folder.name])


@pytest.mark.parametrize("name", list(RECIPES))
def test_a_recipe_begins_from_nothing_or_from_a_recipe_that_does(name):
    assert RECIPES[name].name == name
    checkpoint.check(RECIPES[name])
    seen = [name]
    while first := RECIPES[seen[-1]].train.init:
        assert first not in seen
        seen.append(first)
