"""Which source word did an output token hang on: gradients, paths, and words left out.

R rows (a word hidden in each, or a point of a path) · S source pieces · T target pieces · W words ·
E embedding size.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from s2s.analysis.attention import Span
from s2s.models.contract import Seq2Seq

POINTS = 32  # of the path integral
CHUNK = 8  # rows that go through the model together: between two, progress is told
TOKENS = 600  # rows x T that are forced at once, without gradients


@dataclass(frozen=True)
class Attribution:
    """What each source piece did for one output token; arrays (S,), nats. Signs: positive supports it."""

    step: int
    logprob: float
    """Of the token, with the whole source."""
    blank: float
    """Of the token, with zeros in the place of every word."""
    gradient: np.ndarray
    """Gradient x input: sum_d x_sd d log p / d x_sd (Shrikumar et al. 2017, section 3.3)."""
    integrated: np.ndarray
    """Integrated gradients from zeros (Sundararajan et al. 2017, eq. 1)."""

    @property
    def gap(self) -> float:
        """What integrated gradients leave unexplained: they should add up to logprob - blank
        (completeness, Sundararajan et al. 2017, proposition 1)."""
        return float(self.integrated.sum()) - (self.logprob - self.blank)


@dataclass
class Progress:
    """How far an attribution is; ``result`` when it is done."""

    share: float
    result: Attribution | None = None


def attribute(
    model: Seq2Seq, source: Sequence[int], target: Sequence[int], t: int, points: int = POINTS
) -> Iterator[Progress]:
    """Gradient x input and integrated gradients of log p(target_t | target_<t, source).

    The path runs from zeros to the word embeddings, positions and end token kept; the integral by
    Gauss and Legendre's rule of ``points`` points.
    """
    given = torch.tensor([list(source)], device=model.device)  # (1,S)
    with torch.no_grad():
        x = model.embed_source(given)  # (1,S,E)
    base = torch.zeros_like(x)
    base[:, -1] = x[:, -1]  # the end stays: there is no source without one
    node, weight = np.polynomial.legendre.leggauss(points)
    node, weight = (node + 1) / 2, weight / 2
    whole, gradient = _gradient(model, x, given, target, t)
    with torch.no_grad():
        blank = float(_logp(model, base, given, target, t)[0])
    sums = torch.zeros_like(x[0], dtype=torch.float64)  # (S,E)
    for begin in range(0, points, CHUNK):
        yield Progress(begin / points)
        at = torch.tensor(node[begin : begin + CHUNK], dtype=x.dtype, device=x.device)  # (R)
        rows = base + at[:, None, None] * (x - base)  # (R,S,E)
        _, grads = _gradient(model, rows, given.expand(len(rows), -1), target, t)
        share = torch.tensor(weight[begin : begin + CHUNK], device=x.device)  # (R)
        sums += (grads.double() * share[:, None, None]).sum(0)
    result = Attribution(
        t,
        float(whole[0]),
        blank,
        (gradient * x).sum(-1)[0].cpu().numpy(),
        (sums * (x - base)[0].double()).sum(-1).cpu().numpy(),
    )
    yield Progress(1.0, result)


def _gradient(
    model: Seq2Seq, rows: Tensor, source: Tensor, target: Sequence[int], t: int
) -> tuple[Tensor, Tensor]:
    """Log-probabilities (R) of token t and their gradients by the embeddings, (R,S,E)."""
    with torch.enable_grad():
        leaf = rows.detach().clone().requires_grad_(True)
        logp = _logp(model, leaf, source, target, t)
        (gradient,) = torch.autograd.grad(logp.sum(), leaf)
    return logp.detach(), gradient


def _logp(
    model: Seq2Seq, embedded: Tensor, source: Tensor, target: Sequence[int], t: int
) -> Tensor:
    """log p of token t (R), for sources that are given as embeddings (R,S,E)."""
    return model.follow(model.read(embedded, source), target[: t + 1])[:, t, target[t]]


@dataclass
class Erasing:
    """How far leaving words out is; ``drops`` when it is done."""

    share: float
    drops: np.ndarray | None = None


def leave_one_out(
    model: Seq2Seq, source: Sequence[int], target: Sequence[int], words: Sequence[Span]
) -> Iterator[Erasing]:
    """(T,W) by how much the log-probability of each token falls when a source word is hidden.

    Representation erasure (Li et al. 2016, eq. 1) with the word hidden, not deleted: the others keep
    their places. The last word is the end of the sentence and stays: its column is 0.
    """
    given = torch.tensor([list(source)], device=model.device)
    hidden, tokens = words[:-1], torch.tensor(list(target), device=model.device)  # (T)
    seen = torch.ones(len(hidden) + 1, len(source), dtype=torch.bool, device=model.device)  # (R,S)
    for row, (_, a, b) in enumerate(hidden):
        seen[row, a:b] = False
    found, chunk = [], max(4, min(32, TOKENS // len(target)))
    for begin in range(0, len(seen), chunk):
        yield Erasing(begin / len(seen))
        part = seen[begin : begin + chunk]
        rows = given.expand(len(part), -1)
        with torch.inference_mode():
            memory = model.read(model.embed_source(rows), rows, part)
            logp = model.follow(memory, target)  # (R,T,V)
            found.append(logp.gather(2, tokens.expand(len(part), -1)[..., None]).squeeze(2))
    logp = torch.cat(found).double()  # (R,T), the last row with every word
    drop = (logp[-1] - logp[:-1]).T.cpu().numpy()  # (T,R-1)
    yield Erasing(1.0, np.concatenate([drop, np.zeros((len(target), 1))], 1))


def by_word(values: np.ndarray, words: Sequence[Span]) -> np.ndarray:
    """(...,S) → (...,W): a word gets what its pieces get together."""
    return np.stack([values[..., a:b].sum(-1) for _, a, b in words], -1)


@dataclass(frozen=True)
class Agreement:
    """Two ways of ranking the same source words."""

    same_first: bool
    """Whether both put the same word first."""
    correlation: float
    """Spearman's rank correlation, -1 to 1; nan if one of them ranks nothing."""


