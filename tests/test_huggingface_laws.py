"""Our laws, for networks of transformers."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

pytest.importorskip("transformers")

from s2s.analysis.attribution import attribute, leave_one_out
from s2s.analysis.invariants import check
from s2s.analysis.surgery import Hide, Off, Pin, operate
from s2s.config import SearchOptions
from s2s.search.beam import search
from s2s.search.forced import force
from tests.hub import FAMILIES
from tests.opened import make_src, opened, reference
from tests.test_laws import NAMES, OPTIONS

BEAM = SearchOptions(beam=4, min_length=4, max_length=12)


@pytest.fixture(params=FAMILIES)
def family(request):
    return request.param


@pytest.fixture
def model(family):
    return opened(family)[0]


def begun(model, n: int, rows: int = 3) -> torch.Tensor:
    """(rows,n) what a decoder may read: the start token, then others."""
    torch.manual_seed(1)
    tokens = torch.randint(10, model.vocabulary.size - 10, (rows, n))
    tokens[:, 0] = model.vocabulary.bos
    return tokens


def test_one_forced_pass_is_theirs(family, model):
    """Logits, and every attention weight."""
    source, tgt_in = make_src(family, [9, 4]), begun(model, 6, rows=2)
    with torch.no_grad():
        theirs = reference(family)(
            input_ids=source,
            attention_mask=(source != model.vocabulary.pad).long(),
            decoder_input_ids=tgt_in,
            output_attentions=True,
        )
        logp = model.predict(model.hidden(source, tgt_in))
        torch.testing.assert_close(logp, theirs.logits.log_softmax(-1), atol=1e-4, rtol=1e-4)
        ours = model.attentions(source[:1], [*tgt_in[0, 1:].tolist(), model.vocabulary.eos])
    for found, want in (
        (ours.encoder, theirs.encoder_attentions),
        (ours.decoder, theirs.decoder_attentions),
        (ours.cross, theirs.cross_attentions),
    ):
        want = torch.stack([layer[0] for layer in want])  # (L,H,·,·)
        torch.testing.assert_close(found, want, atol=1e-5, rtol=1e-4)


def test_step_by_step_equals_forward(family, model):
    source, tgt_in = make_src(family, [7, 4, 6]), begun(model, 9)
    with torch.no_grad():
        whole = model(source, tgt_in)
        memory = model.encode(source)
        carry = model.start(memory, 1)
        for t in range(9):
            step = model.step(tgt_in[:, t : t + 1], carry, memory)
            carry = step.carry
            torch.testing.assert_close(step.logp[:, 0], whole[:, t], atol=1e-4, rtol=1e-4)


def test_rows_of_one_source_do_not_touch_each_other(family, model):
    source, tokens = make_src(family, [5, 8]), torch.tensor([[15, 16, 17], [18, 19, 20]])
    with torch.no_grad():
        memory = model.encode(source)
        carry, alone = model.start(memory, 3), [model.start(memory, 1) for _ in range(3)]
        for _ in range(2):
            step = model.step(tokens, carry, memory)
            carry = step.carry
            for k in range(3):
                one = model.step(tokens[:, k : k + 1], alone[k], memory)
                alone[k] = one.carry
                torch.testing.assert_close(step.logp[:, k], one.logp[:, 0], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("options", OPTIONS, ids=NAMES)
def test_batch_equals_single(family, model, options):
    source = make_src(family, [7, 3, 5])
    lengths = (source != model.vocabulary.pad).sum(1).tolist()
    for i, trace in enumerate(search(model, source, options)):
        [alone] = search(model, source[i : i + 1, : lengths[i]], options)
        assert [h.tokens for h in alone.hypotheses] == [h.tokens for h in trace.hypotheses]
        for h, other in zip(trace.hypotheses, alone.hypotheses, strict=True):
            assert h.score == pytest.approx(other.score, abs=1e-4)


def test_attention_rows_sum_to_one_and_padding_gets_none(family, model):
    source = make_src(family, [9, 3])
    length = int((source[1] != model.vocabulary.pad).sum())
    with torch.no_grad():
        memory = model.encode(source)
        token = torch.full((2, 2), model.vocabulary.bos)
        attention = model.step(token, model.start(memory, 2), memory).attention
    assert attention.shape == (2, 2, *model.heads["cross"], source.shape[1])
    torch.testing.assert_close(attention.sum(-1), torch.ones(attention.shape[:-1]))
    assert attention[1, ..., length:].abs().max() == 0


def test_padding_changes_nothing(family, model):
    source, tgt_in = make_src(family, [6]), begun(model, 5, rows=1)
    wider = torch.cat([source, torch.full((1, 3), model.vocabulary.pad)], 1)
    with torch.no_grad():
        torch.testing.assert_close(
            model(source, tgt_in), model(wider, tgt_in), atol=1e-4, rtol=1e-4
        )


def test_every_law_on_a_trace(family, model):
    """Sums, scores, replay, cut, attention, forcing, greedy: what the Beam lab checks."""
    [trace] = search(model, make_src(family, [7]), BEAM)
    for law in check(model, trace):
        assert law.holds, law


@pytest.mark.parametrize("options", OPTIONS, ids=NAMES)
def test_forcing_an_output_gives_its_score(family, model, options):
    for trace in search(model, make_src(family, [6, 4]), options):
        for h in trace.hypotheses:
            again = force(model, trace.source, h.tokens, options).hypothesis
            assert again.logprobs == pytest.approx(h.logprobs, abs=1e-4)
            for name in ("total", "penalty", "coverage", "score"):
                assert getattr(again, name) == pytest.approx(getattr(h, name), abs=2e-4), name
            np.testing.assert_allclose(again.attention, h.attention, atol=1e-5)


def test_attentions_are_what_the_search_recorded(family, model):
    source = make_src(family, [6])
    for h in search(model, source, BEAM)[0].hypotheses:
        found = model.attentions(source, h.tokens)
        np.testing.assert_allclose(
            found.cross.numpy(), h.attention.transpose(1, 2, 0, 3), atol=1e-5
        )
        assert found.decoder.triu(1).abs().max() == 0
        torch.testing.assert_close(found.encoder.sum(-1), torch.ones(found.encoder.shape[:-1]))


def test_nothing_stays_on_a_network(family, model):
    """Answers do not depend on what was asked before: surgery, gradients, other sources."""
    source = make_src(family, [8])
    ids = source[0].tolist()
    [before] = search(model, source, BEAM)
    kept = {name: set(vars(module)) for name, module in model.network.named_modules()}
    changes = (Hide(1, 2), Off("encoder", 0, 1), Off("decoder", 1, 0), Off("cross", 0, 0))
    operated = operate(model, (*changes, Pin(0, 2, 3, 4, 80)), ids)
    [changed] = search(operated, source, BEAM)
    *_, last = attribute(model, ids, before.best.tokens, 1, points=4)
    assert last.result is not None
    [after] = search(model, source, BEAM)
    assert [h.tokens for h in after.hypotheses] == [h.tokens for h in before.hypotheses]
    assert [h.score for h in after.hypotheses] == [h.score for h in before.hypotheses]
    assert changed.best.score != before.best.score
    assert kept == {name: set(vars(module)) for name, module in model.network.named_modules()}
    assert all(p.grad is None for p in model.parameters())


def test_a_pinned_step_looks_where_it_is_told(family, model):
    source = make_src(family, [8])
    operated = operate(model, (Pin(1, 2, 3, 4, 100),), source[0].tolist())
    h = search(operated, source, BEAM)[0].best
    np.testing.assert_allclose(h.attention[1, :, :, 3], 1.0, atol=1e-6)
    assert float(h.attention[0, :, :, 3].max()) < 1


def test_a_hidden_word_is_not_read(family, model):
    source = make_src(family, [8])
    other = source.clone()
    other[0, 4] = other[0, 3]  # another token in its place
    changes = (Hide(4, 5),)
    [a] = search(operate(model, changes, source[0].tolist()), source, BEAM)
    [b] = search(operate(model, changes, other[0].tolist()), other, BEAM)
    assert [h.tokens for h in a.hypotheses] == [h.tokens for h in b.hypotheses]
    assert a.best.attention[..., 4].max() == 0


def test_a_gate_is_a_switch(family, model):
    """All heads of cross-attention off: the source says nothing any more."""
    layers, heads = model.heads["cross"]
    off = tuple(Off("cross", i, j) for i in range(layers) for j in range(heads))
    outputs = set()
    for seed in (0, 1):
        source = make_src(family, [8], seed)
        outputs.add(search(operate(model, off, source[0].tolist()), source, BEAM)[0].best.tokens)
    assert len(outputs) == 1


def test_gradients_reach_the_source(family, model):
    """Integrated gradients are complete, and the embeddings that are read are those of the ids."""
    source = make_src(family, [7])
    with torch.no_grad():
        a, b = model.encode(source), model.read(model.embed_source(source), source)
    torch.testing.assert_close(a["states"], b["states"])
    tokens = search(model, source, BEAM)[0].best.tokens
    *_, last = attribute(model, source[0].tolist(), tokens, 2, points=64)
    assert math.isfinite(last.result.gap)
    assert np.abs(last.result.gradient).max() > 0
    words = [(str(n), n, n + 1) for n in range(source.shape[1])]
    *_, found = leave_one_out(model, source[0].tolist(), tokens, words)
    assert np.abs(found.drops[2:]).max() > 1e-3


def test_a_forced_first_token_costs_nothing():
    """What every output begins with is certain; so the score is that of the rest."""
    model = opened("nllb")[0]
    for h in search(model, make_src("nllb", [6]), BEAM)[0].hypotheses:
        assert h.tokens[0] == model.rules.first
        assert h.logprobs[0] == 0
