"""Surgery on attention: it does what it says, and nothing of it stays."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from s2s.analysis.surgery import Hide, Off, Pin, as_text, from_text, heads_of, operate
from s2s.config import SearchOptions
from s2s.errors import S2SError
from s2s.search.beam import search
from s2s.search.forced import force
from tests.conftest import make_model, make_src

OPTIONS = SearchOptions(beam=3, max_length=10)
numbers = st.integers(0, 99)
changes = st.lists(
    st.builds(Hide, numbers, numbers)
    | st.builds(Pin, numbers, numbers, numbers, numbers, st.integers(0, 100))
    | st.builds(Off, st.sampled_from(["cross", "encoder", "decoder"]), numbers, numbers),
    max_size=8,
    unique=True,
)


def all_of(model) -> list:
    """One change of every sort that the model can bear."""
    found = [Hide(1, 3)]
    for kind, (layers, heads) in heads_of(model).items():
        found.append(Off(kind, layers - 1, heads - 1))
    return found + ([Pin(1, 3, 0, 1, 70)] if heads_of(model) else [])


def same(a, b) -> bool:
    """Whether two traces are equal, bit for bit."""
    pairs = zip(a.hypotheses, b.hypotheses, strict=True)
    return all(
        x.tokens == y.tokens
        and x.score == y.score
        and np.array_equal(x.logprobs, y.logprobs)
        and (x.attention is None or np.array_equal(x.attention, y.attention))
        for x, y in pairs
    ) and np.array_equal(a.recorded.total, b.recorded.total)


def test_undone_surgery_restores_the_trace_bit_for_bit(model):
    src = make_src([7])
    ids = src[0].tolist()
    before = search(model, src, OPTIONS)[0]
    during = search(operate(model, all_of(model), ids), src, OPTIONS)[0]
    assert not same(before, during)
    assert same(before, search(operate(model, [], ids), src, OPTIONS)[0])
    assert same(before, search(model, src, OPTIONS)[0])


def test_changes_can_be_undone_in_any_order(model):
    src = make_src([7])
    ids, both = src[0].tolist(), all_of(model)
    for gone in range(len(both)):
        rest = both[:gone] + both[gone + 1 :]
        once = search(operate(model, rest, ids), src, OPTIONS)[0]
        search(operate(model, both, ids), src, OPTIONS)
        assert same(once, search(operate(model, rest, ids), src, OPTIONS)[0])


def test_a_hidden_word_has_no_say_and_gets_no_attention(model):
    src = make_src([7])
    other = src.clone()
    other[0, 2] = 22 if int(src[0, 2]) != 22 else 21
    first = search(operate(model, [Hide(2, 3)], src[0].tolist()), src, OPTIONS)[0]
    second = search(operate(model, [Hide(2, 3)], other[0].tolist()), other, OPTIONS)[0]
    assert same(first, second)
    if first.best.attention is not None:
        assert first.best.attention[..., 2].max() == 0


def test_a_pin_moves_attention_by_as_much_as_asked(model):
    src = make_src([6])
    ids = src[0].tolist()
    if not heads_of(model):
        with pytest.raises(S2SError):
            operate(model, [Pin(0, 1, 0, 1)], ids)
        return
    target = [5, 6, 7, 3]
    plain = force(model, ids, target, OPTIONS).hypothesis.attention
    wanted = np.zeros(6)
    wanted[1:3] = 0.5
    for percent in (0, 40, 100):
        knife = operate(model, [Pin(2, 3, 1, 3, percent)], ids)
        found = force(knife, ids, target, OPTIONS).hypothesis.attention
        np.testing.assert_allclose(found[:2], plain[:2], atol=1e-6)
        if plain.shape[1] == 1:  # of several layers the deeper ones see what the first were told
            expected = plain[2] + percent / 100 * (wanted - plain[2])
            np.testing.assert_allclose(found[2], expected, atol=1e-6)
        if percent == 100:
            np.testing.assert_allclose(found[2], np.broadcast_to(wanted, found[2].shape), atol=1e-6)


def test_a_head_that_is_off_says_nothing():
    """What a head's own values are no longer matters."""
    src = make_src([6])
    results = []
    for scale in (1.0, 5.0):
        model = make_model("transformer")
        with torch.no_grad():  # the second head's values
            model.decoder[1].cross_attention.v.weight[8:] *= scale
        knife = operate(model, [Off("cross", 1, 1)], src[0].tolist())
        results.append(search(knife, src, OPTIONS)[0])
    assert same(*results)


def test_forced_attention_equals_recorded_attention(model):
    src = make_src([6])
    ids = src[0].tolist()
    knife = operate(model, all_of(model), ids)
    best = search(knife, src, OPTIONS)[0].best
    cross = knife.attentions(src, best.tokens).cross
    again = force(knife, ids, best.tokens, OPTIONS).hypothesis
    np.testing.assert_allclose(again.logprobs, best.logprobs, atol=1e-4)
    if best.attention is None:
        assert cross is None
        return
    np.testing.assert_allclose(cross.permute(2, 0, 1, 3), best.attention, atol=1e-5)
    np.testing.assert_allclose(again.attention, best.attention, atol=1e-5)
    np.testing.assert_allclose(best.attention.sum(-1), 1, atol=1e-5)


@given(changes)
def test_changes_travel_in_an_address(found):
    assert from_text(as_text(found)) == tuple(found)


@pytest.mark.parametrize("text", ["nonsense", "h1", "x1-2", "h1-2~", "c1-2-3", "h١-٢" * 9])
def test_what_is_no_change_is_refused(text):
    with pytest.raises(S2SError):
        from_text(text)


@pytest.mark.parametrize(
    "change", [Hide(5, 99), Hide(3, 3), Hide(0, 6), Pin(0, 1, 3, 99), Off("cross", 9, 0)]
)
def test_what_does_not_fit_is_refused(change):
    with pytest.raises(S2SError):
        operate(make_model("transformer"), [change], make_src([7])[0].tolist())
