"""States: laws of the projection, of neighbours, and of the index that a checkpoint keeps."""

from __future__ import annotations

import gzip
import json
import shutil
import sys

import numpy as np
import plotly.graph_objects as go
import pytest
import torch

from s2s import checkpoint
from s2s.analysis.index import MOST, STATES, TEXTS, place_of, read
from s2s.analysis.states import (
    Cloud,
    at_words,
    decoder_states,
    encoder_states,
    of_words,
    principal,
)
from s2s.checkpoint import find
from s2s.cli import main
from s2s.config import DataConfig
from s2s.data.corpus import side_of, source_key, write_pairs
from s2s.errors import S2SError
from s2s.figures.projection import DRAWN, neighbours, plane
from s2s.pipeline import Pipeline
from s2s.text.source import Source
from tests.conftest import make_src, save_tiny, sourced, toy_pairs

TARGET = [5, 9, 7, 3]


@pytest.fixture
def states():
    """Points that differ most along two known directions."""
    rng = np.random.default_rng(0)
    return (rng.normal(size=(400, 12)) * np.linspace(3, 0.1, 12) + 5).astype(np.float32)


def test_axes_are_orthonormal_and_hold_most_variance_first(states):
    plane = principal(states, 5)
    np.testing.assert_allclose(plane.axes @ plane.axes.T, np.eye(5), atol=1e-5)
    assert (np.diff(plane.shares) <= 0).all()
    points = plane.project(states)
    np.testing.assert_allclose(points.mean(0), 0, atol=1e-3)
    np.testing.assert_allclose(points.var(0) / states.var(0).sum(), plane.shares, rtol=1e-3)


def test_all_axes_keep_every_distance(states):
    points = principal(states, 12).project(states)
    np.testing.assert_allclose(
        np.linalg.norm(points[3] - points[7]), np.linalg.norm(states[3] - states[7]), rtol=1e-4
    )
    assert principal(states, 12).shares.sum() == pytest.approx(1)


def test_fewer_states_than_directions():
    assert principal(np.ones((1, 6), np.float32), 2).shares.tolist() == [0]
    assert principal(np.eye(3, 6, dtype=np.float32), 5).axes.shape == (3, 6)


def test_a_state_of_the_cloud_finds_itself(states):
    cloud = Cloud.of(principal(states, 8), states)
    for n in range(0, 400, 40):
        found = cloud.nearest(states[n], 5)
        assert found[0][0] == n
        assert found[0][1] < 0.05
        assert [d for _, d in found] == sorted(d for _, d in found)


def test_one_is_as_far_as_two_drawn_by_chance(states):
    cloud = Cloud.of(principal(states, 12), states)
    rng = np.random.default_rng(1)
    a, b = rng.integers(0, 400, (2, 20_000))
    squares = ((cloud.points[a] - cloud.points[b]) ** 2).sum(1)
    assert np.sqrt(squares.mean()) == pytest.approx(cloud.usual, rel=0.05)


def test_a_code_is_at_most_half_a_step_off(states):
    cloud = Cloud.of(principal(states, 4), states)
    off = np.abs(cloud.points - cloud.plane.project(states))
    assert (off <= cloud.scale / 2 + 1e-5).all()


def test_decoder_states_choose_the_words(model):
    """Projected to the vocabulary they give what teacher forcing gives."""
    ids = make_src([6])[0].tolist()
    states = decoder_states(model, ids, TARGET)
    assert states.shape[0] == len(TARGET)
    if getattr(model.config, "copy", False):
        return  # what it copies is not in the state alone
    with torch.inference_mode():
        logp = model.predict(torch.tensor(states))
        wanted = model(torch.tensor([ids]), model.forced_input(TARGET))[0]
    torch.testing.assert_close(logp, wanted, atol=1e-4, rtol=1e-4)


def test_encoder_states_do_not_hang_on_padding(model):
    src = make_src([6, 9])
    alone = encoder_states(model, src[0, :6].tolist())
    with torch.inference_mode():
        padded = model.states(src)[0, :6]
    assert alone.shape[0] == 6
    np.testing.assert_allclose(alone, padded.numpy(), atol=1e-5)


def test_words_from_pieces():
    states = np.arange(8.0).reshape(4, 2)
    words = [("a", 0, 1), ("bc", 1, 3), ("end", 3, 4)]
    assert of_words(states, words).tolist() == [[0, 1], [3, 4], [6, 7]]
    assert at_words(states, words).tolist() == [[0, 1], [2, 3], [6, 7]]


# ------------------------------------------------------------------------------------------ an index
@pytest.fixture
def indexed(tmp_path, tokenizer, monkeypatch):
    """A tiny checkpoint with an index of the pairs that it could have been trained on."""
    data = tmp_path / "data"
    data.mkdir()
    write_pairs(data / "train.tsv", sourced(toy_pairs(300)), ("src", "tgt"))
    write_pairs(data / "other.tsv", sourced(toy_pairs(40, seed=5)), ("src", "tgt"))
    config = DataConfig(train=("train.tsv", "other.tsv"), max_src=40, max_tgt=20, split=0.1)
    folder = save_tiny(tmp_path, "tiny", "transformer", tokenizer, data=config)
    run(monkeypatch, folder, data)
    return folder, data


def run(monkeypatch, folder, data, *words):
    """``s2s index``; its exit code."""
    argv = ["s2s", "index", str(folder), "--data", str(data), "--dimensions", "16", *words]
    monkeypatch.setattr(sys, "argv", argv)
    with pytest.raises(SystemExit) as stop:
        main()
    return stop.value.code or 0


