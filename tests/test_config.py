"""Configurations: JSON round trip, overrides, refusals."""

from __future__ import annotations

import json

import pytest

from s2s.config import Config, SearchOptions, from_dict, override, to_dict
from s2s.errors import S2SError
from s2s.models import build
from s2s.tasks import TASKS
from s2s.text.vocabulary import Vocabulary
from s2s.training.recipes import RECIPES


@pytest.mark.parametrize("name", list(RECIPES))
def test_recipes_survive_json_and_build(name):
    config = RECIPES[name]
    assert config.name == name
    assert config.task in TASKS
    assert from_dict(Config, json.loads(json.dumps(to_dict(config)))) == config
    build(config.architecture, Vocabulary(300), config.model)


def test_overrides_reach_every_level():
    config = override(
        RECIPES["translate-own"],
        ["train.steps=7", "train.lr=1", "model.hidden=32", "data.train=a.tsv", "title=My = own"],
    )
    assert config.train.steps == 7
    assert config.train.lr == 1.0
    assert config.model["hidden"] == 32
    assert config.data.train == ("a.tsv",)
    assert config.title == "My = own"
    assert RECIPES["translate-own"].train.steps != 7


@pytest.mark.parametrize(
    "assignment",
    [
        "train.steps",
        "train.nothing=1",
        "nothing.steps=1",
        "train.steps=many",
        "train.steps=1.5",
        "train=1",
        "search.beam=0",
        "search.method=guess",
        "data.columns=1",
        "search.alpha=true",
    ],
)
def test_bad_overrides_get_one_sentence(assignment):
    with pytest.raises(S2SError) as error:
        override(RECIPES["translate-own"], [assignment])
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    "options",
    [
        {"beam": 0},
        {"beam": 65},
        {"alpha": -1.0},
        {"temperature": 0.0},
        {"top_p": 0.0},
        {"length_norm": "x"},
        {"min_length": 5, "max_length": 4},
        {"seed": -1},
    ],
)
def test_search_options_refuse_nonsense(options):
    with pytest.raises(S2SError):
        SearchOptions(**options)


@pytest.mark.parametrize(
    ("architecture", "options"),
    [
        ("rnn", {"cell": "x"}),
        ("rnn", {"attention": "x"}),
        ("rnn", {"input_feeding": True}),
        ("rnn", {"bridge": "copy", "encoder_layers": 2}),
        ("rnn", {"hidden": 7}),
        ("rnn", {"no": 1}),
        ("transformer", {"size": 10, "heads": 4}),
        ("transformer", {"heads": 0}),
        ("x", {}),
    ],
)
def test_architectures_refuse_nonsense(architecture, options):
    with pytest.raises(S2SError):
        build(architecture, Vocabulary(50), options)
