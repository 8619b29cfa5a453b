"""How far a gradient reaches back: a recurrent network unrolled over a long sequence.

T steps · E size of inputs · D size of states · V classes.

dL/dh_{T-d} is a product of d Jacobians; of a linear network exactly (W')^d dL/dh_T. It vanishes where they shrink and
explodes where they stretch (Bengio et al. 1994; Pascanu et al. 2013, section 2.1).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2s.models.contract import Seq2Seq
from s2s.models.recurrent.cells import gru_cell, lstm_cell

CELLS = ("linear", "tanh", "gru", "lstm")
GATES = {"linear": 1, "tanh": 1, "gru": 3, "lstm": 4}
CLASSES = 10


class Unrolled(nn.Module):
    """A recurrent layer of any cell, step by step, and a readout of its last state.

    ``linear``: h = W x + U h · ``tanh``: h = tanh(W x + U h) (Elman 1990) · ``gru``, ``lstm``: as in
    ``models.recurrent.cells``. Recurrent weights are ``gain`` times orthogonal matrices, one a gate, so
    that a linear step stretches every vector by ``gain`` exactly. ``keeping``: the first bias of the gate that
    keeps a state, an LSTM's forget and a GRU's update gate (Jozefowicz et al. 2015: 1).
    """

    def __init__(
        self,
        cell: str,
        inputs: int,
        size: int,
        gain: float = 1.0,
        seed: int = 0,
        keeping: float = 1.0,
    ) -> None:
        """Raises ValueError for a cell that is none of ``CELLS``."""
        super().__init__()
        if cell not in CELLS:
            raise ValueError(f"no cell {cell!r}")
        self.cell, self.size, gates = cell, size, GATES[cell]
        generator = torch.Generator().manual_seed(seed)
        blocks = [torch.empty(size, size) for _ in range(gates)]
        for block in blocks:
            nn.init.orthogonal_(block, gain, generator=generator)
        w = torch.randn(gates * size, inputs, generator=generator) * inputs**-0.5
        out = torch.randn(CLASSES, size, generator=generator) * size**-0.5
        self.recurrent, self.input = nn.Parameter(torch.cat(blocks)), nn.Parameter(w)
        self.bias, self.readout = nn.Parameter(torch.zeros(gates * size)), nn.Parameter(out)
        if gates > 1:  # second block of both: f of i, f, g, o, and z of r, z, n
            with torch.no_grad():
                self.bias[size : 2 * size] = keeping

    def step(self, x: Tensor, state: Tensor) -> Tensor:
        """x (B,E), state (B,D), of an LSTM h and c (B,2D) → the next state."""
        gates = F.linear(x, self.input)  # (B,GD)
        if self.cell == "lstm":
            h, c = state.chunk(2, -1)
            return torch.cat(lstm_cell(gates, h, c, self.recurrent, self.bias), -1)
        if self.cell == "gru":
            return gru_cell(gates, state, self.recurrent, self.bias)
        new = gates + F.linear(state, self.recurrent, self.bias)  # (B,D)
        return new if self.cell == "linear" else torch.tanh(new)

    def forward(self, x: Tensor) -> tuple[Tensor, list[Tensor]]:
        """x (B,T,E) → logits of the last state (B,V), and all states, the first of zeros: T + 1."""
        width = 2 * self.size if self.cell == "lstm" else self.size
        states = [x.new_zeros(len(x), width)]
        for now in x.unbind(1):
            states.append(self.step(now, states[-1]))
        return states[-1][:, : self.size] @ self.readout.T, states


@dataclass(frozen=True)
class Flow:
    """A gradient on its way back."""

    cell: str
    norms: np.ndarray
    """(T,) |dL/dh_{T-d}| for d = 0, 1, … T - 1; h and c together in an LSTM."""

    @property
    def rate(self) -> float:
        """What a step back multiplies the norm by, on geometric average; 0: nothing is left."""
        first, last, steps = self.norms[0], self.norms[-1], len(self.norms) - 1
        return float((last / first) ** (1 / steps)) if first > 0 and steps else 0.0


def flow(
    cell: str, x: np.ndarray, size: int, gain: float, keeping: float = 1.0, seed: int = 0
) -> Flow:
    """One forward and one backward pass over x (T,E): loss -log softmax(V h_T)_0, at the end alone.

    ``gain``, ``keeping``: as in ``Unrolled``.
    """
    network = Unrolled(cell, x.shape[1], size, gain, seed, keeping).double()
    inputs = torch.as_tensor(x, dtype=torch.float64)[None]  # (1,T,E)
    with torch.enable_grad():
        logits, states = network(inputs.requires_grad_())
        loss = F.cross_entropy(logits, torch.tensor([0]))
        found = torch.autograd.grad(loss, states[1:])
    return Flow(cell, np.array([float(g.norm()) for g in found[::-1]]))


@dataclass(frozen=True)
class Descent:
    """A few updates of a network that must remember the first input to the end."""

    losses: np.ndarray
    """(N,) before each update."""
    norms: np.ndarray
    """(N,) of the gradient, before clipping."""


def descend(
    cell: str,
    length: int,
    gain: float,
    clip: float | None,
    updates: int = 60,
    lr: float = 1.0,
    size: int = 24,
    seed: int = 0,
) -> Descent:
    """Plain gradient descent on the first input's class behind ``length`` - 1 inputs of noise.

    ``clip``: the largest norm of a gradient; None: as it comes. A loss that is no number ends the run.
    """
    rng = np.random.default_rng(seed)
    label = rng.integers(CLASSES, size=16)
    x = rng.standard_normal((16, length, CLASSES)) * 0.3
    x[:, 0] = np.eye(CLASSES)[label] * 2
    network, given = Unrolled(cell, CLASSES, size, gain, seed), torch.tensor(label)
    inputs = torch.tensor(x, dtype=torch.float32)
    losses, norms = [], []
    with torch.enable_grad():
        for _ in range(updates):
            loss = F.cross_entropy(network(inputs)[0], given)
            grads = torch.autograd.grad(loss, list(network.parameters()))
            norm = _norm(grads)
            losses.append(float(loss.detach()))
            norms.append(norm)
            if not np.isfinite(losses[-1]) or not np.isfinite(norm):
                break
            share = 1.0 if clip is None else min(1.0, clip / (norm + 1e-6))
            with torch.no_grad():
                for weight, g in zip(network.parameters(), grads, strict=True):
                    weight.sub_(lr * share * g)
    return Descent(np.array(losses), np.array(norms))


@torch.no_grad()
def embedded(model: Seq2Seq, source: Sequence[int]) -> np.ndarray:
    """(S,E) the model's own embeddings of a source's ids."""
    given = torch.tensor([list(source)], device=model.device)  # (1,S)
    return model.embed_source(given)[0].double().cpu().numpy()


def repeated(x: np.ndarray, length: int) -> np.ndarray:
    """Embeddings (S,E), over and over until there are ``length`` of them, scaled to a variance of 1."""
    rows = np.resize(np.arange(len(x)), length)
    return x[rows] / max(float(x.std()), 1e-9)


def _norm(gradients: Sequence[Tensor]) -> float:
    """Euclidean norm of all of them together."""
    return float(torch.stack([g.double().norm() for g in gradients]).norm())


def reach(model: Seq2Seq, source: Sequence[int], target: Sequence[int], t: int) -> np.ndarray:
    """(S,) |d(-log p(target_t)) / d x_s|: how strongly one output token's loss pulls at each source
    word's embedding, of any trained model. With attention the way is one step, whatever the distance."""
    given = torch.tensor([list(source)], device=model.device)  # (1,S)
    with torch.no_grad():
        x = model.embed_source(given)  # (1,S,E)
    with torch.enable_grad():
        x = x.detach().requires_grad_()
        memory = model.read(x, given)
        carry = model.start(memory, 1)
        logp = x.new_zeros(())
        for token, gold in zip(model.forced_input(target)[0, : t + 1], target, strict=False):
            step = model.step(token[None, None], carry, memory)
            logp, carry = step.logp[0, 0, gold], step.carry
        (grad,) = torch.autograd.grad(-logp, x)
    return grad[0].norm(dim=-1).double().cpu().numpy()
