"""Files to batches."""

from __future__ import annotations

import gzip
import json
import random

import pytest
import torch

from s2s.config import DataConfig
from s2s.data.augmentation import casual, find_names, renamed
from s2s.data.batches import Example, batches, collate, encode_pairs, epoch
from s2s.data.corpus import (
    Report,
    clean_pairs,
    group_references,
    load_corpus,
    source_key,
    split_by_source,
    write_pairs,
)
from s2s.data.reading import read_pairs
from s2s.errors import S2SError
from s2s.tasks import TASKS
from s2s.text.cleaning import clean
from s2s.text.source import Source
from s2s.text.vocabulary import BOS, EOS, PAD, Vocabulary
from tests.conftest import sourced, toy_pairs

TASK = TASKS["translation"]


def write(path, text):
    opener = gzip.open if path.suffix == ".gz" else open
    with opener(path, "wt", encoding="utf-8") as out:
        out.write(text)
    return path


@pytest.mark.parametrize("name", ["a.tsv", "a.tsv.gz"])
def test_reads_tsv_by_column_name(tmp_path, name):
    path = write(tmp_path / name, 'en\tnote\tfr\nHi "you\t1\tSalut\nGo\t\tVa !\r\n')
    assert read_pairs(path, "en", "fr", TASK) == sourced([('Hi "you', "Salut"), ("Go", "Va !")])


@pytest.mark.parametrize("name", ["a.jsonl", "a.jsonl.gz"])
def test_reads_jsonl(tmp_path, name):
    rows = [{"src": "a", "tgt": "b"}, {"src": "c", "tgt": "d", "more": 1}]
    path = write(tmp_path / name, "\n".join(map(json.dumps, rows)) + "\n\n")
    assert read_pairs(path, "src", "tgt", TASK) == sourced([("a", "b"), ("c", "d")])


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.tsv", "", "empty"),
        ("a.tsv", "src\ttgt\na\n", "line 2"),
        ("a.tsv", "x\ty\na\tb\n", "no columns"),
        ("a.jsonl", '{"src": ', "line 1"),
        ("a.jsonl", "[1]\n", "no columns"),
        ("a.csv", "src,tgt\n", "neither"),
        ("a.tsv.gz", None, "cannot be read"),
    ],
)
def test_bad_files_get_one_sentence(tmp_path, name, content, says):
    path = tmp_path / name
    if content is None:
        path.write_bytes(b"\x1f\x8b not gzip")
    else:
        write(path, content)
    with pytest.raises(S2SError, match=says):
        read_pairs(path, "src", "tgt", TASK)


def test_not_utf8_and_missing_files(tmp_path):
    (tmp_path / "a.tsv").write_bytes(b"src\ttgt\n\xff\xfe\ta\n")
    with pytest.raises(S2SError, match="cannot be read"):
        read_pairs(tmp_path / "a.tsv", "src", "tgt", TASK)
    with pytest.raises(S2SError, match="no file"):
        read_pairs(tmp_path / "b.tsv", "src", "tgt", TASK)


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
    assert clean_pairs(pairs, TASK, report) == sourced([("a", "b"), ("a", "e")])
    assert report.dropped == {"with an empty side": 2, "exact duplicates": 1}
    assert "2 pairs kept" in str(report)


def test_no_source_stands_on_both_sides_of_a_split():
    pairs = sourced((f"Sentence {i % 500}{'!' * (i % 3)}", f"t{i}") for i in range(2000))
    train, valid, test = split_by_source(pairs, 0.1)
    keys = [{source_key(s) for s, _ in part} for part in (train, valid, test)]
    assert not keys[0] & keys[1]
    assert not keys[0] & keys[2]
    assert not keys[1] & keys[2]
    assert len(train) + len(valid) + len(test) == 2000
    assert 20 <= len(keys[2]) <= 90
    again = split_by_source(random.Random(1).sample(pairs, 2000), 0.1)
    assert set(again[2]) == set(test)


def test_source_key_ignores_case_and_marks():
    def key(text: str) -> str:
        return source_key(Source((text,)))

    assert key("Go, Tom!") == key("go tom")
    assert key("?!") != key("!")


def test_corpus_holds_no_held_out_source_in_any_file(tmp_path):
    pairs = sourced(toy_pairs(400))
    for name in ("a.tsv", "b.tsv"):
        write_pairs(tmp_path / name, pairs, ("src", "tgt"))
    config = DataConfig(train=("a.tsv", "b.tsv"), split=0.2)
    corpus = load_corpus(config, tmp_path, TASK)
    held_out = {source_key(s) for s, _ in corpus.valid + corpus.test}
    assert held_out
    assert corpus.train[1]
    for part in corpus.train:
        assert not held_out & {source_key(s) for s, _ in part}
    assert corpus.report.dropped["with a held-out source"] > 0


