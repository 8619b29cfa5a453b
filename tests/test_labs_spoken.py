"""Both labs in the second language: no word of the sources' own is left, on any panel.

The models here know Chinese signs only, so that whatever is in Latin letters is the interface's.
"""

from __future__ import annotations

import re

import pytest
import torch

from pages.attention.panels import PANELS as LOOKS
from pages.lab.panels import PANELS
from s2s import checkpoint
from s2s.config import Config, DataConfig
from s2s.models import build
from s2s.text.tokenizer import Tokenizer
from tests.conftest import ARCHITECTURES
from tests.pages import opened, press, said
from tests.sentences import parted
from tests.spoken import LATIN, heard, latin, unfolded

TEXT = "老猫看见一条小狗。"
WORDS = re.findall("..", "老猫看见小狗我的房子一条很大绿色睡觉今天明天朋友喜欢红色汽车在家")
LINES = [f"{a}{b}{c}。" for a in WORDS for b in WORDS for c in WORDS[:3]]
NAMES = {  # of people, measures, formats and keys: they are called so in Chinese too
    *(
        "tachibana",
        "stahlberg",
        "byrne",
        "koehn",
        "knowles",
        "gnmt",
        "ibm",
        "aer",
        "chrf",
        "transformer",
    ),
    *("csv", "json", "html", "svg", "png", "tsv", "jsonl", "ctrl", "enter", "english", "python"),
}
PHRASES = (  # a paper, what another library calls its options, a command, what is said of a file
    "On NMT Search Errors and Model Errors: Cat Got Your Tongue?",
    "Hugging Face 的 early_stopping 为 True、False 和 never",
    "s2s index",
    "（schema）",
    "（Top-k）",
    "（Top-p）",
)


@pytest.fixture(scope="module")
def models(tmp_path_factory):
    """With attention and without, untrained, with a vocabulary of Chinese."""
    folder = tmp_path_factory.mktemp("spoken")
    tokenizer = Tokenizer.train(LINES, vocab=340)
    pieces = tokenizer.pieces(range(tokenizer.vocabulary.size))
    spelt = [i for i, piece in enumerate(pieces) if piece.startswith("<0x")]
    for name, kind, title in (
        ("mh", "transformer", "有注意力的"),
        ("no", "sutskever", "没有注意力的"),
    ):
        torch.manual_seed(4)
        architecture, options = ARCHITECTURES[kind]
        model = build(architecture, tokenizer.vocabulary, options)
        with torch.no_grad():
            model.embedding.weight.mul_(3)
            model.embedding.weight[spelt] = (
                0  # letters are spelt byte by byte: never among the first
            )
        config = Config(
            name=name,
            title=title,
            architecture=architecture,
            model=options,
            data=DataConfig(max_src=40, max_tgt=9),
            src_language="zh",
            tgt_language="zh",
        )
        checkpoint.save(folder / name, config, model.state_dict(), tokenizer)
    return folder


@pytest.fixture(autouse=True)
def only_these(monkeypatch, request):
    if "models" in request.fixturenames:
        monkeypatch.setenv("S2S_CHECKPOINTS", str(request.getfixturevalue("models")))


def left(page) -> set[tuple[str, str]]:
    """English on a page, apart from names and the examples, which are in the languages they are in."""
    examples = tuple(b.label for b in page.button if str(b.key).startswith("example-"))
    return latin(page, NAMES, (*PHRASES, *examples))


@pytest.mark.parametrize("name", ["mh", "no"])
@pytest.mark.parametrize("look", list(LOOKS))
def test_the_attention_lab(models, look, name):
    done = {"cuts": "h1-2~c0-1~p0-1-0-1-50" if name == "mh" else "h1-2"}
    done |= {"gold": "1-1"} if look in ("align", "networks") else {}
    page = opened("attention_lab", lang="zh", look=look, model=name, text=TEXT, **done)
    page = unfolded(page)
    assert len(heard(page)) > 40
    assert left(page) == set()


WAYS = {
    "beam": {},
    "groups": {"groups": "2", "beam": "4", "block_ngram": "1", "min_length": "4"},
    "sample": {"method": "sample", "seed": "7", "top_k": "9"},
    "greedy": {"beam": "1"},
}


@pytest.mark.parametrize("name", ["mh", "no"])
@pytest.mark.parametrize("way", list(WAYS))
@pytest.mark.parametrize("panel", list(PANELS))
def test_the_beam_lab(models, panel, way, name):
    told = {"target": "老猫睡觉。", "reference": "小狗。", "pruned": "2", "at": "3", "edits": "1-9"}
    page = opened("beam_lab", lang="zh", panel=panel, model=name, text=TEXT, **told, **WAYS[way])
    page = unfolded(page)
    if panel == "exact":
        press(page, "精确搜索")
    assert len(heard(page)) > 40
    assert left(page) == set()


@pytest.mark.parametrize("lab", ["attention_lab", "beam_lab"])
@pytest.mark.parametrize(
    "query",
    [
        {"text": " "},
        {"text": "\x00"},
        {"text": "好" * 10_001},
        {
            "text": TEXT,
            "cuts": "nonsense",
            "look": "surgery",
            "edits": "0-99999",
            "panel": "whatif",
        },
        {"text": TEXT, "cuts": "c9-9", "look": "surgery", "edits": "999-5", "panel": "whatif"},
        {"text": TEXT, "cuts": "h0-40", "look": "surgery", "target": "好" * 1200, "panel": "own"},
        {"text": TEXT, "gold": "1-99", "look": "align", "norm": "none", "panel": "rerank"},
        {"text": TEXT, "gold": "abc", "look": "align", "target": "\x00", "panel": "own"},
    ],
    ids=["empty", "nothing", "long", "unread", "unfit", "beyond", "no word", "no link"],
)
def test_what_is_wrong_is_said_in_chinese_too(models, lab, query):
    page = opened(lab, lang="zh", model="mh", **query)
    quoted = {"nonsense", "abc"}
    assert {(word, text) for word, text in left(page) if word not in quoted} == set()


def test_what_was_measured_of_a_shipped_model():
    """Heads over a gold set, bounds of coverage, neighbours in training, a parting, a copied kind."""
    model = {"lang": "zh", "model": "translate-en-fr-bahdanau"}
    ranked = said(opened("attention_lab", look="align", text="Yes.", **model))
    assert "与人最一致" in ranked
    assert "标准对齐：" in ranked
    assert "十分之九的词" in said(opened("attention_lab", look="coverage", text="Yes.", **model))
    near = said(opened("attention_lab", look="states", text="A dog.", word="0", **model))
    assert "写的是同一个词" in near
    story = said(opened("beam_lab", panel="greedy", text=parted(), **model))
    assert "两者在第" in story
    assert "They" not in LATIN.findall(story)


def test_files_stay_in_english(models, monkeypatch):
    """Whoever reads them by a program need not know what language a visitor speaks."""
    from pages.lab import playback, sweep, tree
    from pages.parts import columns

    drawn = []
    for module in (playback, sweep, tree):
        monkeypatch.setattr(module, "downloads", lambda _f, table, *_rest: drawn.append(table))
    monkeypatch.setattr(columns.st, "dataframe", lambda *_table, **_more: None)
    for panel in ("steps", "widths", "tree"):
        opened("beam_lab", lang="zh", panel=panel, model="mh", text=TEXT, pruned="1")
    tables = [table() if callable(table) else table for table in drawn]
    assert len(tables) == 3
    assert all(name.isascii() for table in tables for name in table.columns)
    assert set(tables[0]["fate"]) <= {"kept", "finished", "pruned", "blocked"}
