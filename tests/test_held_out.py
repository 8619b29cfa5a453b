"""What is in a corpus, and that nothing held out is."""

from __future__ import annotations

import json

import pytest

from s2s.config import override
from s2s.data import preparation
from s2s.data.corpus import source_key, write_pairs
from s2s.data.prepared import cache_folder, load_corpus
from s2s.data.reading import read_rows
from s2s.errors import S2SError
from s2s.tasks import TASKS
from s2s.text.source import Source
from s2s.text.tokenizer import Tokenizer
from tests.conftest import sourced, toy_pairs
from tests.test_prepared import COLUMNS, CONFIG, texts, with_data


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
