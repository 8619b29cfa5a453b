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
from pathlib import Path

import pytest
from typer.testing import CliRunner

from s2s import cli
from s2s.config import Config, DataConfig, override
from s2s.data import preparation, prepared
from s2s.data.corpus import source_key, write_pairs
from s2s.data.prepared import cache_folder, digest_of, load, load_corpus, prepare
from s2s.data.reading import read_rows
from s2s.errors import S2SError
from s2s.tasks import TASKS
from s2s.text.source import Source
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


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder of two files, and an empty cache."""
    monkeypatch.setenv("S2S_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "data"
    folder.mkdir()
    write_pairs(folder / "train.tsv", sourced(toy_pairs(300)), COLUMNS)
    write_pairs(folder / "more.tsv", sourced(toy_pairs(100, seed=1)), COLUMNS)
    return folder


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
    whole = {(t.read(s), tgt) for row in rows for s, tgt in [t.pair(row, *t.fields, "")]}
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


# ---------------------------------------------------------------------------------- what is in it
def test_nothing_held_out_is_in_training(data):
    held = [("The OLD cat... sees", "X"), ("a dog", "THE CAT SEES A SMALL GREEN DOG AND SLEEPS")]
    write_pairs(data / "other.tsv", sourced(held), ("from", "to"))
    rows = [
        ("the old cat sees", "ONE"),
        ("my house", "the cat sees a small green dog, and sleeps!"),
        ("A dog!", "TWO"),
        ("my cat", "X"),
    ]
    write_pairs(data / "more.tsv", sourced(toy_pairs(300)[:40] + rows), COLUMNS)
    config = with_data(
        train=["train.tsv", "more.tsv"], held_out=["other.tsv"], split=0.2,
        augment={"casual": 1.0, "capitals": 1.0},
    )  # fmt: skip
    corpus = load_corpus(config, data)
    keys = {source_key(s) for s, _ in corpus.valid + corpus.test}
    keys |= {source_key(Source((src,))) for src, _ in held}
    assert len(keys) > 20
    seen = texts(corpus)
    assert not keys & {source_key(Source((src,))) for src, _ in seen}
    assert "ONE" not in {tgt for _, tgt in seen}
    assert "my house" not in {src for src, _ in seen}
    assert ("my cat", "X") in seen  # what is short is said by everybody
    assert "that are held out" in corpus.report


@pytest.mark.parametrize("augment", [{"numbers": 3.0}, {"names": 3.0}, {"templates": 300}])
def test_no_variant_is_held_out_either(data, augment):
    values = {"numbers": range(10, 100), "names": ("Tom", "Bob", "Dan", "Ken"), "templates": ()}
    pairs = [(f"See {v} there.", f"Voir {v} là.") for v in values[next(iter(augment))]]
    held = [*pairs[: len(pairs) // 2], ("come on monday", "x"), ("COME ON FRIDAY!", "x")]
    pairs += [("Come on {weekday}!", "Viens {weekday} !"), ("a dog", "un chien"), ("no", "non")]
    write_pairs(data / "train.tsv", sourced(pairs), COLUMNS)
    write_pairs(data / "test.tsv", sourced(held), COLUMNS)
    config = override(
        with_data(train=["train.tsv"], valid=["test.tsv"], test=["test.tsv"], augment=augment),
        ["src_language=en", "tgt_language=fr"],
    )
    seen = {source_key(Source((src,))) for src, _ in texts(load_corpus(config, data))}
    assert not seen & {source_key(Source((src,))) for src, _ in held}
    assert "comeontuesday" in seen
    assert not any("{" in src for src, _ in texts(load_corpus(config, data)))


@pytest.mark.parametrize("task", ["dialogue", "summarization"])
def test_held_out_files_of_other_tasks(tmp_path, monkeypatch, task):
    monkeypatch.setenv("S2S_CACHE", str(tmp_path / "cache"))
    src, tgt = TASKS[task].fields

    def row(text: str, answer: str) -> dict:
        return {src: ["Hi!", text] if task == "dialogue" else text, tgt: answer}

    rows = [row(f"The cat {n}.", f"Yes {n}") for n in range(60)]
    (tmp_path / "a.jsonl").write_text("".join(json.dumps(r) + "\n" for r in rows))
    held = [row("THE CAT 7", "yes, 7!"), row("the cat 8", "YES 8")]
    (tmp_path / "b.jsonl").write_text("".join(json.dumps(r) + "\n" for r in held))
    given = override(
        CONFIG,
        [f"task={task}", 'data.train=["a.jsonl"]', 'data.held_out=["b.jsonl"]']
        + (['data.kinds={"a.jsonl": "headline"}', "data.augment.any_kind=0.5"] * (task != "dialogue")),
    )  # fmt: skip
    answers = [t for _, t in texts(load_corpus(given, tmp_path))]
    assert "Yes 9" in answers
    assert not {"Yes 7", "Yes 8"} & set(answers)


def test_given_splits_stay_as_they_are(data):
    pairs = sourced(toy_pairs(300))
    write_pairs(data / "valid.tsv", pairs[:20], COLUMNS)
    corpus = load_corpus(with_data(valid=["valid.tsv"]), data)
    assert set(corpus.valid) == set(pairs[:20])
    assert corpus.test
    alone = load_corpus(CONFIG, data)
    assert set(corpus.test) == set(alone.test)
    keys = {source_key(s) for s, _ in corpus.test + corpus.valid}
    assert not keys & {source_key(Source((s,))) for s, _ in texts(corpus)}
    kept = {source_key(s) for s, _ in alone.valid} - keys  # nobody took those from training
    assert kept & {source_key(Source((s,))) for s, _ in texts(corpus)}


def test_groups_are_the_files_and_variants_follow_theirs(data):
    config = with_data(train=["train.tsv", "more.tsv"], augment={"casual": 1.0})
    plain = load_corpus(with_data(train=["train.tsv", "more.tsv"]), data)
    corpus = load_corpus(config, data)
    assert sum(plain.groups) == len(plain.ids)
    assert len(plain.groups) == len(corpus.groups) == 2
    assert set(texts(plain)[plain.groups[0] :]) <= set(texts(corpus)[corpus.groups[0] :])


def test_our_own_files_need_no_folder(tmp_path, monkeypatch):
    monkeypatch.setenv("S2S_CACHE", str(tmp_path / "cache"))
    config = override(
        with_data(
            train=["own/phrases.en-fr.tsv", "own/templates.en-fr.tsv"],
            columns={"src": "en", "tgt": "fr"}, augment={"templates": 2}, split=0.02, vocab=600,
        ),
        ["src_language=en", "tgt_language=fr"],
    )  # fmt: skip
    seen = texts(load_corpus(config, tmp_path / "nowhere"))
    assert ("Hello!", "Bonjour !") in seen
    assert not any("{" in side for pair in seen for side in pair)
    for name in (
        "phrases.en-fr.tsv",
        "templates.en-fr.tsv",
        "phrases.en-zh.tsv",
        "templates.en-zh.tsv",
    ):
        for row in read_rows(preparation.OWN / name):  # the same placeholders on both sides
            marks = [
                sorted(w for w in side.replace("}", "{").split("{")[1::2]) for side in row.values()
            ]
            assert marks[0] == marks[1], row


@pytest.mark.parametrize(
    ("rows", "says"),
    [([("a", "b")], "Too little data"), ([(" ", "b")] * 5, "5 with an empty side"), ([], "0 training")],
)  # fmt: skip
def test_too_little_data_is_an_error(data, rows, says):
    write_pairs(data / "train.tsv", sourced(rows), COLUMNS)
    with pytest.raises(S2SError, match=says):
        load_corpus(CONFIG, data)
    assert not list(cache_folder().iterdir())  # nothing half-made is left


def test_texts_of_any_length_are_learned_from(data):
    long = "word " * 2000 + "zyzzyvas"
    for text in (long, "z" * 5000 + " zyzzyvas", "漢" * 3000 + " zyzzyvas"):
        t = Tokenizer.train([text] * 3 + ["the cat"] * 3, vocab=290)
        assert any("zyz" in piece or "▁zy" in piece for piece in t._pieces), text[:10]


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
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE) as process:
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline and not list(cache_folder().glob("*.new/*.pairs")):
            time.sleep(0.05)
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
