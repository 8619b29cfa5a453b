"""What tests share: tiny models of every architecture, a tiny tokenizer, a tiny checkpoint."""

from __future__ import annotations

import os
import random

import numpy as np
import pytest
import torch

from s2s import checkpoint
from s2s.config import Augment, Config, DataConfig
from s2s.data.corpus import write_pairs
from s2s.data.ids import Ids
from s2s.models import build
from s2s.tasks import TASKS
from s2s.text.source import Source
from s2s.text.tokenizer import Tokenizer
from s2s.text.vocabulary import EOS, Vocabulary

torch.set_num_threads(1)  # the models are tiny: a second thread would only wait
VOCABULARY = 23
_SMALL = {"embedding": 12, "hidden": 16, "attention_size": 8, "dropout": 0.1}

# Every entry of MODELS, and in the rnn family every paper and every score of attention.
ARCHITECTURES: dict[str, tuple[str, dict]] = {
    "bahdanau": ("rnn", _SMALL),
    "bahdanau-deep": ("rnn", _SMALL | {"encoder_layers": 2, "decoder_layers": 2}),
    "luong-general": (
        "rnn",
        _SMALL | {"cell": "lstm", "attention": "general", "query": "current"},
    ),
    "luong-feeding": (
        "rnn",
        _SMALL
        | {"cell": "lstm", "attention": "dot", "query": "current", "input_feeding": True}
        | {"encoder_layers": 2, "decoder_layers": 2},
    ),
    "scaled-reversed": (
        "rnn",
        _SMALL | {"attention": "scaled", "query": "current", "reverse_source": True},
    ),
    "sutskever": (
        "rnn",
        _SMALL
        | {"cell": "lstm", "attention": "none", "bidirectional": False, "reverse_source": True}
        | {"bridge": "copy", "encoder_layers": 2, "decoder_layers": 2},
    ),
    "pointer": (
        "rnn",
        _SMALL | {"attention": "general", "query": "current", "copy": True},
    ),
    "pointer-coverage": ("rnn", _SMALL | {"copy": True, "coverage": True}),
    "transformer": (
        "transformer",
        {"size": 16, "heads": 2, "encoder_layers": 2, "decoder_layers": 2, "feed_forward": 32},
    ),
}


def make_model(name: str, vocabulary: int = VOCABULARY, seed: int = 0):
    """A fresh small model in evaluation mode, sharpened so that its choices are distinct."""
    architecture, options = ARCHITECTURES[name]
    torch.manual_seed(seed)
    model = build(architecture, Vocabulary(vocabulary), options).eval()
    with torch.no_grad():
        model.embedding.weight.mul_(3)
    return model


def make_learner(name: str, vocabulary: int):
    """A fresh model large enough to learn a toy task in seconds."""
    architecture, options = ARCHITECTURES[name]
    larger = {"rnn": {"embedding": 32, "hidden": 48}, "transformer": {"size": 32}}[architecture]
    torch.manual_seed(0)
    return build(architecture, Vocabulary(vocabulary), options | larger).train()


def make_src(lengths: list[int], vocabulary: int = VOCABULARY, seed: int = 0) -> torch.Tensor:
    """Random padded sources (B,S) that end with EOS."""
    rng = random.Random(seed)
    rows = [[rng.randrange(4, vocabulary) for _ in range(n - 1)] + [EOS] for n in lengths]
    return torch.tensor([row + [0] * (max(lengths) - len(row)) for row in rows])


@pytest.fixture(params=list(ARCHITECTURES))
def model(request):
    return make_model(request.param)


WORDS = [
    "the",
    "old",
    "cat",
    "sees",
    "a",
    "small",
    "dog",
    "near",
    "my",
    "green",
    "house",
    "and",
    "sleeps",
    "there",
    "all",
    "day",
]


def toy_pairs(n: int, seed: int = 0) -> list[tuple[str, str]]:
    """Sentences and the same words in capitals, backwards."""
    rng = random.Random(seed)
    sources = [" ".join(rng.choices(WORDS, k=rng.randint(2, 5))) for _ in range(n)]
    return [(s, " ".join(s.upper().split()[::-1])) for s in sources]


def sourced(pairs) -> list[tuple[Source, str]]:
    """Pairs of texts as pairs of the data room."""
    return [(Source((source,)), target) for source, target in pairs]


def ids_of(pairs) -> Ids:
    """Pairs of id lists as a corpus in memory."""
    rows = list(pairs)
    flat = [i for pair in rows for side in pair for i in side]
    lengths = np.array([(len(src), len(tgt)) for src, tgt in rows], np.uint32).reshape(-1, 2)
    return Ids.of(np.array(flat, np.uint32), lengths)


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory):
    """Prepared corpora of tests stay among their own."""
    before, folder = os.environ.get("S2S_CACHE"), tmp_path_factory.mktemp("corpora")
    os.environ["S2S_CACHE"] = str(folder)
    yield folder
    os.environ.pop("S2S_CACHE")
    if before is not None:
        os.environ["S2S_CACHE"] = before


