"""Alignments: laws of the error rate, of reading links from attention, and of IBM model 1."""

from __future__ import annotations

import json
import shutil
import sys

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.testing.v1 import AppTest

from pages.attention.gold import pairs_of
from s2s.analysis.alignment import METHODS, Counts, Gold, count, links, parse, written
from s2s.analysis.heads import diagonality, entropy, facts
from s2s.analysis.ibm import Model1
from s2s.analysis.ranking import join, membership
from s2s.checkpoint import read_metrics
from s2s.cli import main
from s2s.errors import S2SError
from tests.pages import ROOT, press, said

link_sets = st.frozensets(st.tuples(st.integers(0, 8), st.integers(0, 8)), max_size=20)


@given(link_sets, link_sets)
def test_gold_against_itself_has_no_error(sure, possible):
    gold = Gold.of(sure, possible)
    for found in (gold.sure, gold.possible):
        assert count(found, gold).aer == 0 or found != gold.sure
    assert count(gold.sure, gold).aer == 0
    assert count(gold.sure, gold).recall == 1
    assert count(gold.possible, gold).precision == 1


@given(link_sets, link_sets, link_sets)
def test_the_error_rate_is_a_share_and_more_wrong_links_raise_it(sure, possible, found):
    gold = Gold.of(sure, possible)
    own = count(found, gold)
    assert 0 <= own.aer <= 1
    assert count(found | {(99, 99)}, gold).aer >= own.aer
    assert (own + Counts()).aer == own.aer


def test_the_error_rate_by_hand():
    gold = Gold.of({(0, 0), (1, 1)}, {(1, 2), (2, 2)})
    got = count({(0, 0), (1, 2), (3, 3)}, gold)
    assert got.precision == pytest.approx(2 / 3)
    assert got.recall == pytest.approx(1 / 2)
    assert got.aer == pytest.approx(1 - (1 + 2) / (3 + 2))


def copying(n: int) -> np.ndarray:
    """Attention of a network that copies word by word."""
    return np.eye(n) * 0.9 + 0.1 / n


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("ends", [True, False])
def test_a_network_that_copies_has_a_diagonal_aligner(method, ends):
    diagonal = {(n, n) for n in range(5)}
    assert links(copying(6), method, ends) == diagonal
    assert count(links(copying(6), method, ends), Gold.of(diagonal)).aer == 0


def test_diagonality_is_largest_on_the_diagonal():
    even, turned = np.full((6, 6), 1 / 6), np.eye(6)[::-1]
    assert diagonality(np.eye(6)) == pytest.approx(1)
    assert diagonality(turned) < diagonality(even) < diagonality(copying(6)) < 1


def test_entropy_is_zero_at_one_place_and_most_when_even():
    assert entropy(np.eye(8)).max() == pytest.approx(0, abs=1e-6)
    assert entropy(np.full((3, 8), 1 / 8)) == pytest.approx(3)


def test_facts_know_the_sink():
    alpha = np.zeros((1, 2, 4, 4))
    alpha[0, 0, :, -1] = 1
    alpha[0, 1] = np.eye(4)
    sink, diagonal = facts(alpha, "cross")
    assert sink.sink == 1
    assert diagonal.sink == pytest.approx(1 / 4)
    assert diagonal.diagonal == pytest.approx(1)
    assert facts(alpha, "decoder")[0].sink == 0


def test_the_end_counts_only_if_it_may():
    alpha = np.array([[0.1, 0.2, 0.7], [0.6, 0.3, 0.1], [0, 0, 1]])
    assert links(alpha, "argmax", ends=True) == {(0, 1)}
    assert links(alpha, "argmax", ends=False) == {(1, 0), (0, 1)}


def test_growing_stays_between_intersection_and_union():
    rng = np.random.default_rng(0)
    for _ in range(50):
        alpha = rng.dirichlet(np.ones(7), 6)
        both, grown, one = (links(alpha, m, False) for m in ("both", "grow", "argmax"))
        assert both <= grown
        assert both <= one


