"""Cross-entropy with the output projection inside, in chunks.

D model size · V vocabulary.
"""

from __future__ import annotations

import torch
from torch import Tensor


def projected_cross_entropy(
    hidden: Tensor,
    weight: Tensor,
    target: Tensor,
    smoothing: float,
    rows: Tensor | None = None,
    copying: tuple[Tensor, Tensor] | None = None,
) -> tuple[Tensor, Tensor]:
    """Summed loss and summed negative log-likelihood of ``hidden`` (N,D) @ ``weight`` (V,D).T.

    ``target`` (N) gold ids, ``rows`` (N) what each row's loss is multiplied by, ``copying`` a copying
    model's log p_gen and log((1-p_gen) copy mass of the gold token), (N) each. The second result has
    no gradient and knows no ``rows``.
    """
    return ProjectedCrossEntropy.apply(
        hidden, weight, target, smoothing, rows, *(copying or (None, None))
    )


class ProjectedCrossEntropy(torch.autograd.Function):
    """Cross-entropy of hidden @ W.T with label smoothing, without ever holding all logits.

    loss = logsumexp(z) - (1-eps) z_y - eps mean(z) (Szegedy et al. 2016, section 7). A copying model
    (See et al. 2017, eq. 9) also gives log p_gen and log((1-p_gen) copy mass of y): then the gold
    token's part is -log(p_gen softmax(z)_y + (1-p_gen) copy_y), and the smoothing stays with z. Of the
    gold token's gradient the generator answers for r = p_gen softmax(z)_y / p(y). Rows go through
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
        answers = []
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
                part_nll, r = -logp, 1.0
                if log_gen is not None:
                    generated = log_gen[part, None].float() + logp
                    part_nll = -torch.logaddexp(generated, log_copy[part, None].float())
                    r = (generated + part_nll).exp()  # (n,1)
                    answers.append(r)
                    grad *= ((1 - smoothing) * r + smoothing).to(grad.dtype)
                nll += part_nll.sum()
                part_loss = (1 - smoothing) * part_nll + smoothing * (gold - logp)
                loss += (rows[part, None].float() * part_loss).sum()
                fall = torch.zeros_like(gold) + (smoothing - 1) * r  # (n,1)
                cell = torch.arange(len(y), device=y.device) * len(w) + y[:, 0]
                # scatter_add_ on (n,V) is far slower on a CPU
                grad.view(-1).index_add_(0, cell, fall[:, 0].to(grad.dtype))
                grad_h[part] += (grad @ w) * rows[part, None]
                grad_w += grad.t() @ scaled_h[part]
        grad_gen = torch.cat(answers)[:, 0] * (smoothing - 1) * rows.float() if answers else None
        ctx.save_for_backward(grad_h, grad_w, grad_gen, rows)
        ctx.dtype, ctx.smoothing = hidden.dtype, smoothing
        ctx.mark_non_differentiable(nll)
        return loss, nll

    @staticmethod
    def backward(ctx, grad_loss: Tensor, _):
        grad_h, grad_w, grad_gen, rows = ctx.saved_tensors
        grads = (grad_h * grad_loss).to(ctx.dtype), grad_w * grad_loss, None, None, None
        if grad_gen is None:
            return *grads, None, None
        grad_copy = (ctx.smoothing - 1) * rows - grad_gen  # what copying answers for
        return *grads, grad_gen * grad_loss, grad_copy * grad_loss
