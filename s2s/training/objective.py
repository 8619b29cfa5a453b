"""The training loss of a batch, as a module."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from s2s.data.batches import Batch
from s2s.models.contract import Seq2Seq
from s2s.text.vocabulary import Vocabulary
from s2s.training.risk import Risk


class Objective(nn.Module):
    """The training loss as a module, so that several processes can wrap it.

    With ``sampled`` > 0, that share of decoder inputs is replaced by the model's own predictions
    (scheduled sampling, Bengio et al. 2015), taken from a first pass over all time steps at once
    (Mihaylova and Martins 2019), which serves every architecture. With ``dropped`` > 0, that share of
    the tokens read on either side is hidden: the model must lean on the others. With ``risk``, a
    part of the loss is minimum risk (``risk``).
    """

    def __init__(self, model: Seq2Seq, risk: Risk | None = None, risk_weight: float = 0.0) -> None:
        super().__init__()
        self.model, self.risk, self.risk_weight = model, risk, risk_weight

    def forward(
        self, batch: Batch, smoothing: float, sampled: float = 0.0, dropped: float = 0.0
    ) -> tuple[Tensor, Tensor]:
        """Summed loss and summed negative log-likelihood of a batch."""
        tgt_in, vocabulary = batch.tgt_in, self.model.vocabulary
        if sampled > 0:
            with torch.no_grad():
                predicted = self.model(batch.src, tgt_in)[:, :-1].argmax(-1)  # (B,T-1)
            tgt_in = mixed(tgt_in, predicted, sampled, vocabulary)
        src = batch.src
        if dropped > 0:
            src, tgt_in = (hide(ids, dropped, vocabulary) for ids in (src, tgt_in))
        loss, nll = self.model.loss(src, tgt_in, batch.tgt_out, smoothing)
        if self.risk is not None:  # a mean over sentences beside a mean over tokens
            tokens = (batch.tgt_out != vocabulary.pad).sum() / len(src)
            loss = (1 - self.risk_weight) * loss + self.risk_weight * tokens * self.risk(
                self.model, batch
            )
        return loss, nll


def mixed(tgt_in: Tensor, predicted: Tensor, share: float, v: Vocabulary) -> Tensor:
    """tgt_in (B,T), behind its start a random ``share`` of it the model's own predictions (B,T-1)."""
    chosen = (torch.rand(predicted.shape, device=predicted.device) < share) & (
        tgt_in[:, 1:] != v.pad
    )
    return torch.cat([tgt_in[:, :1], torch.where(chosen, predicted, tgt_in[:, 1:])], 1)


def hide(ids: Tensor, share: float, v: Vocabulary) -> Tensor:
    """A random ``share`` of ordinary tokens becomes unk, which text itself never yields."""
    special = torch.isin(ids, torch.tensor([v.pad, v.bos, v.eos, v.unk], device=ids.device))
    return ids.masked_fill((torch.rand(ids.shape, device=ids.device) < share) & ~special, v.unk)