def agreement(a: np.ndarray, b: np.ndarray) -> Agreement:
    """Of two importances (W,), both ≥ 0."""
    x, y = ranks(a), ranks(b)
    spread = float(x.std() * y.std())
    correlation = float(((x - x.mean()) * (y - y.mean())).mean() / spread) if spread else np.nan
    return Agreement(int(a.argmax()) == int(b.argmax()), correlation)


def ranks(values: np.ndarray) -> np.ndarray:
    """Ranks (W,) from 0, ties share their mean."""
    _, group, count = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    return (ends - (count + 1) / 2)[group]


@dataclass(frozen=True)
class Deletion:
    """What hiding a word costs a token (DeYoung et al. 2020, comprehensiveness, of one word)."""

    word: int
    """The most attended source word, the end left out."""
    drop: float
    """Fall of the log-probability when it is hidden."""
    others: float
    """Mean fall over all other words: what a random one costs, exactly."""
    worst: int = field(default=0)
    """The word whose hiding costs most."""


def deletion(attention: np.ndarray, drops: np.ndarray) -> Deletion | None:
    """Of one token: attention and drops by word (W,), the end last. None: no other word to compare."""
    look, fall = attention[:-1], drops[:-1]
    if len(look) < 2:
        return None
    first = int(look.argmax())
    return Deletion(
        first, float(fall[first]), float(np.delete(fall, first).mean()), int(fall.argmax())
    )


def responsible(drops: np.ndarray) -> np.ndarray:
    """(T,W) drops → shares of what each token lost in all, rows sum to 1 or are 0; gains count as 0."""
    lost = np.maximum(drops, 0)
    total = lost.sum(1, keepdims=True)
    return np.divide(lost, total, out=np.zeros_like(lost), where=total > 0)
