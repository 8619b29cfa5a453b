"""Copying from the source: the pointer-generator (See et al. 2017).

B sources · T steps or hypotheses · S source length · V vocabulary.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def mixture(logp: Tensor, alpha: Tensor, gate: Tensor, src: Tensor) -> Tensor:
    """Log-probabilities (B,T,V) of p_gen P_vocab + (1 - p_gen) sum_{i: src_i = w} alpha_i.

    logp (B,T,V) of P_vocab, alpha (B,T,S), gate (B,T) the logit of p_gen, src (B,S). See et al. 2017,
    eq. 9. The vocabulary spells any text, so copying needs no extension of it.
    """
    copied = torch.zeros_like(logp)
    copied.scatter_add_(2, src[:, None].expand_as(alpha), alpha.float())
    copied = copied.clamp_min(1e-30).log() + F.logsigmoid(-gate)[..., None]
    return torch.logaddexp(logp + F.logsigmoid(gate)[..., None], copied)


def copied_gold(alpha: Tensor, gate: Tensor, src: Tensor, gold: Tensor) -> tuple[Tensor, Tensor]:
    """log p_gen and log((1 - p_gen) copy mass) of the gold tokens (B,T), each (B,T)."""
    same = src[:, None] == gold[:, :, None]  # (B,T,S)
    mass = (alpha * same).sum(-1)  # (B,T)
    return F.logsigmoid(gate), mass.clamp_min(1e-30).log() + F.logsigmoid(-gate)


def repeated_looks(alpha: Tensor) -> Tensor:
    """sum_i min(alpha_ti, c_ti), c the attention so far (See et al. 2017, eq. 10 and 12): (B,T)."""
    before = alpha.cumsum(1) - alpha  # (B,T,S)
    return torch.minimum(alpha, before).sum(-1)
