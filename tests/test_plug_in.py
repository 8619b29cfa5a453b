"""A new task, a new architecture and a new recipe, in a module of their own: no edit elsewhere."""

from __future__ import annotations

import ast
import importlib.util
import json
import sys
from html import escape
from pathlib import Path

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from s2s import checkpoint
from s2s.cli import main
from s2s.data.corpus import write_pairs
from s2s.models import MODELS
from s2s.pipeline import Pipeline
from s2s.tasks import TASKS
from s2s.training.recipes import RECIPES
from tests.conftest import sourced, toy_pairs

ROOT = Path(__file__).resolve().parent.parent

MODULE = '''
"""Backwards: a task, an architecture and a recipe that nothing else knows of."""

from typing import Annotated

import torch
from torch import nn

from s2s.config import Config, DataConfig, TrainConfig
from s2s.models import MODELS
from s2s.models.contract import Attentions, LIMITS, Memory, Seq2Seq, Step, make_embedding
from s2s.options import option, options
from s2s.tasks import TASKS
from s2s.tasks.base import Task, encode_text
from s2s.text.cleaning import clean
from s2s.text.source import Source
from s2s.training.recipes import RECIPES


# ------------------------------------------------------------------------------------------ a task
def share_of_words(outputs, references, language):
    """How many words of the first reference the output has, 0 to 100."""
    pairs = [(set(o.split()), set(r[0].split())) for o, r in zip(outputs, references)]
    return 100 * sum(len(o & r) / max(1, len(r)) for o, r in pairs) / max(1, len(pairs))


TASKS["backwards"] = Task(
    name="backwards",
    fields=("forth", "back"),
    metric="hits",
    headline=("hits", "hits"),
    parse=lambda line: Source((line,)),
    pairs=lambda row, src, tgt, kind: [(Source((str(row[src]),)), str(row[tgt]))],
    read=lambda source: source.map(clean),
    encode=encode_text,
    score=share_of_words,
    report=lambda o: {"hits": round(share_of_words(o.outputs, o.references, o.language), 2)},
    examples=(Source(("the old cat sees a dog",)),),
)


# --------------------------------------------------------------------------------- an architecture
@options
class BagConfig:
    """Options of a bag of words."""

    size: Annotated[int, option("Size of its vectors.", ge=1, le=1000)] = 16


class Bag(Seq2Seq):
    """The next token from the last one and the mean of the source."""

    config_class = BagConfig

    def __init__(self, vocabulary, config, limits=LIMITS):
        super().__init__(vocabulary, config, limits)
        self.embedding = make_embedding(vocabulary, config.size)
        self.mix = nn.Linear(2 * config.size, config.size)

    def encode(self, source):
        mask = source != self.vocabulary.pad  # (B,S)
        total = (self.embedding(source) * mask[..., None]).sum(1)
        return Memory(mask, {"mean": total / mask.sum(1, keepdim=True).clamp(min=1)})

    def start(self, memory, hypotheses):
        return {"seen": torch.zeros(len(memory.mask), hypotheses, dtype=torch.long)}

    def step(self, token, carry, memory):
        mean = memory["mean"][:, None].expand(-1, token.shape[1], -1)  # (B,K,D)
        hidden = torch.tanh(self.mix(torch.cat([self.embedding(token), mean], -1)))
        return Step(self.predict(hidden), None, {"seen": carry["seen"] + 1})

    def hidden(self, source, tgt_in):
        mean = self.encode(source)["mean"][:, None].expand(-1, tgt_in.shape[1], -1)
        return torch.tanh(self.mix(torch.cat([self.embedding(tgt_in), mean], -1)))

    def attentions(self, source, target):
        return Attentions(None, None, None)


MODELS["bag"] = Bag

# ---------------------------------------------------------------------------------------- a recipe
RECIPES["backwards-bag"] = Config(
    name="backwards-bag",
    task="backwards",
    title="Backwards, from a bag of words",
    architecture="bag",
    model={"size": 24},
    data=DataConfig(vocab=380, split=0.1, max_tgt=12),
    train=TrainConfig(
        steps=6, batch_tokens=256, lr=1e-2, warmup=2, eval_every=3, eval_sentences=10,
        device="cpu", precision="fp32", threads=1,
    ),
)
'''


@pytest.fixture
def plugged(tmp_path, monkeypatch):
    """The module, imported; what it registers is gone afterwards."""
    before = [(registry, set(registry)) for registry in (TASKS, MODELS, RECIPES)]
    path = tmp_path / "plugged.py"
    path.write_text(MODULE, encoding="utf-8")
    spec = importlib.util.spec_from_file_location("plugged", path)
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "plugged", module)
    spec.loader.exec_module(module)
    yield module
    for registry, names in before:
        for name in set(registry) - names:
            del registry[name]


def call(monkeypatch, capsys, *arguments) -> str:
    """The command line in this process → what it wrote to stdout."""
    monkeypatch.setattr("sys.argv", ["s2s", *map(str, arguments)])
    with pytest.raises(SystemExit) as ended:
        main()
    out, err = capsys.readouterr()
    assert ended.value.code == 0, err
    return out


def test_they_train_evaluate_and_open_in_the_app(plugged, tmp_path, monkeypatch, capsys):
    data, root = tmp_path / "data", tmp_path / "checkpoints"
    data.mkdir()
    write_pairs(data / "train.tsv", sourced(toy_pairs(300)), ("forth", "back"))
    out = root / "backwards-bag"

    call(monkeypatch, capsys, "train", "backwards-bag", "--data", data, "--out", out)
    loaded = checkpoint.load(out)
    assert loaded.config == RECIPES["backwards-bag"]
    assert type(loaded.model) is MODELS["bag"]

    test = next(out.glob("test.*"))
    told = call(
        monkeypatch, capsys, "evaluate", "-c", out, "--data", test, "--save", "toy", "--beam", "2"
    )
    assert 0 <= json.loads(told)["hits"] <= 100

    monkeypatch.setenv("S2S_CHECKPOINTS", str(root))
    listed = call(monkeypatch, capsys, "list")
    assert "Backwards, from a bag of words · hits" in listed
    assert "size" in call(monkeypatch, capsys, "options", "model", "bag")

    result = Pipeline(out)("the old cat sees a dog")
    assert result.sentences[0].trace.best.alpha() is None

    st.cache_data.clear()
    st.cache_resource.clear()
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=60)
    page.switch_page("pages/beam_lab.py")
    page.query_params["text"] = "the old cat sees a dog"
    page.run()
    assert not page.exception
    assert not page.error
    shown = "\n".join(e.proto.body for e in page.get("html"))
    assert escape(result.text) in shown
    st.cache_data.clear()
    st.cache_resource.clear()


AT_HOME = ("s2s/tasks/", "s2s/training/recipes/", "s2s/config/run.py")
"""Where tasks and architectures may be named: their own files, recipes, a configuration's defaults."""


@pytest.mark.parametrize("path", sorted((ROOT / "s2s").rglob("*.py")), ids=lambda p: p.stem)
def test_the_core_names_no_task_and_no_architecture(path):
    place = path.relative_to(ROOT).as_posix()
    if place.startswith((*AT_HOME, "s2s/models/__init__.py")):
        return
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant):
            assert node.value not in {*TASKS, *MODELS}, f"{place}:{node.lineno}"
        if isinstance(node, ast.ImportFrom) and node.module:
            home, _, own = node.module.partition("s2s.tasks.")
            assert home or own == "base" or not own, f"{place}:{node.lineno}"
