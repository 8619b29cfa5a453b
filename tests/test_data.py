"""Files to batches."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from s2s.config import DataConfig
from s2s.data.batches import Example, collate, collate_rows, encode_pairs, epoch
from s2s.data.corpus import clean_pairs, group_references, side_of, source_key
from s2s.data.ids import Ids, Writer
from s2s.data.reading import Report
from s2s.errors import S2SError
from s2s.tasks import TASKS
from s2s.text.cleaning import clean
from s2s.text.source import Source
from s2s.text.vocabulary import BOS, EOS, PAD, Vocabulary
from tests.conftest import ids_of, sourced, toy_pairs

ROOT = Path(__file__).resolve().parent.parent
TASK = TASKS["translation"]


# ---------------------------------------------------------------------------------------- cleaning
@pytest.mark.parametrize(
    ("dirty", "expected"),
    [
        ("  a \t\n b ", "a b"),
        ("e\u0301", "é"),
        ("it\u2019s", "it's"),
        ("a\x00b\x07c", "a b c"),
        ("\ufeffa\u200bb\u00adc", "abc"),
        ("a\u00a0!\u202f?", "a ! ?"),
        ("\ud800", "\ufffd"),
        ("👨\u200d👩", "👨\u200d👩"),
        ("\x00", ""),
    ],
)
def test_clean(dirty, expected):
    assert clean(dirty) == expected
    assert clean(clean(dirty)) == clean(dirty)


def test_cleaning_counts_what_it_drops():
    report = Report()
    pairs = sourced([("a", "b"), (" a ", "b"), ("", "c"), ("d", "\x00"), ("a", "e")])
    assert list(clean_pairs(pairs, TASK, report)) == sourced([("a", "b"), ("a", "e")])
    assert report.dropped == {"with an empty side": 2, "exact duplicates": 1}


def test_pairs_differ_where_only_the_border_does():
    pairs = sourced([("a b", "c"), ("a", "b c"), ("a", "b")])
    assert list(clean_pairs(pairs, TASK, Report())) == pairs


SIDES = ("train", "valid", "test")


def test_no_source_stands_on_both_sides_of_a_split():
    pairs = sourced((f"Sentence {i % 500}{'!' * (i % 3)}", f"t{i}") for i in range(2000))
    parts = {side: [s for s, _ in pairs if side_of(s, 0.1) == side] for side in SIDES}
    keys = [{source_key(s) for s in part} for part in parts.values()]
    assert not keys[0] & keys[1]
    assert not keys[0] & keys[2]
    assert not keys[1] & keys[2]
    assert sum(map(len, parts.values())) == 2000
    assert 20 <= len(keys[2]) <= 90


def test_source_key_ignores_case_and_marks_and_what_is_asked():
    def key(text: str, kind: str | None = None) -> str:
        return source_key(Source((text,), kind))

    assert key("Go, Tom!") == key("go tom") == key("GO TOM", "headline")
    assert key("?!") != key("!")


# ------------------------------------------------------------------------------------ ids, batches
def test_encoding_reports_what_is_too_long_or_too_unequal(tokenizer):
    report = Report()
    pairs = sourced([("the cat", "CAT THE"), ("the " * 40, "THE"), ("the " * 12, "THE")])
    limits = DataConfig(max_src=20, max_tgt=20, max_ratio=4)
    out = encode_pairs(pairs, tokenizer, limits, TASK, report)
    assert len(out) == 1
    assert out[0].src[-1] == out[0].tgt[-1] == EOS
    assert report.dropped == {"over the length limit": 1, "over the length ratio": 1}


def test_a_source_is_cut_at_the_limit_and_says_so(tokenizer):
    ids, cut = TASK.encode(Source(("the cat " * 30,)), tokenizer, 10)
    whole, none = TASK.encode(Source(("the cat",)), tokenizer, 10)
    assert len(ids) == 10
    assert ids[-1] == whole[-1] == EOS
    assert cut == len(tokenizer.encode("the cat " * 30)) - 9
    assert none == 0


ROWS = [([5, 3], [7, 8, 3]), ([3], [3]), ([5, 6, 70_000, 3], [9, 3])]


@pytest.mark.parametrize("vocabulary", [300, 100_000])
def test_pairs_come_back_from_a_folder_as_they_went_in(tmp_path, vocabulary):
    rows = [pair for pair in ROWS if max(pair[0]) < vocabulary]
    with Writer(tmp_path, vocabulary) as writer:
        for pair in rows:
            writer.add(*pair)
        assert len(writer) == len(rows)
    ids = Ids.load(tmp_path)
    assert [ids.pair(n) for n in range(len(ids))] == rows
    assert isinstance(ids.tokens, np.memmap)
    assert not ids.tokens.flags.writeable
    assert ids.tokens.dtype == (np.uint16 if vocabulary == 300 else np.uint32)
    assert ids.lengths.tolist() == [[len(s), len(t)] for s, t in rows]


def test_a_folder_of_no_pairs_and_of_many(tmp_path):
    for n in (0, 300_000):  # more than the writer keeps in memory
        (tmp_path / str(n)).mkdir()
        with Writer(tmp_path / str(n), 50) as writer:
            for i in range(n):
                writer.add([i % 40, 3], [i % 7 + 10, i % 11 + 20, 3])
        ids = Ids.load(tmp_path / str(n))
        assert len(ids) == n
        assert [ids.pair(i) for i in range(n)[::9999]] == [
            ([i % 40, 3], [i % 7 + 10, i % 11 + 20, 3]) for i in range(n)[::9999]
        ]


@pytest.mark.parametrize("name", ["tokens.npy", "lengths.npy"])
@pytest.mark.parametrize("how", ["gone", "empty", "cut", "other"])
def test_a_broken_folder_is_refused(tmp_path, name, how):
    with Writer(tmp_path, 300) as writer:
        for pair in ROWS[:2] * 50:
            writer.add(*pair)
    path = tmp_path / name
    whole = path.read_bytes()
    if how == "gone":
        path.unlink()
    elif how == "other":
        np.save(path, np.zeros((3, 3, 3)))
    else:
        path.write_bytes(whole[:-9] if how == "cut" else b"")
    with pytest.raises(S2SError, match="corpus in"):
        Ids.load(tmp_path)


def test_collate_shifts_and_pads():
    batch = collate([Example([5, 3], [7, 8, 3]), Example([5, 6, 3], [9, 3])], Vocabulary(20))
    assert batch.src.tolist() == [[5, 3, PAD], [5, 6, 3]]
    assert batch.tgt_in.tolist() == [[BOS, 7, 8], [BOS, 9, PAD]]
    assert batch.tgt_out.tolist() == [[7, 8, 3], [9, 3, PAD]]
    assert batch.src.dtype == torch.long


def test_rows_of_a_corpus_are_the_batch_of_their_examples(tokenizer):
    examples = encode_pairs(sourced(toy_pairs(50)), tokenizer, DataConfig(), TASK, Report())
    ids = ids_of((e.src, e.tgt) for e in examples)
    rows = np.array([3, 0, 49, 17])
    mine = collate_rows(ids, rows, tokenizer.vocabulary)
    theirs = collate([examples[n] for n in rows], tokenizer.vocabulary)
    for name in ("src", "tgt_in", "tgt_out"):
        assert torch.equal(getattr(mine, name), getattr(theirs, name)), name


def toy_ids(tokenizer, n=300) -> Ids:
    examples = encode_pairs(sourced(toy_pairs(n)), tokenizer, DataConfig(), TASK, Report())
    return ids_of((e.src, e.tgt) for e in examples)


def test_an_epoch_holds_every_pair_once_within_the_token_limit(tokenizer):
    ids = toy_ids(tokenizer)
    groups = [rows.tolist() for rows in epoch(ids, (len(ids),), (1.0,), 200, (1, 0))]
    assert sorted(i for g in groups for i in g) == list(range(len(ids)))
    for group in groups:
        assert ids.lengths[group].max() * len(group) <= 200
    padded = sum(ids.lengths[g, 1].max() * len(g) for g in groups)  # buckets keep padding small
    assert padded < 1.25 * ids.lengths[:, 1].sum()


def test_a_pair_over_the_token_limit_is_a_batch_of_its_own(tokenizer):
    ids = toy_ids(tokenizer, 20)
    groups = list(epoch(ids, (len(ids),), (1.0,), 1, (1, 0)))
    assert sorted(map(len, groups)) == [1] * len(ids)


@pytest.mark.parametrize("shares", [(1.0, 0.3), (2.0, 1.0), (2.5, 0.0), (0.5, 1.2)])
def test_an_epoch_takes_its_share_of_every_group(tokenizer, shares):
    ids = toy_ids(tokenizer, 200)
    sizes = (len(ids) - 50, 50)
    rows = np.concatenate(list(epoch(ids, sizes, shares, 300, (1, 0))))
    times = np.bincount(rows, minlength=len(ids))
    for seen, size, share in zip(np.split(times, [sizes[0]]), sizes, shares, strict=True):
        assert seen.sum() == int(share) * size + round(share % 1 * size)
        assert set(seen.tolist()) == {int(share), int(np.ceil(share))}  # all alike but for one


def batches_of(seed) -> list[list[int]]:
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 30, (500, 2)).astype(np.uint32)
    ids = Ids.of(np.zeros(lengths.sum(), np.uint16), lengths)
    return [rows.tolist() for rows in epoch(ids, (400, 100), (1.0, 0.5), 200, seed)]


def test_an_epoch_is_drawn_anew_and_the_same_in_every_process():
    assert batches_of((1, 0)) == batches_of((1, 0))
    assert batches_of((1, 0)) != batches_of((1, 1)) != batches_of((2, 0))
    code = (
        "import json; from tests.test_data import batches_of; print(json.dumps(batches_of((1, 0))))"
    )
    elsewhere = subprocess.run(
        [sys.executable, "-c", code],
        cwd=ROOT,
        env=os.environ | {"PYTHONHASHSEED": "7"},
        capture_output=True,
        check=True,
    )
    assert json.loads(elsewhere.stdout) == batches_of((1, 0))


def test_rows_with_one_source_are_its_references():
    sources, references = group_references([("a", "x"), ("b", "y"), ("a", "z")])
    assert sources == ["a", "b"]
    assert references == [["x", "z"], ["y"]]
