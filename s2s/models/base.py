"""The contract between architectures and everything else, and the parts they share.

B sources · K hypotheses a source · S source length · T target length · V vocabulary · D model size ·
L layers · H heads.

Search, training and the app know an architecture by four calls: ``encode``, ``start``, ``step`` and
``forward``. ``memory`` and ``carry`` are flat dicts of tensors: memory has one row a source
(B, ...) and is never copied per hypothesis; carry has one row a hypothesis (B, K, ...) and is the
only thing that search re-orders.
"""

from __future__ import annotations

from typing import ClassVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from s2s.tokenizer import BOS, PAD, UNK

Memory = dict[str, Tensor]
Carry = dict[str, Tensor]


class Seq2Seq(nn.Module):
    """An encoder-decoder. Subclasses implement encode, start, step and hidden."""

    embedding: nn.Embedding
    config_class: type
    never: tuple[int, ...] = (PAD, UNK, BOS)
    """Ids that no output contains; whoever has the vocabulary adds its control tokens."""

    def encode(self, src: Tensor) -> Memory:
        """src (B,S) → memory, one row a source."""
        raise NotImplementedError

    def start(self, memory: Memory, hypotheses: int) -> Carry:
        """Decoder state before the first token: one row a hypothesis, (B,K,...)."""
        raise NotImplementedError

    def step(
        self, token: Tensor, carry: Carry, memory: Memory
    ) -> tuple[Tensor, Tensor | None, Carry]:
        """token (B,K) → logits (B,K,V), attention (B,K,L,H,S) or None, the next carry.

        Attention rows sum to 1 over S and are 0 at padding.
        """
        raise NotImplementedError

    def hidden(self, src: Tensor, tgt_in: Tensor) -> Tensor:
        """Teacher forcing: (B,S), (B,T) → what is projected to the vocabulary, (B,T,D)."""
        raise NotImplementedError

    def project(self, hidden: Tensor) -> Tensor:
        """(...,D) → logits (...,V), by the tied embedding matrix (Press and Wolf 2017)."""
        return F.linear(hidden, self.embedding.weight)

    def forward(self, src: Tensor, tgt_in: Tensor) -> Tensor:
        """Teacher forcing: src (B,S), tgt_in (B,T) starting with BOS → logits (B,T,V)."""
        return self.project(self.hidden(src, tgt_in))

    def loss(
        self,
        src: Tensor,
        tgt_in: Tensor,
        tgt_out: Tensor,
        smoothing: float,
        share: Tensor | None = None,
    ) -> tuple[Tensor, Tensor]:
        """Summed label-smoothed loss and plain negative log-likelihood (nats) of real tokens.

        ``share`` (B,T): what each token's loss is multiplied by; None: 1.
        """
        hidden = self.hidden(src, tgt_in)
        real = tgt_out != PAD  # (B,T)
        rows = None if share is None else share[real]
        return ProjectedCrossEntropy.apply(
            hidden[real], self.embedding.weight, tgt_out[real], smoothing, rows
        )


