"""Networks made ready to search say what the networks themselves say, as precisely as their products are."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from s2s.analysis.sweep import search_widths
from s2s.config import SearchOptions
from s2s.errors import S2SError
from s2s.models import FAST, MODELS, ready
from s2s.models.contract import Memory
from s2s.models.inference.past import Past, ancestors
from s2s.models.inference.product import Product, choose, eight_bits
from s2s.search.beam import search
from s2s.search.candidates import BLOCK, top
from s2s.search.forced import force
from s2s.search.rows import fewest_moves
from tests.conftest import ARCHITECTURES, make_model, make_src
from tests.test_laws import BEAM, NAMES, OPTIONS

NATS = {"fp32": 1e-4, "bf16": 0.15, "int8": 0.3}
"""How far a token's log-probability may be off; those of these models lie between -0.1 and -7."""
ROUNDED = [p for p in ("bf16", "int8") if p != "int8" or eight_bits()]


@pytest.fixture(params=["fp32", *ROUNDED])
def precision(request):
    return request.param


@pytest.fixture
def fast(model, precision):
    return ready(model, precision)[0]


def test_every_architecture_has_a_fast_form():
    assert set(FAST) == set(MODELS.values())


@pytest.mark.parametrize("options", OPTIONS, ids=NAMES)
def test_in_full_precision_the_search_is_the_same(model, options):
    fast, _ = ready(model, "fp32")
    src = make_src([7, 3, 5])
    for a, b in zip(search(model, src, options), search(fast, src, options), strict=True):
        assert [h.tokens for h in a.hypotheses] == [h.tokens for h in b.hypotheses]
        assert (a.steps.fate == b.steps.fate).all()
        for h, other in zip(a.hypotheses, b.hypotheses, strict=True):
            assert h.score == pytest.approx(other.score, abs=1e-4)
            if h.attention is not None:
                np.testing.assert_allclose(h.attention, other.attention, atol=1e-5)
            for name, values in h.extras.items():
                np.testing.assert_allclose(other.extras[name], values, atol=1e-5)


def test_every_precision_is_near(model, fast, precision):
    src = make_src([7, 4])
    for trace in search(model, src, BEAM):
        again = force(fast, trace.source, trace.best.tokens, BEAM).hypothesis
        assert again.logprobs == pytest.approx(trace.best.logprobs, abs=NATS[precision])


def test_it_is_rounded_where_it_should_be(precision):
    x, w = torch.randn(5, 64), torch.randn(64, 64)
    off = float((Product(w, None, precision)(x) - x @ w.t()).abs().max())
    assert (off > 1e-4) == (precision != "fp32")


@pytest.mark.parametrize("options", OPTIONS, ids=NAMES)
def test_forcing_an_output_gives_its_score(fast, precision, options):
    for trace in search(fast, make_src([6, 4]), options):
        for h in trace.hypotheses:
            again = force(fast, trace.source, h.tokens, options).hypothesis
            assert again.logprobs == pytest.approx(h.logprobs, abs=NATS[precision])
            if h.attention is not None:
                atol = NATS[precision] if precision != "fp32" else 1e-5
                np.testing.assert_allclose(again.attention, h.attention, atol=atol)


def test_batch_is_single(fast, precision):
    lengths = [7, 3, 5]
    src = make_src(lengths)
    for i, trace in enumerate(search(fast, src, BEAM)):
        alone = force(fast, src[i, : lengths[i]].tolist(), trace.best.tokens, BEAM).hypothesis
        assert alone.score == pytest.approx(trace.best.score, abs=NATS[precision])
        if precision == "fp32":
            found = search(fast, src[i : i + 1, : lengths[i]], BEAM)[0]
            assert [h.tokens for h in found.hypotheses] == [h.tokens for h in trace.hypotheses]


def test_attention_rows_sum_to_one_and_padding_gets_none(fast):
    for trace, n in zip(search(fast, make_src([7, 3]), BEAM), (7, 3), strict=True):
        attention = trace.steps.attention
        if attention is not None:
            assert attention.shape[-1] == n
            np.testing.assert_allclose(attention.sum(-1), 1, atol=1e-5)


def test_recording_changes_no_output(fast):
    src = make_src([6, 3])
    for a, b in zip(search(fast, src, BEAM), search(fast, src, BEAM, record=False), strict=True):
        assert [h.tokens for h in a.hypotheses] == [h.tokens for h in b.hypotheses]
        assert [h.score for h in a.hypotheses] == [h.score for h in b.hypotheses]


def test_log_probabilities_are_of_a_distribution(fast):
    memory = fast.encode(make_src([5, 3]))
    logp = fast.step(torch.tensor([[5, 6], [7, 8]]), fast.start(memory, 2), memory).logp
    torch.testing.assert_close(logp.exp().sum(-1), torch.ones(2, 2))


