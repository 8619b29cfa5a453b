"""Corpora made once: the cache, what is another corpus, and that nothing held out is in one."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from typer.testing import CliRunner

from s2s import cli
from s2s.config import Config, DataConfig, override
from s2s.data import preparation, prepared
from s2s.data.corpus import write_pairs
from s2s.data.prepared import cache_folder, digest_of, load, load_corpus, prepare
from s2s.errors import S2SError
from s2s.tasks import TASKS
from s2s.text.tokenizer import Tokenizer
from tests.conftest import sourced, toy_pairs

ROOT = Path(__file__).resolve().parent.parent
CONFIG = Config(name="toy", data=DataConfig(vocab=380, split=0.1))
COLUMNS = ("src", "tgt")


def with_data(**data) -> Config:
    return override(CONFIG, [f"data.{name}={json.dumps(value)}" for name, value in data.items()])


def texts(corpus) -> list[tuple[str, str]]:
    """Training pairs as they can be read."""
    rows = (corpus.ids.pair(n) for n in range(len(corpus.ids)))
    return [(corpus.tokenizer.decode(s), corpus.tokenizer.decode(t)) for s, t in rows]


# -------------------------------------------------------------------------------------- the cache
def test_a_second_start_reads_no_file(data, monkeypatch):
    first = load_corpus(CONFIG, data)
    assert [p.name for p in cache_folder().iterdir()] == [first.digest]

    def never(*_: object, **__: object):
        raise AssertionError("read again")

    monkeypatch.setattr(preparation, "read_pairs", never)
    monkeypatch.setattr(Tokenizer, "train", never)
    second = load_corpus(CONFIG, data)
    assert texts(second) == texts(first)
    assert (second.valid, second.test) == (first.valid, first.test)
    assert (second.report, second.digest, second.groups) == (
        first.report,
        first.digest,
        first.groups,
    )


@pytest.mark.parametrize("task", list(TASKS))
def test_a_corpus_is_what_its_files_are(tmp_path, monkeypatch, task):
    monkeypatch.setenv("S2S_CACHE", str(tmp_path / "cache"))
    kinds = {"headline": "headline\tthe cat"} if task == "summarization" else {}
    rows = [
        {
            TASKS[task].fields[0]: ["hi", f"the cat {n}"]
            if task == "dialogue"
            else f"The cat {n}.",
            TASKS[task].fields[1]: f"LE CHAT {n}",
        }
        for n in range(100)
    ]
    rows += [{TASKS[task].fields[0]: line, TASKS[task].fields[1]: "CAT"} for line in kinds.values()]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    config = override(CONFIG, [f"task={task}", 'data.train=["a.jsonl"]', "data.split=0.2"])
    corpus = load_corpus(config, tmp_path)
    t = TASKS[task]
    whole = {(t.read(s), tgt) for row in rows for s, tgt in t.pairs(row, *t.fields, "")}
    held = set(corpus.valid + corpus.test)
    assert held < whole
    trained = sorted(corpus.ids.pair(n) for n in range(len(corpus.ids)))
    vocabulary = corpus.tokenizer.vocabulary
    assert trained == sorted(
        (t.encode(s, corpus.tokenizer, 100)[0], [*corpus.tokenizer.encode(tgt), vocabulary.eos])
        for s, tgt in whole - held
    )


@pytest.mark.parametrize(
    "assignment",
    [
        "data.vocab=390", "data.split=0.2", "data.augment.typos=0.1", "data.max_src=9",
        "data.max_tgt=9", "data.share=[0.5]", 'data.test=["more.tsv"]', "tgt_language=fr",
        'data.held_out=["more.tsv"]',
    ],
)  # fmt: skip
def test_another_option_is_another_corpus(data, assignment):
    other = override(CONFIG, [assignment])
    assert digest_of(CONFIG, data, None) != digest_of(other, data, None)
    assert load_corpus(CONFIG, data).digest != load_corpus(other, data).digest


@pytest.mark.parametrize(
    "assignment", ["train.seed=7", "train.steps=3", "model.hidden=8", "data.finish=[2.0]"]
)
def test_what_a_corpus_does_not_hang_on(data, assignment):
    assert digest_of(CONFIG, data, None) == digest_of(override(CONFIG, [assignment]), data, None)


def test_another_file_or_tokenizer_is_another_corpus(data, tokenizer):
    config = with_data(valid=["more.tsv"])
    digests = [digest_of(config, data, None), digest_of(config, data, tokenizer)]
    os.utime(data / "train.tsv", (1, 1))
    assert digest_of(config, data, None) == digests[0]  # what is in it counts
    for name in ("train.tsv", "more.tsv"):
        text = (data / name).read_text()
        (data / name).write_text(text.replace("the cat", "a cat", 1))
        digests.append(digest_of(config, data, None))
        (data / name).write_text(text + "\n")
        digests.append(digest_of(config, data, None))
        (data / name).write_text(text)
    assert len(set(digests)) == len(digests)
    assert digest_of(config, data, None) == digests[0]


def test_a_given_tokenizer_is_used(data, tokenizer):
    corpus = load_corpus(CONFIG, data, tokenizer)
    assert corpus.tokenizer.model == tokenizer.model


def test_a_named_tokenizer_is_used(data, tokenizer):
    """So several models share their pieces; another one under the same name is another corpus."""
    (data / "shared.model").write_bytes(tokenizer.model)
    config = with_data(tokenizer="shared.model", vocab=tokenizer.size)
    corpus = load_corpus(config, data)
    assert corpus.tokenizer.model == tokenizer.model
    learned = load_corpus(CONFIG, data).tokenizer
    assert learned.model != tokenizer.model
    (data / "shared.model").write_bytes(learned.model)
    other = with_data(tokenizer="shared.model", vocab=learned.size)
    assert digest_of(other, data, None) != corpus.digest
    assert load_corpus(other, data).tokenizer.model == learned.model


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("none.model", None, "cannot be read"),
        ("broken.model", b"\x00\x01", "cannot be read"),
        ("shared.model", "tokenizer", "data.vocab is 9999"),
    ],
)
def test_a_named_tokenizer_that_cannot_be_used(data, tokenizer, name, content, said):
    if content:
        (data / name).write_bytes(tokenizer.model if content == "tokenizer" else content)
    with pytest.raises(S2SError, match=said):
        load_corpus(with_data(tokenizer=name, vocab=9999), data)


def test_a_corpus_is_the_same_in_every_process(data, tmp_path):
    config = [*ARGUMENTS, "--set", "data.augment.casual=0.5", "--set", "data.augment.typos=0.5"]
    digests = []
    for seed in ("1", "2"):
        out = tmp_path / f"out{seed}"
        command = [sys.executable, "-m", "s2s", "prepare", *config]
        subprocess.run(
            [*command, "--data", data, "--out", out],
            cwd=ROOT, env=os.environ | {"PYTHONHASHSEED": seed}, check=True, capture_output=True,
        )  # fmt: skip
        digests.append({p.name: p.read_bytes() for p in out.iterdir()})
    assert digests[0] == digests[1]
    assert set(digests[0]) == {
        "corpus.json", "tokens.npy", "lengths.npy", "tokenizer.model", "valid.jsonl", "test.jsonl",
    }  # fmt: skip


# --------------------------------------------------------------------------- folders, as they come
ARGUMENTS = ["translate-own", "--set", "data.vocab=380"]


def invoke(*arguments):
    return CliRunner().invoke(cli.app, [str(a) for a in arguments])


def test_a_prepared_folder_goes_elsewhere(data, tmp_path):
    out = tmp_path / "carried"
    done = invoke("prepare", *ARGUMENTS, "--data", data, "--out", out)
    assert done.exit_code == 0, done.output
    assert str(out) in done.stdout
    assert "pairs kept" in done.output
    shutil.move(out, tmp_path / "there")
    shutil.rmtree(data)
    small = [f"--set=model.{k}" for k in ("hidden=16", "embedding=8")] + [
        f"--set=train.{k}"
        for k in ("steps=2", "batch_tokens=200", "device=cpu", "threads=1", "eval_sentences=4")
    ]
    run = ["train", *ARGUMENTS, *small, "--data", tmp_path / "there", "--out"]
    done = invoke(*run, tmp_path / "run")
    assert done.exit_code == 0, done.output
    assert (tmp_path / "run" / "model.safetensors").is_file()
    other = invoke(*run, tmp_path / "other", "--set=data.vocab=390")
    assert "other options: vocab" in str(other.exception)


def test_prepare_fills_the_cache(data):
    done = invoke("prepare", *ARGUMENTS, "--data", data)
    assert done.stdout.strip() == str(next(cache_folder().iterdir()))


def test_a_folder_of_other_things_is_not_overwritten(data, tmp_path):
    precious = tmp_path / "precious"
    precious.mkdir()
    (precious / "thesis.txt").write_text("x")
    with pytest.raises(S2SError, match="folder of its own"):
        prepare(CONFIG, data, precious)
    with pytest.raises(S2SError, match="folder of its own"):
        prepare(CONFIG, data, precious / "thesis.txt")
    assert (precious / "thesis.txt").read_text() == "x"
    prepare(CONFIG, data, tmp_path / "a")
    prepare(with_data(vocab=390), data, tmp_path / "a")  # a corpus gives way to another
    assert load(tmp_path / "a", with_data(vocab=390)).ids


@pytest.mark.parametrize("content", ["", "{}", "null", "[1]", '{"format": 0}', "[" * 50_000])
def test_a_broken_manifest_is_refused(data, tmp_path, content):
    prepare(CONFIG, data, tmp_path / "a")
    (tmp_path / "a" / "corpus.json").write_text(content)
    with pytest.raises(S2SError, match="corpus in"):
        load_corpus(CONFIG, tmp_path / "a")


def test_a_corpus_of_another_vocabulary_or_version_is_refused(
    data, tmp_path, tokenizer, monkeypatch
):
    prepare(CONFIG, data, tmp_path / "a")
    other = Tokenizer.train((t for pair in toy_pairs(300, 5) for t in pair), vocab=300)
    with pytest.raises(S2SError, match="another vocabulary"):
        load_corpus(CONFIG, tmp_path / "a", other)
    monkeypatch.setattr(prepared, "FORMAT", prepared.FORMAT + 1)
    with pytest.raises(S2SError, match="another version"):
        load_corpus(CONFIG, tmp_path / "a")


def test_what_cannot_be_written_is_one_sentence(data, tmp_path, monkeypatch):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("S2S_CACHE", str(tmp_path / "file"))
    with pytest.raises(S2SError, match="cannot be written"):
        load_corpus(CONFIG, data)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_a_signal_ends_preparation_and_leaves_no_half_corpus(data, tmp_path, number):
    rng = random.Random(0)
    words = ["".join(rng.choices("abcdefghijklmnop", k=8)) for _ in range(20_000)]
    rows = [
        (" ".join(rng.choices(words, k=9)), " ".join(rng.choices(words, k=9)))
        for _ in range(60_000)
    ]
    write_pairs(data / "train.tsv", sourced(rows), COLUMNS)
    command = [sys.executable, "-m", "s2s", "prepare", *ARGUMENTS, "--data", data]
    heard = partial(signal.signal, signal.SIGINT, signal.SIG_DFL)  # a shell's background ignores it
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, preexec_fn=heard) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not list(cache_folder().glob("*.new/*.pairs")):
            time.sleep(0.002)
        process.send_signal(number)
        begun = time.monotonic()
        _, err = process.communicate(timeout=60)
    assert time.monotonic() - begun < 20
    assert process.returncode == (130 if number == signal.SIGINT else -number), err
    assert not list(cache_folder().glob("*/corpus.json"))
    write_pairs(data / "train.tsv", sourced(rows[:500]), COLUMNS)
    (left,) = list(cache_folder().glob("*.new")) or [None]
    if left is None:
        assert number == signal.SIGINT
        return
    again = digest_of(with_data(), data, None)
    left.rename(left.with_name(f"{again}.{left.suffixes[-2][1:]}.new"))
    load_corpus(with_data(), data)  # the next preparation of this corpus tidies up
    assert [p.name for p in cache_folder().iterdir()] == [again]