class ProjectedCrossEntropy(torch.autograd.Function):
    """Cross-entropy of hidden @ W.T with label smoothing, without ever holding all logits.

    loss = logsumexp(z) - (1-eps) z_y - eps mean(z) (Szegedy et al. 2016, section 7). A copying model
    (See et al. 2017, eq. 9) also gives log p_gen and log((1-p_gen) copy mass of y): then the gold
    token's part is -log(p_gen softmax(z)_y + (1-p_gen) copy_y), and the smoothing stays with z. Of the
    gold token's gradient the generator receives the share r = p_gen softmax(z)_y / p(y). Rows go through
    in chunks and their gradient softmax(z) - (1-eps) onehot(y) - eps/V is made in the forward
    pass, so memory stays at chunk x V and each product runs once. The mean over z that smoothing takes
    needs sums of W and of h, no pass over the logits.
    """

    chunk = 1024

    @staticmethod
    def forward(
        ctx, hidden, weight, target, smoothing: float, rows=None, log_gen=None, log_copy=None
    ):
        """hidden (N,D), weight (V,D), target (N), and (N) or None: what each row's loss is
        multiplied by, log_gen, log_copy → summed loss, summed nll (neither gradient nor rows)."""
        device = hidden.device.type
        dtype = torch.get_autocast_dtype(device) if torch.is_autocast_enabled(device) else None
        shares = []
        with torch.autocast(device, enabled=False):
            w, h = weight.to(dtype or weight.dtype), hidden.to(dtype or weight.dtype)
            mean_w = weight.mean(0)  # (D)
            rows = h.new_ones(len(h)) if rows is None else rows.to(h.dtype)
            scaled_h = h * rows[:, None]  # (N,D)
            grad_h = (-smoothing * mean_w).to(h.dtype) * rows[:, None]  # (N,D)
            grad_w = (-smoothing / len(w) * scaled_h.sum(0).float()).expand(weight.shape)
            grad_w = grad_w.contiguous()
            loss = -smoothing * (scaled_h.float() @ mean_w).sum()
            nll = torch.zeros((), device=h.device)
            for i in range(0, len(h), ProjectedCrossEntropy.chunk):
                part = slice(i, i + ProjectedCrossEntropy.chunk)
                y = target[part, None]  # (n,1)
                z = h[part] @ w.t()  # (n,V)
                gold = z.gather(1, y).float()  # (n,1)
                grad = z.softmax(1)
                logp = grad.gather(1, y).float().clamp_min(1e-30).log()  # z_y - lse
                part_nll, share = -logp, 1.0
                if log_gen is not None:
                    generated = log_gen[part, None].float() + logp
                    part_nll = -torch.logaddexp(generated, log_copy[part, None].float())
                    share = (generated + part_nll).exp()  # (n,1)
                    shares.append(share)
                    grad *= ((1 - smoothing) * share + smoothing).to(grad.dtype)
                nll += part_nll.sum()
                part_loss = (1 - smoothing) * part_nll + smoothing * (gold - logp)
                loss += (rows[part, None].float() * part_loss).sum()
                fall = torch.zeros_like(gold) + (smoothing - 1) * share  # (n,1)
                cell = torch.arange(len(y), device=y.device) * len(w) + y[:, 0]
                # scatter_add_ on (n,V) is far slower on a CPU
                grad.view(-1).index_add_(0, cell, fall[:, 0].to(grad.dtype))
                grad_h[part] += (grad @ w) * rows[part, None]
                grad_w += grad.t() @ scaled_h[part]
        share = torch.cat(shares)[:, 0] * (smoothing - 1) * rows.float() if shares else None
        ctx.save_for_backward(grad_h, grad_w, share, rows)
        ctx.dtype, ctx.smoothing = hidden.dtype, smoothing
        ctx.mark_non_differentiable(nll)
        return loss, nll

    @staticmethod
    def backward(ctx, grad_loss: Tensor, _):
        grad_h, grad_w, grad_gen, rows = ctx.saved_tensors
        grads = (grad_h * grad_loss).to(ctx.dtype), grad_w * grad_loss, None, None, None
        if grad_gen is None:
            return *grads, None, None
        grad_copy = (ctx.smoothing - 1) * rows - grad_gen  # the other share
        return *grads, grad_gen * grad_loss, grad_copy * grad_loss


class Dropout(nn.Module):
    """Dropout (Srivastava et al. 2014). On the CPU the mask is a random slice of a drawn-once pool.

    Drawing fresh Bernoulli masks took 19 % of a Transformer's training step there; a slice at a
    random offset costs one small integer. The pool depends on nothing but the rate and the type, and the
    offset comes from torch's generator, so a resumed run sees the same masks.
    """

    pool_size = 1 << 24
    _pools: ClassVar[dict[tuple[float, torch.dtype], Tensor]] = {}

    def __init__(self, rate: float) -> None:
        super().__init__()
        self.rate = rate

    def forward(self, x: Tensor) -> Tensor:
        if not self.training or self.rate == 0:
            return x
        if x.device.type != "cpu" or x.numel() > self.pool_size // 2:
            return F.dropout(x, self.rate, training=True)
        key = (self.rate, x.dtype)
        if key not in self._pools:
            generator = torch.Generator().manual_seed(0)
            keep = torch.empty(self.pool_size).bernoulli_(1 - self.rate, generator=generator)
            self._pools[key] = keep.div_(1 - self.rate).to(x.dtype)
        offset = int(torch.randint(self.pool_size - x.numel(), ()))
        return x * self._pools[key][offset : offset + x.numel()].view(x.shape)


def make_embedding(vocabulary: int, size: int) -> nn.Embedding:
    """Embedding that also serves as output projection: scale 1/sqrt(D) keeps logits near 1."""
    embedding = nn.Embedding(vocabulary, size, padding_idx=PAD)
    nn.init.normal_(embedding.weight, 0, size**-0.5)
    with torch.no_grad():
        embedding.weight[PAD].zero_()
    return embedding
