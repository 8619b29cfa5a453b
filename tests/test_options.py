"""Every option has a range and a line of help, and says in one sentence what it does not take."""

from __future__ import annotations

import dataclasses
import json
from typing import Annotated

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from s2s.config import (
    Augment,
    Config,
    DataConfig,
    RerankOptions,
    SearchOptions,
    TrainConfig,
    bounds,
    choices,
    describe,
    from_dict,
    help_of,
    override,
    schema,
    to_dict,
)
from s2s.errors import S2SError
from s2s.models import MODELS
from s2s.models.attention import Attention
from s2s.models.recurrent.config import RNNConfig
from s2s.options import option, options, parse

CLASSES = [
    RerankOptions,
    SearchOptions,
    Augment,
    DataConfig,
    TrainConfig,
    Config,
    *(model.config_class for model in MODELS.values()),
]
FIELDS = [(cls, row) for cls in CLASSES for row in describe(cls)]
NUMBERS = [  # a group's options are tested with its own class
    (cls, row)
    for cls, row in FIELDS
    if row.type in ("number", "whole number") and "." not in row.name
]
NAMES = [row.name for row in describe(Config)]
BASE = Config(name="base")


def ids(value):
    return value.__name__ if isinstance(value, type) else getattr(value, "name", None)


def refusal(make) -> str:
    """The one sentence with which something is refused."""
    with pytest.raises(S2SError) as error:
        make()
    sentence = str(error.value)
    assert len(sentence.splitlines()) == 1
    assert len(sentence) < 600
    return sentence


def attempt(make) -> tuple:
    """What was made, or None and the one sentence with which it was refused."""
    try:
        return make(), ""
    except S2SError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017
        return None, str(error)


# --------------------------------------------------------------------------------- what stands there
@pytest.mark.parametrize(("cls", "row"), FIELDS, ids=ids)
def test_each_option_has_one_line_of_help(cls, row):
    text = help_of(cls, row.name)
    assert text.endswith(".")
    assert "\n" not in text
    assert len(text) <= 120
    assert row.help == text


@pytest.mark.parametrize(("cls", "row"), NUMBERS, ids=ids)
def test_a_number_takes_its_bounds_and_nothing_beyond(cls, row):
    low, high, step = bounds(cls, row.name)
    required = {f.name: "x" for f in dataclasses.fields(cls) if f.name == "name"}
    for value in (low - 1, high + 1):
        sentence = refusal(lambda value=value: from_dict(cls, required | {row.name: value}))
        assert sentence.startswith(f"{row.name} must be")
        assert row.range.partition(" to ")[0] in sentence
    for value in (low, high):
        found, sentence = attempt(lambda v=value: from_dict(cls, required | {row.name: v}))
        # a rule about several options may still say no
        assert getattr(found, row.name, None) == value or " must be a " not in sentence
    assert step is None or 0 < step <= high - low


@pytest.mark.parametrize("cls", CLASSES, ids=ids)
def test_the_listing_names_every_option(cls):
    listed = {row.name.partition(".")[0] for row in describe(cls)}
    assert listed == {f.name for f in dataclasses.fields(cls)}
    assert set(schema(cls)["properties"]) == listed
    json.dumps(schema(cls))


def test_unknown_fields_have_no_bounds():
    for name in ("nothing", "method", "beam.x"):
        with pytest.raises(KeyError):
            bounds(SearchOptions, name)
    with pytest.raises(KeyError):
        help_of(Config, "train.nothing")
    assert bounds(Config, "search.beam") == bounds(SearchOptions, "beam") == (1, 64, 1)
    assert choices(SearchOptions, "method") == ("beam", "sample")


def test_the_attention_scores_of_the_option_are_those_of_the_class():
    assert set(choices(RNNConfig, "attention")) == {"none", *Attention.kinds}


# ------------------------------------------------------------------------------------- what is refused
REFUSED = [
    ("train.eval_every=0", "whole number from 1"),
    ("train.log_every=0", "whole number from 1"),
    ("train.save_every=0", "whole number from 1"),
    ("train.eval_sentences=0", "whole number from 1"),
    ("train.lr=-1", "a number from 0"),
    ("train.batch_tokens=-5", "whole number"),
    ("train.smoothing=2", "a number from 0"),
    ("train.warmup=-1", "whole number from 0"),
    ("train.steps=-5", "whole number from 1"),
    ("train.steps=true", "not true"),
    ("train.steps=1.5", "not 1.5"),
    ("train.steps=many", 'not "many"'),
    ("train.risk=1.5", "from 0 to 1"),
    ("train.device=meta", "'cpu'"),
    ("train.precision=int3", "'bf16'"),
    ("data.train=[]", "at least one"),
    ('data.train=[""]', "data.train.0"),
    ("data.share=[0.5,0.5]", "data.share must name one share"),
    ("data.share=[101]", "data.share.0"),
    ("data.max_tgt=0", "from 2"),
    ("data.columns=1", "data.columns"),
    ("data.columns.source=en", "src or tgt"),
    ("data.augment.casual=-0.1", "from 0"),
    ("data.blank=0.1", "Unknown option data.blank"),
    ("search.alpha=1e999", "not Infinity"),
    ("search.alpha=NaN", "not NaN"),
    ("search.alpha=" + "[" * 5000, "search.alpha must be a number from 0 to 5"),
    ("search.beam=" + "9" * 5000, "search.beam must be a whole number from 1 to 64"),
    ("search.beam=" + "9" * 4200, "search.beam must be a whole number from 1 to 64"),
    ("search.seed=-1", "whole number from 0"),
    ("search.temperature=1e-45", "from 0.001"),
    ("search.method=guess", "'beam' or 'sample'"),
    ("search=1", "search must be"),
    ("src_language=English", "a language code"),
    ("train.stepz=1", "did you mean train.steps?"),
    ("beam=3", "did you mean search.beam?"),
    ("nothing.steps=1", "Unknown option"),
    ("train.steps.more=1", "Unknown option"),
    ("train.steps", "name=value"),
    ("=", "Unknown option"),
    ("x" * 5000 + "=1", "Unknown option"),
]