def test_given_splits_stay_as_they_are(tmp_path):
    pairs = sourced(toy_pairs(300))
    write_pairs(tmp_path / "train.tsv", pairs, ("src", "tgt"))
    write_pairs(tmp_path / "valid.tsv", pairs[:20], ("src", "tgt"))
    config = DataConfig(train=("train.tsv",), valid=("valid.tsv",), split=0.1)
    corpus = load_corpus(config, tmp_path, TASK)
    assert set(corpus.valid) == set(pairs[:20])


def test_too_little_data_is_an_error(tmp_path):
    write_pairs(tmp_path / "train.tsv", sourced([("a", "b")]), ("src", "tgt"))
    with pytest.raises(S2SError, match="Too little data"):
        load_corpus(DataConfig(), tmp_path, TASK)


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


def test_batches_hold_every_example_once_within_the_token_limit(tokenizer):
    examples = encode_pairs(sourced(toy_pairs(300)), tokenizer, DataConfig(), TASK, Report())
    groups = batches(examples, 200, random.Random(0))
    assert sorted(i for g in groups for i in g) == list(range(len(examples)))
    for group in groups:
        widest = max(max(len(examples[i].src), len(examples[i].tgt)) for i in group)
        assert widest * len(group) <= 200
    real = sum(len(e.tgt) for e in examples)
    padded = sum(
        collate([examples[i] for i in g], Vocabulary(20)).tgt_out.numel() for g in groups
    )  # buckets keep padding small
    assert padded < 1.25 * real


def test_collate_shifts_and_pads():
    batch = collate([Example([5, 3], [7, 8, 3]), Example([5, 6, 3], [9, 3])], Vocabulary(20))
    assert batch.src.tolist() == [[5, 3, PAD], [5, 6, 3]]
    assert batch.tgt_in.tolist() == [[BOS, 7, 8], [BOS, 9, PAD]]
    assert batch.tgt_out.tolist() == [[7, 8, 3], [9, 3, PAD]]
    assert batch.src.dtype == torch.long


def test_an_epoch_hangs_on_its_seed_and_takes_its_share(tokenizer):
    examples = encode_pairs(sourced(toy_pairs(200)), tokenizer, DataConfig(), TASK, Report())
    once = list(epoch([examples, examples[:100]], (1.0, 0.3), 300, "1/0"))
    again = list(epoch([examples, examples[:100]], (1.0, 0.3), 300, "1/0"))
    other = list(epoch([examples, examples[:100]], (1.0, 0.3), 300, "1/1"))
    assert once == again != other
    assert sum(map(len, once)) == len(examples) + 30


def test_rows_with_one_source_are_its_references():
    sources, references = group_references([("a", "x"), ("b", "y"), ("a", "z")])
    assert sources == ["a", "b"]
    assert references == [["x", "z"], ["y"]]


def test_a_name_gives_way_to_another():
    pairs = sourced(
        [
            ("Tom saw Mary.", "Tom a vu Marie."),
            ("I saw Alice.", "J'ai vu Alice."),
            ("He lives in Boston.", "Il habite à Boston."),
            ("Attention Rose!", "Attention Rose !"),
            ("Pay attention to the rose.", "Fais attention à la rose."),
        ]
    )
    names = find_names(pairs)
    assert sorted(names) == ["Alice", "Boston", "Tom"]  # the others are ordinary words as well
    assert names["Tom"] == ["Boston", "Tom"]  # a vowel would ask for another article
    variants = {renamed(pairs[0], names, seed) for seed in range(20)}
    assert variants == {pairs[0], *sourced([("Boston saw Mary.", "Boston a vu Marie.")])}
    assert renamed(pairs[0], names, 7) == renamed(pairs[0], names, 7)
    assert renamed(pairs[4], names, 0) is None
    before, after = sourced([("Tom's Tommy", "Tom et Tommy"), ("Bo's Tommy", "Bo et Tommy")])
    assert renamed(before, {"Tom": ["Bo"]}, 0) == after


def test_casual_is_how_people_type():
    assert casual(Source(("Where is Tom?",))) == Source(("where is tom",))
    assert casual(Source(("?!",))) == Source(("?!",))
    assert casual(Source(("Hi!", "Is it YOU?"), "any")) == Source(("hi!", "is it you"), "any")