@pytest.fixture(scope="session")
def tokenizer() -> Tokenizer:
    return Tokenizer.train((t for pair in toy_pairs(300) for t in pair), vocab=380)


@pytest.fixture(scope="session")
def folder(tmp_path_factory):
    """Training data: one file of toy pairs."""
    folder = tmp_path_factory.mktemp("data")
    write_pairs(folder / "train.tsv", sourced(toy_pairs(300)), ("src", "tgt"))
    return folder


@pytest.fixture
def data(tmp_path, monkeypatch):
    """A folder of two files, and an empty cache."""
    monkeypatch.setenv("S2S_CACHE", str(tmp_path / "cache"))
    folder = tmp_path / "data"
    folder.mkdir()
    write_pairs(folder / "train.tsv", sourced(toy_pairs(300)), ("src", "tgt"))
    write_pairs(folder / "more.tsv", sourced(toy_pairs(100, seed=1)), ("src", "tgt"))
    return folder


def save_tiny(folder, name: str, architecture: str, tokenizer: Tokenizer, **config):
    """An untrained but complete checkpoint folder of any task."""
    family, options = ARCHITECTURES[architecture]
    torch.manual_seed(3)
    model = build(family, tokenizer.vocabulary, options)
    whole = Config(name=name, title=name, architecture=family, model=options, **config)
    checkpoint.save(folder / name, whole, model.state_dict(), tokenizer)
    return folder / name


@pytest.fixture(scope="session")
def tiny_chat(tmp_path_factory):
    """An untrained dialogue model that also knows empty sources."""
    texts = [t for pair in toy_pairs(300) for t in pair]
    tokenizer = Tokenizer.train(texts, 380, TASKS["dialogue"].controls)
    return save_tiny(
        tmp_path_factory.mktemp("chat"),
        "tiny-chat",
        "luong-general",
        tokenizer,
        task="dialogue",
        data=DataConfig(max_src=40, max_tgt=12, augment=Augment(no_source=0.1)),
    )


@pytest.fixture(scope="session")
def tiny_summarizer(tmp_path_factory):
    """An untrained summarizer that can copy."""
    texts = [t for pair in toy_pairs(300) for t in pair]
    tokenizer = Tokenizer.train(texts, 380, TASKS["summarization"].controls)
    return save_tiny(
        tmp_path_factory.mktemp("sum"),
        "tiny-sum",
        "pointer",
        tokenizer,
        task="summarization",
        data=DataConfig(max_src=60, max_tgt=12),
    )


@pytest.fixture(scope="session")
def tiny_checkpoint(tmp_path_factory, tokenizer):
    """An untrained but complete checkpoint folder."""
    folder = tmp_path_factory.mktemp("checkpoints") / "tiny"
    architecture, options = ARCHITECTURES["bahdanau"]
    torch.manual_seed(3)
    model = build(architecture, tokenizer.vocabulary, options)
    config = Config(
        name="tiny", title="Tiny", model=options, data=DataConfig(max_src=30, max_tgt=12)
    )
    checkpoint.save(folder, config, model.state_dict(), tokenizer)
    return folder


# -------------------------------------------------------------------------------- a browser and the app
@pytest.fixture(scope="session")
def url():
    """The one running app of this test run, warm."""
    from tests.server import serve

    with serve() as address:
        yield address


@pytest.fixture(scope="session")
def browser():
    """The one browser of this test run."""
    from playwright.sync_api import sync_playwright

    from tests.browser import FLAGS, executable

    path = executable()
    assert path, "no Chromium: run `make browser`"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture
def context(request):
    """What a page is opened with; a test may parametrize it."""
    return getattr(request, "param", {"viewport": {"width": 1280, "height": 800}})


@pytest.fixture
def page(browser, context):
    """A fresh page that fails the test on any error in the page or request to elsewhere."""
    from playwright.sync_api import expect

    from tests.pages import count_frames

    expect.set_options(timeout=30_000)  # machines may be busy: only the order of things is tested
    tab = browser.new_context(**context)
    page = tab.new_page()
    page.set_default_timeout(30_000)
    count_frames(page)
    problems: list[str] = []
    page.on("pageerror", lambda error: problems.append(f"page error: {error}"))
    page.on("dialog", lambda dialog: (problems.append(dialog.message), dialog.dismiss()))
    home = ("http://127.0.0.1", "ws://127.0.0.1", "data:", "blob:")
    page.on(
        "request",
        lambda r: (
            problems.append(f"request to {r.url}")
            if not r.url.startswith(home) or "127.0.0.1:9/" in r.url
            else None
        ),
    )
    yield page
    tab.close()
    assert not problems