@pytest.mark.parametrize(("assignment", "said"), REFUSED, ids=lambda text: text[:24])
def test_a_wrong_assignment_gets_one_sentence(assignment, said):
    assert said in refusal(lambda: override(BASE, [assignment]))


@pytest.mark.parametrize(
    ("assignment", "name", "value"),
    [
        ("data.train=a.tsv", "train", ("a.tsv",)),
        ("data.share=0.5", "share", (0.5,)),
        ('data.columns={"src": "en"}', "columns", {"src": "en"}),
        ("data.columns.tgt=fr", "columns", {"tgt": "fr"}),
        ("data.max_ratio=2", "max_ratio", 2.0),
    ],
)
def test_a_right_assignment_is_read_as_its_option_wants_it(assignment, name, value):
    found = getattr(override(BASE, [assignment]).data, name)
    assert found == value
    assert type(found) is type(value)


def test_text_is_text_whatever_it_looks_like():
    for text in ("123", "true", "null", "[1]", "a = b", "NaN"):
        assert override(BASE, [f"title={text}"]).title == text
    assert override(BASE, ['title="quoted"']).title == "quoted"


def nested(depth: int):
    value: list = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    "value",
    [
        True,
        "5",
        5.5,
        None,
        [],
        {},
        nested(9),
        nested(5000),
        10**5000,
        -(10**4200),
        float("inf"),
        b"x",
    ],
    ids=lambda v: type(v).__name__,
)
def test_a_whole_number_is_nothing_else(value):
    refusal(lambda: from_dict(SearchOptions, {"beam": value}, "search"))
    refusal(lambda: SearchOptions(beam=value))


@pytest.mark.parametrize(
    "values", [None, [], 5, "x", True, nested(5000)], ids=lambda v: str(type(v))
)
def test_a_set_of_options_is_nothing_else(values):
    refusal(lambda: from_dict(Config, values))
    refusal(lambda: from_dict(Config, {"name": "x", "train": values}))


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
    ),
    max_leaves=6,
)


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(NAMES), json_values)
def test_any_value_anywhere_is_taken_whole_or_refused_in_a_sentence(name, value):
    before = to_dict(BASE)
    *groups, last = name.split(".")
    node = before
    for group in groups:
        node = node[group]
    node[last] = value
    found, sentence = attempt(lambda: from_dict(Config, before))
    if found:
        assert from_dict(Config, json.loads(json.dumps(to_dict(found)))) == found
    else:
        assert name.split(".")[0] in sentence


@settings(max_examples=200, deadline=None)
@given(st.text(max_size=30), st.text(max_size=30))
def test_any_assignment_is_taken_or_refused_in_a_sentence(name, value):
    for path in (name, "train.lr", "title", "data.train", "model.x"):
        attempt(lambda path=path: override(BASE, [f"{path}={value}"]))


# ------------------------------------------------------------------------------------- how they behave
def test_a_changed_copy_is_checked_like_a_new_one():
    refusal(lambda: dataclasses.replace(SearchOptions(), beam=0))
    refusal(lambda: dataclasses.replace(SearchOptions(max_length=5), min_length=6))
    with pytest.raises(dataclasses.FrozenInstanceError):
        SearchOptions().beam = 3


def test_json_text_is_read_or_refused_in_a_sentence():
    assert parse('{"a": [1, 2.5]}', "x") == {"a": [1, 2.5]}
    assert parse("9" * 5000, "x") == float("inf")
    for text in ("{", "[" * 100_000, "", "\x00"):
        assert refusal(lambda text=text: parse(text, "x.json")).startswith("x.json")


def test_a_new_option_is_one_field():
    @options
    class Coffee:
        """A cup of it."""

        sugar: Annotated[int, option("Lumps of it.", ge=0, le=4, unit="lumps")] = 1

    assert bounds(Coffee, "sugar") == (0, 4, 1)
    assert describe(Coffee)[0] == ("sugar", "whole number", "0 to 4 lumps", "1", "Lumps of it.")
    assert refusal(lambda: Coffee(sugar=5)) == "sugar must be a whole number from 0 to 4, not 5."