def test_many_searches_may_share_a_memory(model):
    """Prefixes ask in any order: what one search wrote, another may read."""
    fast, _ = ready(model, "fp32")
    src = make_src([6])
    traces, _ = search_widths(fast, src[0].tolist(), BEAM, (1, 3, 5))
    for width, trace in zip((1, 3, 5), traces, strict=True):
        alone = search(fast, src, SearchOptions(beam=width, max_length=12))[0]
        assert [h.tokens for h in trace.hypotheses] == [h.tokens for h in alone.hypotheses]


def test_sources_leave_and_the_others_stay_themselves():
    """Limits of 5, 9, 2 … steps: sources leave from the front, the middle and the end."""
    fast, _ = ready(make_model("transformer"), "fp32")
    lengths = [3, 9, 2, 7, 5, 2, 8]
    options = SearchOptions(beam=3, length_norm="gnmt", alpha=0.6)
    src = make_src(lengths)
    for i, trace in enumerate(search(fast, src, options)):
        alone = search(fast, src[i : i + 1, : lengths[i]], options)[0]
        assert [h.tokens for h in alone.hypotheses] == [h.tokens for h in trace.hypotheses]


@pytest.mark.parametrize("stay", [[0, 1, 2], [3, 4], [0, 4], [1, 2, 3], [4], [0, 2, 4]])
def test_a_past_keeps_its_sources(stay):
    read, written = torch.randn(1, 2, 5, 2, 6, 3), torch.randn(1, 2, 5, 2, 4, 3)
    past = Past(read.clone())
    _, (new,), _ = past.extend(4)
    new.copy_(written[0])
    order = fewest_moves(np.array(stay))
    assert sorted(order.tolist()) == stay
    kept = past.keep(torch.from_numpy(order))
    torch.testing.assert_close(kept.read, read[:, :, order])
    ((keys, values),) = kept.extend(0)[2]
    torch.testing.assert_close(keys.mT.unflatten(0, (len(stay), 2)), written[0, 0, order])
    torch.testing.assert_close(values.unflatten(0, (len(stay), 2)), written[0, 1, order])


def test_ancestors_are_all_that_is_seen():
    seen = ancestors(torch.tensor([[[0, 3], [1, 2]]]), 4)
    assert (seen[0, 0] == 0).tolist() == [[True, False, False, True], [False, True, True, False]]
    assert ancestors(torch.tensor([[[0, 1]]]), 2) is None


@pytest.mark.parametrize("width", [9, BLOCK * 40, BLOCK * 40 + 7])
@pytest.mark.parametrize("n", [1, 5, 12])
def test_the_top_in_two_levels_is_the_top(width, n):
    noise = torch.Generator().manual_seed(width)
    values = torch.randperm(2 * 3 * width, generator=noise).view(2, 3, width).float()
    n = min(n, width)
    found, place = top(values, n)
    expected = values.topk(n, -1)
    assert torch.equal(found, expected.values)
    assert torch.equal(place, expected.indices)


def test_a_wrong_precision_is_one_sentence():
    with pytest.raises(S2SError, match="precision must be fp32, bf16, int8, auto, not 'fp8'"):
        choose("fp8", "cpu")
    with pytest.raises(S2SError, match="A meta device has no int8 products"):
        choose("int8", "meta")
    assert choose("auto", "meta") == "fp32"


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_a_step_stays_on_its_device(name):
    """On a device that holds no values the step runs as anywhere: one that went by the CPU would fail."""
    model = make_model(name)
    here = ready(model, "fp32")[0].encode(make_src([5, 5]))
    fast, _ = ready(model.to("meta"), "bf16")
    tensors = {key: value.to("meta") for key, value in here.tensors.items()}
    past = here.past and Past(here.past.read.to("meta"))
    memory = Memory(here.mask.to("meta"), tensors, past=past)
    carry = fast.start(memory, 3)
    for _ in range(2):
        step = fast.step(torch.zeros(2, 3, dtype=torch.long, device="meta"), carry, memory)
        carry = step.carry
        assert step.logp.device.type == "meta"
        assert step.logp.shape == (2, 3, model.vocabulary.size)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no GPU here")
def test_a_gpu_says_the_same(model):
    src = make_src([6, 4])
    here = search(model, src, BEAM)
    fast, _ = ready(model.to("cuda"), "fp32")
    for a, b in zip(here, search(fast, src.to("cuda"), BEAM), strict=True):
        assert [h.tokens for h in a.hypotheses] == [h.tokens for h in b.hypotheses]
