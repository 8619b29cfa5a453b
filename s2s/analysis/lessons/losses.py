"""The training loss of one pair, token by token, and the gradient that it sends into the weights.

S source length · T target length · V vocabulary.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from s2s.models.contract import Seq2Seq
from s2s.models.recurrent.copying import repeated_looks
from s2s.training.objective import hide, mixed


@dataclass(frozen=True)
class TokenLosses:
    """Each token's share of the loss; arrays (T,), nats."""

    nll: np.ndarray
    """-log p(y_t | y_<t, x): cross-entropy against the one right token."""
    spread: np.ndarray
    """-1/V sum_v log p(v): cross-entropy against all tokens alike."""
    repeated: np.ndarray
    """What coverage makes a model pay for looking again (See et al. 2017, eq. 12); else 0."""
    best: tuple[int, ...]
    """The most probable token of each step."""

    def smoothed(self, smoothing: float) -> np.ndarray:
        """(1-ε) nll + ε spread: label smoothing (Szegedy et al. 2016, section 7), (T,)."""
        return (1 - smoothing) * self.nll + smoothing * self.spread + self.repeated

    @property
    def perplexity(self) -> float:
        """exp of the mean nll: among how many equally probable tokens the model would be choosing."""
        return float(np.exp(self.nll.mean()))


@torch.no_grad()
def token_losses(
    model: Seq2Seq,
    source: Sequence[int],
    target: Sequence[int],
    tgt_in: Sequence[int] | None = None,
) -> TokenLosses:
    """source, target: ids that end with eos. ``tgt_in``: what the decoder reads, if not the target."""
    given = torch.tensor([list(source)], device=model.device)  # (1,S)
    read = model.forced_input(target)  # (1,T)
    if tgt_in is not None:
        read = torch.tensor([list(tgt_in)], device=model.device)
    gold = torch.tensor(list(target), device=model.device)  # (T)
    written = model(given, read)[0]  # (T,V)
    # a copying model's smoothing stays with what it generates
    generated = model.predict(model.hidden(given, read))[0]  # (T,V)
    repeated = torch.zeros(len(gold))
    if getattr(model.config, "coverage", False):
        alpha = model.attentions(given, target).cross  # (1,1,T,S)
        assert alpha is not None
        repeated = repeated_looks(alpha[0]).squeeze(0)
    return TokenLosses(
        nll=-written.gather(1, gold[:, None]).squeeze(1).double().cpu().numpy(),
        spread=-generated.double().mean(1).cpu().numpy(),
        repeated=repeated.double().cpu().numpy(),
        best=tuple(written.argmax(1).tolist()),
    )


def scheduled(
    model: Seq2Seq, source: Sequence[int], target: Sequence[int], share: float, seed: int = 0
) -> tuple[list[int], TokenLosses]:
    """What the decoder reads in scheduled sampling (Bengio et al. 2015), (T,), and the losses then.

    A random ``share`` of the inputs are the model's own predictions, as in training: those of a first
    pass over the gold target (Mihaylova and Martins 2019).
    """
    own = token_losses(model, source, target).best
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        read = model.forced_input(target).cpu()  # (1,T)
        read = mixed(read, torch.tensor([own[:-1]], dtype=torch.long), share, model.vocabulary)
    tgt_in = read[0].tolist()
    return tgt_in, token_losses(model, source, target, tgt_in)


def hidden_words(model: Seq2Seq, ids: Sequence[int], share: float, seed: int = 0) -> list[int]:
    """``ids`` as word dropout shows them to the model: a random ``share`` behind unk."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        return hide(torch.tensor([list(ids)]), share, model.vocabulary)[0].tolist()


@dataclass(frozen=True)
class Pull:
    """What one pair would do to the weights: the gradient of its loss a token."""

    loss: float
    """A token, smoothed."""
    gradients: dict[str, np.ndarray]
    """Name of a weight → d loss / d weight, in its shape."""

    @property
    def norms(self) -> dict[str, float]:
        """Euclidean norm of each weight's gradient."""
        return {name: float(np.linalg.norm(g)) for name, g in self.gradients.items()}

    @property
    def norm(self) -> float:
        """Of all of them together: what clipping looks at."""
        return float(np.sqrt(sum(n * n for n in self.norms.values())))

    def clipped(self, most: float) -> float:
        """What every gradient is multiplied by: min(1, most / norm) (Pascanu et al. 2013, algorithm 1)."""
        return min(1.0, most / (self.norm + 1e-6))  # torch's clip_grad_norm_ adds as much

    def steepest(self) -> tuple[str, tuple[int, ...]]:
        """The single number with the largest gradient: its weight's name, its place in it."""
        name = max(self.gradients, key=lambda n: float(np.abs(self.gradients[n]).max()))
        g = self.gradients[name]
        return name, tuple(int(i) for i in np.unravel_index(int(np.abs(g).argmax()), g.shape))


def pull(
    model: Seq2Seq, source: Sequence[int], target: Sequence[int], smoothing: float = 0.1
) -> Pull:
    """One backward pass of one pair; nothing is left on the model. source, target: ids with their ends."""
    given = torch.tensor([list(source)], device=model.device)  # (1,S)
    gold = torch.tensor([list(target)], device=model.device)  # (1,T)
    weights = dict(model.named_parameters())
    with torch.enable_grad():
        loss, _ = model.loss(given, model.forced_input(target), gold, smoothing)
        loss = loss / len(target)
        found: tuple[Tensor | None, ...] = torch.autograd.grad(
            loss, list(weights.values()), allow_unused=True
        )
    gradients = {
        name: g.float().cpu().numpy()
        for name, g in zip(weights, found, strict=True)
        if g is not None
    }
    return Pull(float(loss.detach()), gradients)