def test_a_training_sentence_finds_itself(indexed):
    pipeline = Pipeline(indexed[0])
    index = read(pipeline.checkpoint)
    assert len(index.decoder.codes) == index.counts.sum()
    first = np.cumsum([0, *index.counts])
    for p, (source, target) in enumerate(index.pairs[:20]):
        sentence = pipeline.score(source, target)
        words = sentence.tgt_words[0][:-1]
        assert len(words) == index.counts[p]
        states = decoder_states(
            pipeline.checkpoint.model, sentence.trace.source, sentence.best.tokens
        )
        for n, state in enumerate(at_words(states, words)):
            near = dict(index.decoder.nearest(state, len(index.decoder.codes)))
            own = near[first[p] + n]  # others may be as near: the first words of two like sentences
            assert own < 0.1
            found = index.nearest(state, pipeline.tokenizer, 5)
            assert own - found[0].distance < 0.02
            same = [f for f in found if (f.source, f.target) == (source, target)]
            assert all(f.word in target.split() for f in same)


def test_nothing_held_out_is_in_it(indexed):
    index = read(checkpoint.load(indexed[0]))
    assert len(index.pairs) > 100
    first = [source for source, _ in sourced(toy_pairs(300))]
    held_out = {source_key(s) for s in first if side_of(s, 0.1) != "train"}
    assert held_out
    assert not held_out & {source_key(Source((source,))) for source, _ in index.pairs}
    assert len({source for source, _ in index.pairs}) == len(index.pairs)


def test_of_named_files_alone(indexed, monkeypatch, capsys):
    folder, data = indexed
    assert run(monkeypatch, folder, data, "--file", "other.tsv") == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert 0 < report["pairs"] <= 40
    assert 0 <= report["neighbours_kept"] <= 1
    others = {source for source, _ in toy_pairs(40, seed=5)}
    assert {source for source, _ in read(checkpoint.load(folder)).pairs} <= others
    assert run(monkeypatch, folder, data, "--file", "nope.tsv") == 2
    assert "was not trained on nope.tsv" in capsys.readouterr().err


def test_an_index_belongs_to_its_weights(indexed, tmp_path, tokenizer):
    other = save_tiny(tmp_path / "b", "tiny", "luong-general", tokenizer)
    for name in (STATES, TEXTS):
        shutil.copy(indexed[0] / name, other / name)
    assert read(checkpoint.load(other)) is None
    assert (
        read(checkpoint.load(find(save_tiny(tmp_path / "c", "x", "bahdanau", tokenizer)))) is None
    )


def test_what_is_broken_is_told_in_one_sentence(indexed):
    loaded = checkpoint.load(indexed[0])
    good = {name: (indexed[0] / name).read_bytes() for name in (STATES, TEXTS)}
    bombs = gzip.compress(b"source\ttarget\n" + b"a" * 80_000_000)
    broken = (
        (STATES, b"nonsense"),
        (STATES, good[STATES][:-10]),
        (TEXTS, good[TEXTS][:-10]),
        (TEXTS, b"\x1f\x8bnonsense"),
        (TEXTS, bombs),
        (TEXTS, gzip.compress(b"source\ttarget\na\tb\n")),
        (TEXTS, gzip.compress(b"source\ttarget\n\xff\tb\n")),
        (STATES, good[STATES] + bytes(MOST)),
    )
    for name, data in broken:
        (indexed[0] / name).write_bytes(data)
        with pytest.raises(S2SError, match="index"):
            read(loaded)
        (indexed[0] / name).write_bytes(good[name])
    assert read(loaded) is not None


def test_a_word_is_found_in_its_text(tokenizer):
    text = "THE OLD CAT THE CAT"
    places = [place_of(text, tokenizer, n) for n in range(5)]
    assert [text[slice(*p)] for p in places] == text.split()
    assert places[0] != places[3]
    assert place_of(text, tokenizer, 9) == (0, 0)


@pytest.mark.parametrize(
    "folder",
    sorted(path.parent for path in checkpoint.shipped().glob(f"*/{STATES}")),
    ids=lambda p: p.name,
)
def test_a_shipped_index_belongs_to_its_weights(folder):
    loaded = checkpoint.load(folder)
    index = read(loaded)
    assert index is not None
    assert "CC BY" in index.credit
    for source, target in index.pairs[:200]:
        words = loaded.tokenizer.words(loaded.tokenizer.encode(target))
        assert words, source
    counted = [
        len(loaded.tokenizer.words(loaded.tokenizer.encode(t))) for _, t in index.pairs[:200]
    ]
    assert counted == index.counts[:200].tolist()


def test_pictures_show_every_word_and_escape_it():
    evil = "<b onclick=x>"
    points = np.array([[0.0, 1.0], [2.0, 3.0]])
    figure = plane(points, [evil, "b"], [0.5, 0.2], np.zeros((5000, 2)), path=True, chosen=1)
    go.Figure(figure)  # all of it is known to Plotly
    cloud, words, chosen = figure["data"]
    assert len(cloud["x"]) <= DRAWN
    assert (words["x"], words["y"]) == ([0, 2], [1, 3])
    assert (chosen["x"], chosen["y"]) == ([2], [3])
    low, high = figure["layout"]["xaxis"]["range"]
    assert low < 0 < 2 < high
    assert "<b onclick" not in str(figure)
    rows = neighbours([(evil, f"a {evil} c", (2, 2 + len(evil)), 0.25)], ("en", "fr"))
    assert "<b onclick" not in rows
    assert rows.count("&lt;b onclick=x&gt;") == 2
    assert ">0.25<" in rows
