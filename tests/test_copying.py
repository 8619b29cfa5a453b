"""Copying: what came from where, and that a rare word is copied right."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from s2s.analysis.attention import by_part, coverage, received
from s2s.analysis.copying import copied_words, sources
from s2s.config import SearchOptions
from s2s.data.batches import Example, collate
from s2s.metrics import distinct, frequent_share, novel_ngrams
from s2s.models import build
from s2s.search.beam import search
from s2s.text.vocabulary import EOS, Vocabulary
from tests.conftest import make_model, make_src


@pytest.mark.parametrize("name", ["pointer", "pointer-coverage"])
def test_copied_shares_are_probabilities(name):
    src = make_src([8])
    trace = search(make_model(name), src, SearchOptions(beam=3))[0]
    for h in trace.hypotheses:
        links = sources(h, trace.source)
        share = links.sum(1)
        assert (share >= 0).all()
        assert (share <= 1 + 1e-4).all()
        elsewhere = np.array(h.tokens)[:, None] != np.array(trace.source)[None]
        assert (links[elsewhere] == 0).all()


def test_a_model_without_copying_has_no_sources():
    trace = search(make_model("bahdanau"), make_src([5]), SearchOptions(beam=2))[0]
    assert not trace.best.extras
    with pytest.raises(ValueError, match="copying"):
        sources(trace.best, trace.source)


def test_shares_by_word_are_within_bounds():
    trace = search(make_model("pointer"), make_src([8]), SearchOptions(beam=2))[0]
    n, s = len(trace.best.tokens), len(trace.source)
    tgt = [(str(i), i, i + 1) for i in range(n)]
    src = [("all", 0, s)]
    out, taken = copied_words(trace.best, trace.source, tgt, src)
    assert out.shape == (n,)
    assert taken.shape == (1,)
    assert ((out >= 0) & (out <= 1)).all()


def test_a_rare_word_is_copied_right():
    """Trained to repeat the token after a mark, on 40 words; tested on words it never wrote."""
    mark, words, rare = 4, list(range(10, 50)), list(range(50, 60))
    rng = random.Random(0)
    torch.manual_seed(0)
    model = build(
        "rnn",
        Vocabulary(60),
        {
            "embedding": 24,
            "hidden": 32,
            "attention": "general",
            "query": "current",
            "copy": True,
            "dropout": 0.0,
        },
    ).train()

    def example(word: int) -> Example:
        filler = [rng.choice(words) for _ in range(rng.randint(2, 5))]
        at = rng.randint(0, len(filler))
        return Example([*filler[:at], mark, word, *filler[at:], EOS], [word, EOS])

    optimizer = torch.optim.Adam(model.parameters(), 5e-3)
    for _ in range(250):
        batch = collate([example(rng.choice(words)) for _ in range(32)], model.vocabulary)
        loss, _ = model.loss(batch.src, batch.tgt_in, batch.tgt_out, 0.0)
        optimizer.zero_grad()
        (loss / 64).backward()
        optimizer.step()
    model.eval()
    right = 0
    for word in rare:
        e = example(word)
        trace = search(model, torch.tensor([e.src]), SearchOptions(beam=1))[0]
        if trace.best.tokens[0] == word:
            right += 1
            assert sources(trace.best, trace.source)[0, e.src.index(word)] > 0.5
    assert right >= 8


def test_attention_by_part_is_all_of_it():
    alpha = np.random.default_rng(0).dirichlet(np.ones(7), 3)
    parts = by_part(alpha, [0, 2, 5])
    assert parts.shape == (3, 3)
    np.testing.assert_allclose(parts.sum(1), 1)
    words = [("a", 0, 3), ("b", 3, 7)]
    np.testing.assert_allclose(received(alpha, words).sum(), 3)
    assert coverage(alpha, words, 0.0) == 1.0
    assert coverage(alpha, words, 3.1) == 0.0


def test_novel_ngrams_and_variety():
    assert novel_ngrams("the cat sat", "the cat ran", 1) == pytest.approx(1 / 3)
    assert novel_ngrams("the cat sat", "the cat ran", 2) == pytest.approx(1 / 2)
    assert distinct(["a a a", "a b"], 1) == pytest.approx(2 / 5)
    assert frequent_share(["Yes.", "yes", "no", "maybe"], 1) == 0.5
