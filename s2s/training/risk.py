"""Minimum risk training: what the model itself finds is rewarded for its score, not for its wording.

Cross-entropy knows one translation at a time and never sees what the model would have said. Here the
model decodes each source with a beam, its outputs u are scored against all the source's references,
and the expected cost falls (Shen et al. 2016, eq. 7; the beam as candidates and length-normalised
scores as in Edunov et al. 2018, section 3.2):

    risk = sum_u Q(u) (1 - BLEU(u)),    Q = softmax of (log p(u | src) / |u|)

Its gradient is sum_u w(u) grad log p(u | src) / |u| with w(u) = Q(u) (1 - BLEU(u) - risk), a token
loss with a weight for each candidate: what beats the beam's average becomes more probable, the rest
less.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from s2s.config import SearchOptions
from s2s.data.batches import Batch, Example, collate
from s2s.data.ids import Ids
from s2s.metrics import sentence_bleu
from s2s.models.contract import Seq2Seq
from s2s.search.beam import search
from s2s.text.tokenizer import Tokenizer


class References:
    """All targets of every training source, as text."""

    def __init__(self, ids: Ids, tokenizer: Tokenizer) -> None:
        self.tokenizer, self._ids = tokenizer, ids
        hashes = np.array([hash(tuple(ids.pair(n)[0])) for n in range(len(ids))], np.int64)
        self._order = np.argsort(hashes, kind="stable")  # rows of equal sources side by side
        self._hashes = hashes[self._order]

    def of(self, src: Sequence[int]) -> list[str]:
        """Distinct targets of a source (equal sources have equal hashes, but so may others)."""
        key = hash(tuple(src))
        first, last = (np.searchsorted(self._hashes, key, side) for side in ("left", "right"))
        pairs = (self._ids.pair(n) for n in self._order[first:last].tolist())
        found = dict.fromkeys(tuple(tgt) for s, tgt in pairs if s == list(src))
        return [self.tokenizer.decode(ids) for ids in found]


@dataclass(frozen=True)
class Risk:
    """The loss of minimum risk training; ``beam`` outputs a source are its candidates."""

    references: References
    beam: int

    def __call__(self, model: Seq2Seq, batch: Batch) -> Tensor:
        """Risk summed over sources, whose gradient is that of the module's docstring.

        Q is that of the model without dropout, as search saw it; the gradient flows with dropout.
        """
        options = SearchOptions(beam=self.beam)
        model.eval()
        traces = search(model, batch.src, options, record=False)
        model.train()
        examples, weights, total = [], [], 0.0
        for trace in traces:
            outputs = [list(h.tokens) for h in trace.hypotheses]
            references = self.references.of(trace.source)
            texts = [self.references.tokenizer.decode(ids) for ids in outputs]
            cost = torch.tensor([1 - sentence_bleu(t, references) / 100 for t in texts])  # (U)
            q = torch.tensor([h.total / len(h.tokens) for h in trace.hypotheses]).softmax(0)
            risk = float(q @ cost)
            total += risk
            for ids, w in zip(outputs, (q * (cost - risk)).tolist(), strict=True):
                if w:
                    examples.append(Example(list(trace.source), ids))
                    weights.append(w / len(ids))
        if not examples:  # every output is as good as the others
            return batch.src.new_zeros((), dtype=torch.float) + total
        found = collate(examples, model.vocabulary).to(batch.src.device)
        rows = torch.tensor(weights, device=batch.src.device)[:, None].expand(found.tgt_out.shape)
        loss, _ = model.loss(found.src, found.tgt_in, found.tgt_out, 0.0, rows)
        return total - loss + loss.detach()
