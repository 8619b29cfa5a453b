"""Laws that hold for every architecture."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
import torch

from s2s import checkpoint
from s2s.config import Config, SearchOptions
from s2s.models import MODELS
from s2s.search.beam import search
from s2s.search.forced import force
from s2s.text.vocabulary import BOS, EOS
from tests.conftest import ARCHITECTURES, make_learner, make_model, make_src

BEAM = SearchOptions(beam=4, max_length=12)
OPTIONS = (
    BEAM,
    SearchOptions(beam=1, max_length=12),
    SearchOptions(beam=3, length_norm="gnmt", alpha=0.6, coverage=0.2),
    SearchOptions(beam=3, length_norm="none", coverage=0.3, repetition_penalty=1.5, max_length=9),
    SearchOptions(beam=3, block_ngram=2, repetition_penalty=1.3, min_length=4, max_length=14),
    SearchOptions(beam=4, groups=2, diversity=1.0, repetition_penalty=1.2, max_length=12),
    SearchOptions(method="sample", beam=3, top_k=8, top_p=0.9, temperature=0.8, seed=5),
)
NAMES = ("beam", "greedy", "gnmt", "raw", "constraints", "groups", "sample")


def log_probabilities(model, src, tokens) -> torch.Tensor:
    """Teacher-forced log-probability of each token of one target: the reference for scores."""
    tgt_in = torch.tensor([[BOS, *tokens[:-1]]])
    with torch.no_grad():
        logp = model(src, tgt_in)[0]
    return logp[torch.arange(len(tokens)), torch.tensor(tokens)]


def test_every_architecture_is_under_the_laws():
    assert {architecture for architecture, _ in ARCHITECTURES.values()} == set(MODELS)


def test_step_by_step_equals_forward(model):
    src, tgt_in = make_src([7, 4, 6]), torch.randint(4, 23, (3, 9))
    with torch.no_grad():
        whole = model(src, tgt_in)  # (B,T,V)
        memory = model.encode(src)
        carry = model.start(memory, 1)
        for t in range(9):
            step = model.step(tgt_in[:, t : t + 1], carry, memory)
            carry = step.carry
            torch.testing.assert_close(step.logp[:, 0], whole[:, t], atol=1e-5, rtol=1e-4)


def test_rows_of_one_source_do_not_touch_each_other(model):
    src, tokens = make_src([5, 5]), torch.tensor([[5, 6, 7], [8, 9, 10]])
    with torch.no_grad():
        memory = model.encode(src)
        together = model.step(tokens, model.start(memory, 3), memory).logp
        for k in range(3):
            alone = model.step(tokens[:, k : k + 1], model.start(memory, 1), memory).logp
            torch.testing.assert_close(together[:, k], alone[:, 0], atol=1e-5, rtol=1e-4)


@pytest.mark.parametrize("options", OPTIONS, ids=NAMES)
def test_batch_equals_single(model, options):
    lengths = [7, 3, 5]
    src = make_src(lengths)
    for i, trace in enumerate(search(model, src, options)):
        alone = search(model, src[i : i + 1, : lengths[i]], options)[0]
        assert [h.tokens for h in alone.hypotheses] == [h.tokens for h in trace.hypotheses]
        for h, other in zip(trace.hypotheses, alone.hypotheses, strict=True):
            assert h.score == pytest.approx(other.score, abs=1e-4)


def test_attention_rows_sum_to_one_and_padding_gets_none(model):
    src = make_src([7, 3])
    with torch.no_grad():
        memory = model.encode(src)
        attention = model.step(torch.full((2, 2), BOS), model.start(memory, 2), memory).attention
    if attention is None:
        assert model.config.attention == "none"
        return
    assert attention.shape[:2] == (2, 2)
    assert attention.shape[-1] == 7
    torch.testing.assert_close(attention.sum(-1), torch.ones(attention.shape[:-1]))
    assert attention[1, ..., 3:].abs().max() == 0


def test_padding_changes_nothing(model):
    src, tgt_in = make_src([4]), torch.randint(4, 23, (1, 5))
    wider = torch.cat([src, torch.zeros(1, 3, dtype=torch.long)], 1)
    with torch.no_grad():
        torch.testing.assert_close(model(src, tgt_in), model(wider, tgt_in), atol=1e-5, rtol=1e-4)


def test_beam_of_one_is_greedy(model):
    src = make_src([6])
    best = search(model, src, SearchOptions(beam=1, max_length=10))[0].best
    tokens: list[int] = []
    while len(tokens) < 10 and tokens[-1:] != [EOS]:
        with torch.no_grad():
            logp = model(src, torch.tensor([[BOS, *tokens]]))[0, -1]
        logp[[0, 1, 2]] = -math.inf
        tokens.append(int(logp.argmax()))
    assert list(best.tokens) == tokens


def test_token_log_probabilities_add_up_to_the_score(model):
    src = make_src([6])
    for trace in search(model, src, BEAM):
        for h in trace.hypotheses:
            expected = log_probabilities(model, src, h.tokens)
            assert h.total == pytest.approx(float(expected.sum()), abs=1e-4)
            assert h.logprobs == pytest.approx(expected.numpy(), abs=1e-4)
            assert h.score == pytest.approx(h.total / len(h.tokens), abs=1e-6)


@pytest.mark.parametrize("options", OPTIONS, ids=NAMES)
def test_forcing_an_output_gives_its_score_under_every_option(model, options):
    for trace in search(model, make_src([6, 4]), options):
        for h in trace.hypotheses:
            again = force(model, trace.source, h.tokens, options).hypothesis
            assert again.finished == h.finished
            assert again.logprobs == pytest.approx(h.logprobs, abs=1e-4)
            for name in ("total", "penalty", "coverage", "score"):
                assert getattr(again, name) == pytest.approx(getattr(h, name), abs=1e-4), name
            if h.attention is not None:
                np.testing.assert_allclose(again.attention, h.attention, atol=1e-5)
            for name, values in h.extras.items():
                np.testing.assert_allclose(again.extras[name], values, atol=1e-5)


def test_attentions_are_what_the_search_recorded(model):
    src = make_src([6])
    for h in search(model, src, BEAM)[0].hypotheses:
        found = model.attentions(src, h.tokens)
        if h.attention is None:
            assert found == (None, None, None)
            continue
        cross = h.attention.transpose(1, 2, 0, 3)  # (L,H,T,S)
        np.testing.assert_allclose(found.cross.numpy(), cross, atol=1e-5)
        for weights, length in ((found.encoder, 6), (found.decoder, len(h.tokens))):
            if weights is not None:
                assert weights.shape[:2] == found.cross.shape[:2]
                assert weights.shape[2:] == (length, length)
                torch.testing.assert_close(weights.sum(-1), torch.ones(weights.shape[:-1]))
        if found.decoder is not None:  # nothing looks ahead
            assert found.decoder.triu(1).abs().max() == 0


@pytest.mark.parametrize("norm", ["none", "average", "gnmt"])
@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_a_wide_beam_is_brute_force(name, norm):
    model = make_model(name, vocabulary=6, seed=1)  # two real tokens, 4 and 5
    src = make_src([4], vocabulary=6)
    options = SearchOptions(beam=32, max_length=4, length_norm=norm, alpha=0.8)
    found = [h for h in search(model, src, options)[0].hypotheses if h.finished]
    every = [
        (*body, EOS) for n in range(4) for body in itertools.product((4, 5), repeat=n)
    ]  # all sentences of up to 4 tokens

    def score(tokens):
        total = float(log_probabilities(model, src, tokens).sum())
        length = {"none": 1, "average": len(tokens), "gnmt": (5 + len(tokens)) / 6}[norm]
        return total / length**0.8 if norm != "none" else total

    # others were cut at the limit, and silence stands behind them
    ranked = sorted(every, key=lambda tokens: (len(tokens) == 1, -score(tokens)))
    assert [h.tokens for h in found] == ranked
    assert [h.score for h in found] == pytest.approx([score(t) for t in ranked], abs=1e-4)


def test_recording_changes_no_output(model):
    src = make_src([6, 3])
    for a, b in zip(search(model, src, BEAM), search(model, src, BEAM, record=False), strict=True):
        assert [h.tokens for h in a.hypotheses] == [h.tokens for h in b.hypotheses]
        assert [h.score for h in a.hypotheses] == [h.score for h in b.hypotheses]
        assert b.steps is None
        assert b.best.attention is None


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_save_then_load_gives_the_same_output(name, tmp_path, tokenizer):
    model = make_model(name, tokenizer.size)
    for p in model.parameters():  # what half precision on disk can hold
        p.data = p.data.half().float()
    architecture, options = ARCHITECTURES[name]
    config = Config(name=name, architecture=architecture, model=options)
    checkpoint.save(tmp_path / name, config, model.state_dict(), tokenizer)
    loaded = checkpoint.load(tmp_path / name)
    src = make_src([6, 4], tokenizer.size)
    for a, b in zip(search(model, src, BEAM), search(loaded.model, src, BEAM), strict=True):
        assert [h.tokens for h in a.hypotheses] == [h.tokens for h in b.hypotheses]
        assert [h.score for h in a.hypotheses] == [h.score for h in b.hypotheses]
    assert loaded.config == config


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_learns_to_reverse(name):
    """Digits backwards: needs order, memory and, where there is one, attention."""
    model = make_learner(name, vocabulary=10)
    rate = 5e-3
    optimizer = torch.optim.Adam(model.parameters(), rate)
    length, steps = 4, 500

    def sample(n):
        digits = torch.randint(4, 10, (n, length))
        end = torch.full((n, 1), EOS)
        out = torch.cat([digits.flip(1), end], 1)
        start = torch.full((n, 1), BOS)
        return torch.cat([digits, end], 1), torch.cat([start, out[:, :-1]], 1), out

    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 50) * (1 - step / steps)
        src, tgt_in, tgt_out = sample(64)
        loss, _ = model.loss(src, tgt_in, tgt_out, smoothing=0.0)
        optimizer.zero_grad()
        (loss / tgt_out.numel()).backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    model.eval()
    src, _, tgt = sample(200)
    traces = search(model, src, SearchOptions(beam=1), record=False)
    right = sum(list(t.best.tokens) == y.tolist() for t, y in zip(traces, tgt, strict=True))
    assert right >= 190, f"{right} of 200 reversed"