@given(st.sets(st.tuples(st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=20))
def test_links_are_read_as_they_are_written(found):
    assert parse(written(found), 31, 31).sure == found


@pytest.mark.parametrize("text", ["", "1", "1-", "0-1", "9-1", "1-9", "a-b", "1_1"])
def test_what_is_no_link_is_refused(text):
    with pytest.raises(S2SError):
        parse(text, 3, 3)


def test_possible_links_are_marked():
    gold = parse("1-1 2-2p, 1?2", 2, 2)
    assert gold.sure == {(0, 0)}
    assert gold.possible == {(0, 0), (1, 1), (0, 1)}


@pytest.mark.parametrize("tension", [0.0, 1.0])
def test_model_1_learns_a_dictionary_in_any_order(tension):
    """Two languages with the same words in capitals, backwards."""
    rng = np.random.default_rng(1)
    words = [f"w{i}" for i in range(12)]
    pairs = []
    for _ in range(200):
        src = rng.choice(words, 4, replace=False).tolist()
        pairs.append((src, [w.upper() for w in src[::-1]]))
    model = Model1(tension)
    model.train(pairs, 8)
    assert model.links(*pairs[0]) == {(3 - j, j) for j in range(4)}


def test_model_1_gets_more_probable_and_stays_a_distribution():
    model = Model1(0.0)
    model.train([(["a", "b"], ["x", "y"]), (["a"], ["x"])], 10)
    sums = np.bincount(model.keys // len(model.target), model.table)
    np.testing.assert_allclose(sums, 1)
    assert model.links(["a", "b"], ["x", "y"]) == {(0, 0), (1, 1)}


def test_words_are_found_in_running_text(tokenizer):
    words = ["the", "old", "cat", "sees", ",", "my", "house", "."]
    text, places = join(words)
    assert text == "the old cat sees, my house."
    assert [text[a:b] for a, b in places] == words
    ids = [*tokenizer.encode(text), tokenizer.vocabulary.eos]
    shares = membership(tokenizer, ids, places, len(text))
    assert shares.shape == (9, len(ids))
    np.testing.assert_allclose(shares.sum(0)[:-1].max(), 1)
    assert join(["猫", "在", "here"])[0] == "猫在 here"


def test_the_command_keeps_the_ranking(tmp_path, tiny_checkpoint, monkeypatch):
    folder = tmp_path / "tiny"
    shutil.copytree(tiny_checkpoint, folder)
    row = {"src": ["the", "cat"], "tgt": ["CAT", "THE"], "sure": [[0, 1]], "possible": [[1, 0]]}
    (tmp_path / "gold.jsonl").write_text(json.dumps(row) + "\n", encoding="utf-8")
    (tmp_path / "texts.tsv").write_text("src\ttgt\nthe dog\tDOG THE\n", encoding="utf-8")
    words = ["s2s", "align", str(folder), "--gold", str(tmp_path / "gold.jsonl")]
    monkeypatch.setattr(sys, "argv", [*words, "--pairs", str(tmp_path / "texts.tsv")])
    with pytest.raises(SystemExit) as stop:
        main()
    assert not stop.value.code
    found = read_metrics(folder)["alignment"]
    assert found["pairs"] == 1
    assert found["texts"] == 1
    assert {r["method"] for r in found["heads"]} == set(METHODS)
    assert set(found["model1"]) == set(found["diagonal"]) == set(METHODS)
    assert {"low", "high", "little", "much"} <= set(found["coverage"])


def row(**values) -> str:
    good = {"src": ["the", "cat"], "tgt": ["CAT", "THE"], "sure": [[0, 1]], "possible": [[1, 0]]}
    return json.dumps(good | values) + "\n"


def test_links_in_a_table_are_those_in_lists():
    lists = pairs_of("a.jsonl", row().encode())
    table = pairs_of("a.tsv", b"src\ttgt\tlinks\nthe cat\tCAT THE\t1-2 2-1p\n")
    assert lists == table


@pytest.mark.parametrize(
    "line",
    [
        '{"text": "a"}\n',
        row(src=[]),
        row(src=["a", 5]),
        row(src=5),
        row(sure=[[0, 9]]),
        row(sure=[[-1, 0]]),
        row(sure=[[1e999, 0]]),
        row(sure="ab"),
        row(tgt=None),
        "[" * 50_000,
        "\0\n",
        "",
    ],
)
def test_a_gold_file_that_cannot_be_read_is_refused_by_its_own_name(line):
    with pytest.raises(S2SError, match=r"mine\.jsonl"):
        pairs_of("mine.jsonl", line.encode())


@pytest.mark.parametrize(
    "data", [b"src\ttgt\tlinks\na\tb\t2-1\n", b"\xff\xfe\0", b"src\ttgt\na\tb\n", b"a\n", b""]
)
def test_a_table_of_links_that_cannot_be_read_is_refused(data):
    with pytest.raises(S2SError, match=r"mine\.tsv"):
        pairs_of("mine.tsv", data)


def test_every_head_is_ranked_by_ones_own_file(monkeypatch, tiny_checkpoint):
    monkeypatch.setenv("S2S_CHECKPOINTS", str(tiny_checkpoint.parent))
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.switch_page("pages/attention_lab.py")
    page.query_params |= {"look": "align", "model": "tiny", "text": "the old cat"}
    page.session_state["gold-pairs"] = ("mine.jsonl", pairs_of("mine.jsonl", row().encode() * 700))
    page.run()
    assert not page.exception
    shown = said(page).replace("\\", "")
    assert "Over 500 pairs linked by people" in shown
    assert "Judged by mine.jsonl. The first 500 of 700 pairs are read." in shown
    press(page, "Remove the file")
    assert "Judged by" not in said(page)
