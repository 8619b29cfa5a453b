"""Parts of the models against PyTorch's own and against the textbook."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from s2s.models.recurrent.gru import gru
from s2s.text.vocabulary import BOS, PAD
from tests.conftest import make_model, make_src


@pytest.mark.parametrize("bidirectional", [True, False])
@pytest.mark.parametrize("lengths", [[7, 3, 5], [4, 4]])
def test_the_written_out_gru_is_pytorchs(bidirectional, lengths):
    torch.manual_seed(1)
    layer = nn.GRU(5, 6, batch_first=True, bidirectional=bidirectional)
    x = torch.randn(len(lengths), max(lengths), 5, requires_grad=True)
    mask = torch.arange(max(lengths))[None] < torch.tensor(lengths)[:, None]
    direction = torch.randn(len(lengths), max(lengths), 6 * (1 + bidirectional))

    def gradients(states, final):
        loss = (states * direction * mask[:, :, None]).sum() + final.pow(2).sum()
        return torch.autograd.grad(loss, [x, *layer.parameters()])

    states, final = gru(layer, 0, x, None, mask)
    packed = pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    packed, theirs_final = layer(packed)
    theirs, _ = pad_packed_sequence(packed, batch_first=True)
    torch.testing.assert_close(states * mask[:, :, None], theirs)
    torch.testing.assert_close(final, theirs_final)
    for mine, wanted in zip(gradients(states, final), gradients(theirs, theirs_final), strict=True):
        torch.testing.assert_close(mine, wanted)


def test_the_written_out_gru_takes_a_first_state():
    torch.manual_seed(1)
    layer = nn.GRU(5, 6, batch_first=True)
    x, h = torch.randn(3, 4, 5), torch.randn(3, 6, requires_grad=True)
    states, _ = gru(layer, 0, x, h, None)
    theirs, _ = layer(x, h[None])
    torch.testing.assert_close(states, theirs)
    torch.testing.assert_close(*(torch.autograd.grad(s.sum(), h)[0] for s in (states, theirs)))


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_the_copying_loss_and_its_gradient_are_those_of_the_mixture(smoothing):
    model = make_model("pointer")
    src, tgt = make_src([6, 4]), make_src([5, 3], seed=1)
    tgt[:, 1] = src[:, 2]  # something to copy
    tgt_in = torch.cat([torch.full((2, 1), BOS), tgt[:, :-1]], 1)
    loss, nll = model.loss(src, tgt_in, tgt, smoothing)
    real = tgt != PAD
    gold = model(src, tgt_in)[real].gather(1, tgt[real][:, None])
    z = model.project(model.hidden(src, tgt_in))[real]
    smooth = (z.logsumexp(-1) - z.mean(-1)).sum()
    expected = -(1 - smoothing) * gold.sum() + smoothing * smooth
    torch.testing.assert_close(nll, -gold.sum(), atol=1e-4, rtol=1e-5)
    torch.testing.assert_close(loss, expected, atol=1e-4, rtol=1e-5)
    parameters = [p for p in model.parameters() if p.requires_grad]
    mine = torch.autograd.grad(loss, parameters)
    wanted = torch.autograd.grad(expected, parameters)
    for (name, _), a, b in zip(model.named_parameters(), mine, wanted, strict=True):
        torch.testing.assert_close(a, b, atol=1e-4, rtol=1e-4, msg=lambda m, n=name: f"{n}: {m}")


@pytest.mark.parametrize("name", ["pointer", "pointer-coverage"])
def test_a_copying_distribution_sums_to_one(name):
    model = make_model(name)
    src = make_src([6, 4])
    memory = model.encode(src)
    step = model.step(torch.full((2, 3), BOS), model.start(memory, 3), memory)
    gate, probability = step.extras["generate"], step.logp.exp()
    torch.testing.assert_close(probability.sum(-1), torch.ones(2, 3))
    assert ((gate > 0) & (gate < 1)).all()
    # a source token gets at least what copying gives it
    looks = step.attention[:, :, 0, 0, 0]  # (B,K) at the first
    given = probability.gather(2, src[:, :1, None].expand(-1, 3, 1))[..., 0]
    assert (given >= (1 - gate) * looks - 1e-6).all()
