"""Checkpoint folders: whole, broken, missing."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from s2s import checkpoint
from s2s.errors import S2SError

MIB = 2**20


@pytest.fixture
def folder(tiny_checkpoint, tmp_path):
    return shutil.copytree(tiny_checkpoint, tmp_path / "copy")


def test_it_describes_itself(tiny_checkpoint):
    loaded = checkpoint.load(tiny_checkpoint)
    assert loaded.config.name == "tiny"
    assert len(loaded.digest) == 12
    weights = load_file(tiny_checkpoint / "model.safetensors")
    assert {w.dtype for w in weights.values()} == {torch.float16}
    assert not loaded.model.training


def test_an_older_config_is_read_as_it_was_meant(folder):
    """Ranking by mutual information was an option of the search once."""
    config = json.loads((folder / "config.json").read_text())
    del config["rerank"], config["format"]
    config["search"]["mutual"] = 0.6
    (folder / "config.json").write_text(json.dumps(config))
    loaded = checkpoint.load(folder).config
    assert loaded.rerank.mutual == 0.6
    assert checkpoint.read_config(checkpoint.shipped() / "chat").rerank.mutual == 0.2


def damage_config(folder):
    (folder / "config.json").write_text("{")


def unknown_option(folder):
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | {"evil": 1}))


def other_size(folder):
    config = json.loads((folder / "config.json").read_text())
    config["model"]["hidden"] = 64
    (folder / "config.json").write_text(json.dumps(config))


def truncate_weights(folder):
    path = folder / "model.safetensors"
    path.write_bytes(path.read_bytes()[:1000])


def pickle_weights(folder):
    torch.save({"a": 1}, folder / "model.safetensors")


def nan_weights(folder):
    weights = load_file(folder / "model.safetensors")
    next(iter(weights.values())).fill_(float("nan"))
    save_file(weights, folder / "model.safetensors")


def no_weights(folder):
    (folder / "model.safetensors").unlink()


def bad_tokenizer(folder):
    (folder / "tokenizer.model").write_bytes(b"\x00\x01")


def empty_tokenizer(folder):
    (folder / "tokenizer.model").write_bytes(b"")


def write_config(folder, text):
    (folder / "config.json").write_text(text)


def deep_config(folder):
    write_config(folder, "[" * 100_000)


def deep_option(folder):
    write_config(folder, '{"name": "x", "model": {"hidden": ' + "[" * 500 + "]" * 500 + "}}")


def endless_number(folder):
    write_config(folder, '{"name": "x", "train": {"steps": ' + "9" * 5000 + "}}")


def no_object(folder):
    write_config(folder, "null")


def unknown_task(folder):
    write_config(folder, '{"name": "x", "task": "poetry"}')


def unknown_architecture(folder):
    write_config(folder, '{"name": "x", "architecture": "abacus"}')


def wild_dropout(folder):
    write_config(folder, '{"name": "x", "model": {"dropout": 2}}')


def no_text(folder):
    (folder / "config.json").write_bytes(b"\xff\xfe\x00")


def a_folder_as_weights(folder):
    (folder / "model.safetensors").unlink()
    (folder / "model.safetensors").mkdir()


@pytest.mark.parametrize(
    "damage",
    [
        damage_config,
        unknown_option,
        other_size,
        truncate_weights,
        pickle_weights,
        nan_weights,
        no_weights,
        bad_tokenizer,
        empty_tokenizer,
        deep_config,
        deep_option,
        endless_number,
        no_object,
        unknown_task,
        unknown_architecture,
        wild_dropout,
        no_text,
        a_folder_as_weights,
    ],
)
def test_a_broken_one_gets_one_sentence(folder, damage):
    damage(folder)
    with pytest.raises(S2SError) as error:
        checkpoint.load(folder)
    assert len(str(error.value).splitlines()) == 1


@pytest.mark.parametrize("name", ["", ".", "nope", "../..", "a\x00b", "x" * 5000, "/etc/passwd"])
def test_a_missing_one_gets_one_sentence(name):
    with pytest.raises(S2SError, match="no checkpoint"):
        checkpoint.load(name)


BROKEN_METRICS = [
    "not json",
    "",
    "null",
    "[]",
    "5",
    '{"tests": null}',
    '{"tests": []}',
    '{"tests": {"a": null}}',
    "[" * 100_000,
    '{"tests": ' + "9" * 5000 + "}",
]


@pytest.mark.parametrize("text", BROKEN_METRICS, ids=lambda text: text[:22])
def test_broken_metrics_are_told_and_no_hindrance(folder, text):
    (folder / "metrics.json").write_text(text)
    assert checkpoint.load(folder).metrics == {}
    (entry,) = checkpoint.survey(folder.parent)
    assert entry.config == checkpoint.read_config(folder)
    assert "metrics.json" in entry.problem
    assert len(entry.problem.splitlines()) == 1


@pytest.mark.parametrize("score", ["null", "true", '"high"', "[]", "NaN", "1e999", "9" * 500])
def test_a_score_that_is_no_number_is_none(folder, score):
    (folder / "metrics.json").write_text('{"tests": {"a": {"bleu": ' + score + "}}}")
    assert checkpoint.score_of(checkpoint.read_metrics(folder), "bleu") is None


def test_a_closed_folder_is_told_and_no_hindrance(folder):
    root = Path(tempfile.mkdtemp())
    try:
        root.chmod(0o755)
        good, closed = (Path(shutil.copytree(folder, root / name)) for name in ("good", "closed"))
        closed.chmod(0)
        with unprivileged():
            first, second = checkpoint.survey(root)
        assert (first.folder, second.folder) == (closed, good)
        assert first.config is None
        assert len(first.problem.splitlines()) == 1
        assert second.config
        assert not second.problem
    finally:
        shutil.rmtree(root)


@contextmanager
def unprivileged():
    """Without the rights of root, for whom no folder is closed."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)


def test_shipped_checkpoints_keep_their_limits():
    folders = checkpoint.available()
    assert {"translate-en-fr-bahdanau", "translate-en-fr-lstm"} <= {f.name for f in folders}
    total = 0
    for folder in folders:
        size = sum(p.stat().st_size for p in folder.iterdir())
        assert size <= 24 * MIB
        total += size
        for name in (
            "config.json",
            "model.safetensors",
            "tokenizer.model",
            "history.jsonl",
            "metrics.json",
            "README.md",
        ):
            assert (folder / name).is_file(), f"{folder.name} lacks {name}"
        assert checkpoint.load(folder).config.name == folder.name
    assert total <= 128 * MIB
