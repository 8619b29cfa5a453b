"""Options on the command line: listed with their ranges, and refused in a sentence with code 2."""

from __future__ import annotations

import json

import jsonschema
import pytest

from s2s import checkpoint
from s2s.cli import main
from s2s.config import Config, SearchOptions, describe, to_dict
from s2s.training.recipes import RECIPES


@pytest.fixture
def s2s(monkeypatch, capsys):
    """Run the command line in this process: (code, stdout, stderr)."""

    def run(*arguments) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["s2s", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        out, err = capsys.readouterr()
        return ended.value.code, out, err

    return run


WRONG = [
    "train.eval_every=0",
    "train.log_every=0",
    "train.save_every=0",
    "train.eval_sentences=0",
    "train.lr=-1",
    "train.batch_tokens=-5",
    "train.smoothing=2",
    "train.warmup=-1",
    "train.steps=-5",
    "train.device=meta",
    "model.dropout=2",
    "model.hidden=1000000000",
    "model.hidden=7",
    "model.nothing=1",
    "model=[]",
    "task=nope",
    "architecture=nope",
    "data.train=[]",
    "data.max_tgt=0",
    "data.vocab=0",
    "search.temperature=1e-45",
    "search.alpha=" + "[" * 5000,
    "search.beam=" + "9" * 5000,
    "search.max_length=1e999",
    "nothing=1",
    "train.steps",
]


@pytest.mark.parametrize("assignment", WRONG, ids=lambda text: text[:24])
def test_a_wrong_option_of_a_run_is_one_sentence_and_code_2(s2s, assignment, tmp_path):
    code, out, err = s2s("train", "translate-own", "--out", tmp_path / "run", "--set", assignment)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    assert not (tmp_path / "run").exists()
    name = assignment.partition("=")[0]
    if name not in ("nothing", "train.steps", "model.nothing"):
        assert name in err
        assert "not" in err


@pytest.mark.parametrize(
    "assignment", ["alpha=x", "beam=0", "top_p=0", "min_length=5000", "x=1", "x"]
)
def test_a_wrong_option_of_a_search_is_one_sentence_and_code_2(s2s, tiny_checkpoint, assignment):
    code, out, err = s2s("generate", "-c", tiny_checkpoint, "--set", assignment)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1


def test_set_is_repeated(s2s, tmp_path):
    code, _, err = s2s("train", "translate-own", "--set", "train.steps=5", "--set", "train.lr=-1")
    assert code == 2
    assert "train.lr" in err
    code, _, err = s2s("train", "translate-own", "--set", "train.steps=5", "train.lr=-1")
    assert code == 2
    assert len(err.splitlines()) == 1


@pytest.mark.parametrize(
    "group", [(), ("search",), ("train",), ("data",), ("rerank",), ("model", "rnn")]
)
def test_options_are_listed(s2s, group):
    code, out, _ = s2s("options", *group)
    assert code == 0
    for row in describe(SearchOptions) if group == ("search",) else []:
        assert row.name in out
        assert row.help in out
    code, text, _ = s2s("options", *group, "--schema")
    assert code == 0
    jsonschema.Draft202012Validator.check_schema(json.loads(text))


@pytest.mark.parametrize("group", [("nope",), ("model",), ("model", "nope"), ("search", "x")])
def test_unknown_options_are_told(s2s, group):
    code, out, err = s2s("options", *group)
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1


def test_the_schema_takes_every_recipe(s2s):
    _, text, _ = s2s("options", "--schema")
    for config in RECIPES.values():
        jsonschema.validate(to_dict(config), json.loads(text))


def test_help_lists_what_set_takes(s2s):
    for command, cls in (
        ("train", Config),
        ("generate", SearchOptions),
        ("evaluate", SearchOptions),
    ):
        _, out, _ = s2s(command, "--help")
        assert all(row.name in out and row.help in out for row in describe(cls))


def test_list_goes_on_after_a_broken_one(s2s, tiny_checkpoint, tmp_path, monkeypatch):
    for name in ("broken", "whole"):
        loaded = checkpoint.load(tiny_checkpoint)
        checkpoint.save(tmp_path / name, loaded.config, loaded.model.state_dict(), loaded.tokenizer)
    (tmp_path / "broken" / "config.json").write_text("[" * 100_000)
    (tmp_path / "whole" / "metrics.json").write_text('{"tests": {"a": {"bleu": null}}}')
    monkeypatch.setenv("S2S_CHECKPOINTS", str(tmp_path))
    code, out, _ = s2s("list")
    assert code == 0
    lines = out.splitlines()
    assert sum("nested too deeply" in line for line in lines) == 1
    assert any(line.strip().startswith("whole") and "Tiny" in line for line in lines)
