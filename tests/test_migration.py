"""Checkpoints of older formats: they load, and answer as they always did."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from s2s import checkpoint
from s2s.config import Config, from_dict, to_dict
from s2s.errors import S2SError
from s2s.migration import FORMAT, STEPS, upgrade
from s2s.pipeline import Pipeline
from s2s.text.languages import NAMES, code_of, name_of

OLD = Path(__file__).parent / "format-1"  # written by the code of its day, with what that answered
FIRST = json.loads((OLD / "config.json").read_text(encoding="utf-8"))


def test_the_first_format_answers_as_it_did():
    pipeline = Pipeline(OLD, precision="fp32")  # int8 differs in the third digit
    for case in json.loads((OLD / "expected.json").read_text(encoding="utf-8")):
        sentence = pipeline(pipeline.task.parse(case["source"])).sentences[0]
        found = sentence.hypotheses
        assert list(sentence.outputs) == case["outputs"]
        assert [h.score for h in found] == pytest.approx(case["scores"], abs=2e-4)
        assert [h.total for h in found] == pytest.approx(case["totals"], abs=2e-3)
        assert list(sentence.alone) == pytest.approx(case["by_itself"], abs=2e-3)


def test_every_old_option_has_a_new_home():
    config = checkpoint.read_config(OLD)
    assert (config.src_language, config.tgt_language) == ("en", "fr")
    a = config.data.augment
    assert (a.any_kind, a.no_source, a.casual, a.names) == (0.25, 0.1, 0.5, 0.75)
    assert config.data.columns == {"src": "en"}
    assert config.train.steps == 7
    assert config.search.alpha == 2.0
    assert config.rerank.mutual == 0.6


def test_what_is_saved_is_of_todays_format_and_needs_no_migration(tmp_path):
    loaded = checkpoint.load(OLD)
    checkpoint.save(tmp_path / "new", loaded.config, loaded.model.state_dict(), loaded.tokenizer)
    saved = json.loads((tmp_path / "new" / "config.json").read_text(encoding="utf-8"))
    assert saved.pop("format") == FORMAT
    assert saved == to_dict(loaded.config)
    assert from_dict(Config, saved) == loaded.config == checkpoint.read_config(tmp_path / "new")


def test_there_is_a_step_from_every_format_and_it_changes_nothing_in_place():
    assert set(STEPS) == set(range(1, FORMAT))
    before = json.dumps(FIRST)
    once = upgrade(FIRST, "x")
    assert json.dumps(FIRST) == before
    assert upgrade(once | {"format": FORMAT}, "x") == once


@pytest.mark.parametrize("folder", checkpoint.available(), ids=lambda p: p.name)
def test_shipped_checkpoints_are_read(folder):
    assert checkpoint.read_config(folder).name == folder.name


@pytest.mark.parametrize("format_", [FORMAT + 1, 10**30, 0, -1, "2", True, None, 2.0, [2], 1e999])
def test_another_format_is_refused_in_one_sentence(tmp_path, format_):
    folder = shutil.copytree(OLD, tmp_path / "copy")
    (folder / "config.json").write_text(json.dumps(FIRST | {"format": format_}))
    with pytest.raises(S2SError, match="format") as error:
        checkpoint.load(folder)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("part", ["data", "search", "src_language", "model"])
@pytest.mark.parametrize("value", [None, [], 5, "Klingon", {"x": 1}])
def test_a_broken_old_one_is_refused_in_one_sentence_or_read(part, value):
    assert "\n" not in complaint(FIRST | {part: value})


def complaint(values) -> str:
    """What is said about a configuration; nothing if it is read."""
    try:
        from_dict(Config, upgrade(values, "x"))
    except S2SError as error:
        return str(error)
    return ""


def test_languages_have_codes_and_names():
    assert all(code_of(name) == code for code, name in NAMES.items())
    assert code_of("Klingon") == ""
    assert name_of("pt-BR") == "Portuguese (BR)"
    assert name_of("tlh") == "tlh"
