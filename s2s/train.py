"""Training as a generator of ``Progress``: a terminal and a page can both show it.

A run is a function of its config and the step: batches depend on (seed, epoch), randomness within a
step on (seed, step, process). So a run killed at any moment and resumed from its last state is the
run that was never interrupted.
"""

from __future__ import annotations

import json
import math
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import Tensor, nn

from s2s import checkpoint, data
from s2s.config import Config, TrainConfig
from s2s.errors import S2SError
from s2s.models import build
from s2s.models.base import Seq2Seq
from s2s.progress import Meter, Progress, check_divergence
from s2s.risk import References, Risk
from s2s.runstate import RunState
from s2s.tasks import TASKS, leave_open
from s2s.tokenizer import EOS, PAD, UNK, Tokenizer
from s2s.validation import validation
from s2s.variants import casual, find_names, renamed

STATE, HISTORY = "state.safetensors", "history.jsonl"


class Objective(nn.Module):
    """The training loss as a module, so that several processes can wrap it.

    With ``sampled`` > 0, that share of decoder inputs is replaced by the model's own predictions
    (scheduled sampling, Bengio et al. 2015), taken from a first pass over all time steps at once
    (Mihaylova and Martins 2019), which serves every architecture. With ``dropped`` > 0, that share of
    the tokens read on either side is hidden: the model must lean on the others. With ``risk``, a
    share of the loss is minimum risk (``s2s.risk``).
    """

    def __init__(self, model: Seq2Seq, risk: Risk | None = None, share: float = 0.0) -> None:
        super().__init__()
        self.model, self.risk, self.share = model, risk, share

    def forward(
        self, batch: data.Batch, smoothing: float, sampled: float = 0.0, dropped: float = 0.0
    ) -> tuple[Tensor, Tensor]:
        """Summed loss and summed negative log-likelihood of a batch."""
        tgt_in = batch.tgt_in
        if sampled > 0:
            with torch.no_grad():
                predicted = self.model(batch.src, tgt_in)[:, :-1].argmax(-1)  # (B,T-1)
            replace = (torch.rand(predicted.shape, device=predicted.device) < sampled) & (
                tgt_in[:, 1:] != PAD
            )
            tgt_in = torch.cat([tgt_in[:, :1], torch.where(replace, predicted, tgt_in[:, 1:])], 1)
        src = batch.src
        if dropped > 0:
            src, tgt_in = _hide(src, dropped), _hide(tgt_in, dropped)
        loss, nll = self.model.loss(src, tgt_in, batch.tgt_out, smoothing)
        if self.risk is not None:  # a mean over sentences beside a mean over tokens
            tokens = (batch.tgt_out != PAD).sum() / len(src)
            loss = (1 - self.share) * loss + self.share * tokens * self.risk(self.model, batch)
        return loss, nll


def _hide(ids: Tensor, share: float) -> Tensor:
    """A random ``share`` of ordinary tokens becomes UNK, which text itself never yields."""
    return ids.masked_fill((torch.rand(ids.shape, device=ids.device) < share) & (ids > EOS), UNK)


def learning_rate(step: int, c: TrainConfig) -> float:
    """Linear warm-up, then a cosine down to ``final_lr`` of the peak (Loshchilov and Hutter 2017)."""
    if step < c.warmup:
        return c.lr * (step + 1) / c.warmup
    done = (step - c.warmup) / max(1, c.steps - c.warmup)
    return c.lr * (c.final_lr + (1 - c.final_lr) * 0.5 * (1 + math.cos(math.pi * min(1.0, done))))


def train(config: Config, folder: Path, out: Path, resume: bool = False) -> Iterator[Progress]:
    """Train ``config`` on the files below ``folder``; the checkpoint grows in ``out``.

    Yields progress every ``log_every`` steps. SIGINT and SIGTERM save and end the run.
    """
    c = config.train
    accelerator = _accelerator(c)
    device = accelerator.device
    bf16 = _bf16(c, device)
    if c.threads:
        torch.set_num_threads(c.threads)
    main = accelerator.is_main_process
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise S2SError(f"{out} cannot be made a folder ({error.strerror}).") from None
    if (out / STATE).exists() and not resume:
        raise S2SError(f"{out} holds an unfinished run; add --resume, or choose another --out.")

    task = TASKS[config.task]
    with accelerator.main_process_first():
        corpus = data.load_corpus(config.data, folder, task)
        tokenizer = _tokenizer(config, corpus, out)
    if main:
        suffix = "tsv" if task.split_sentences else "jsonl"
        for part, given, pairs in (
            ("valid", config.data.valid, corpus.valid),
            ("test", config.data.test, corpus.test),
        ):
            if not given:
                data.write_pairs(out / f"{part}.{suffix}", pairs, task.fields)
    groups = _examples(config, corpus, tokenizer)
    shares = config.data.share or (1.0,) * len(groups)
    if len(shares) != len(groups):
        raise S2SError("data.share must name one share for each file of data.train.")

    torch.manual_seed(c.seed)
    model = build(config.architecture, tokenizer.size, config.model).to(device)
    model.never += tokenizer.controls
    if c.init and not resume:
        _start_from(checkpoint.load(c.init), config, model)
    objective = Objective(model, _risk(config, groups, tokenizer), c.risk)
    optimizer = torch.optim.AdamW(
        model.parameters(), c.lr, betas=(0.9, c.beta2), eps=1e-9, weight_decay=c.weight_decay,
        fused=device.type != "mps",
    )  # fmt: skip
    state = RunState(model, optimizer)
    if resume:
        state.load(out / STATE, config)
    wrapped, optimizer = accelerator.prepare(objective, optimizer)

    validate = validation(config, corpus.valid, tokenizer, device)
    report = Meter(state.step, tokenizer.size)
    note = f"data: {corpus.report}"  # told once, with the first progress
    with _stop_signal() as stopped:
        while state.step < c.steps:
            each = c.batch_tokens // accelerator.num_processes
            stream = data.epoch(groups, shares, each, f"{c.seed}/{state.epoch}")
            stream = _by_process(stream, accelerator.num_processes)
            for share in islice(stream, state.in_epoch, None):
                lr = learning_rate(state.step, c)
                for group in optimizer.param_groups:
                    group["lr"] = lr
                torch.manual_seed(hash((c.seed, state.step, accelerator.process_index)) % 2**63)
                tokens = sum(len(e.tgt) for batch in share for e in batch)  # of all processes
                batch = data.collate(share[accelerator.process_index]).to(device)
                sampled = c.scheduled_sampling * state.step / c.steps
                with torch.autocast(device.type, torch.bfloat16, enabled=bf16):
                    loss, nll = wrapped(batch, c.smoothing, sampled, c.word_dropout)
                # gradients are averaged over processes: scale back to a mean over all tokens
                accelerator.backward(loss * (accelerator.num_processes / tokens))
                norm = accelerator.clip_grad_norm_(model.parameters(), c.clip)
                mine = sum(len(e.tgt) for e in share[accelerator.process_index])
                report.add(float(loss.detach()) / mine, float(nll) / mine, float(norm), tokens)
                check_divergence(report, state, c)
                optimizer.step()
                optimizer.zero_grad(set_to_none=True)
                state.advance(c.average, tokens)

                ended = stopped() or state.step == c.steps
                metric = sample = None
                if state.step % c.eval_every == 0 or state.step == c.steps:
                    with state.averaged():
                        metric, sample = validate(model)
                        if state.record(metric) and main:
                            checkpoint.save(out, config, model.state_dict(), tokenizer)
                    if c.patience and state.stale >= c.patience:
                        ended = True
                if main and (ended or state.step % c.save_every == 0):
                    state.save(out / STATE, config)
                if ended or metric is not None or state.step % c.log_every == 0:
                    progress = report.progress(state, c, lr, metric, sample, note)
                    note = ""
                    if main:
                        with open(out / HISTORY, "a", encoding="utf-8") as history:
                            history.write(json.dumps(asdict(progress), ensure_ascii=False) + "\n")
                    yield progress
                if ended:
                    return
            state.epoch, state.in_epoch = state.epoch + 1, 0


# ------------------------------------------------------------------------------------- preparation
def _accelerator(c: TrainConfig) -> Accelerator:
    if c.device not in ("auto", "cpu", "cuda", "mps"):
        raise S2SError(f"train.device must be auto, cpu, cuda or mps, not {c.device!r}.")
    if c.precision not in ("auto", "bf16", "fp32"):
        raise S2SError(f"train.precision must be auto, bf16 or fp32, not {c.precision!r}.")
    if c.device == "cuda" and not torch.cuda.is_available():
        raise S2SError("train.device=cuda, but this machine has no CUDA device.")
    if c.device == "mps" and not torch.backends.mps.is_available():
        raise S2SError("train.device=mps, but this machine has no MPS device.")
    # without a word for the CPU, several processes would each train alone where nothing else is
    found = torch.cuda.is_available() or torch.backends.mps.is_available()
    on_cpu = c.device == "cpu" or (c.device == "auto" and not found)
    return Accelerator(mixed_precision="no", cpu=on_cpu)


def _bf16(c: TrainConfig, device: torch.device) -> bool:
    """Whether to run products in bfloat16."""
    if c.precision == "auto":
        fast = {"cpu": _cpu_has_bf16, "cuda": torch.cuda.is_bf16_supported}
        return fast.get(device.type, bool)()
    return c.precision == "bf16"


def _cpu_has_bf16() -> bool:
    """Whether bf16 products are fast here (AVX-512 BF16); elsewhere they are emulated, and slow."""
    known = getattr(torch.cpu, "get_capabilities", dict)()  # torch before 2.12 has no such function
    return bool(known.get("avx512_bf16", False))


def _tokenizer(config: Config, corpus: data.Corpus, out: Path) -> Tokenizer:
    path = out / checkpoint.TOKENIZER
    if path.exists():
        return Tokenizer.load(path)
    if config.train.init:
        tokenizer = checkpoint.load(config.train.init).tokenizer
        path.write_bytes(tokenizer.model)
        return tokenizer
    task = TASKS[config.task]
    pairs = [pair for part in corpus.train for pair in part]
    sources = dict.fromkeys(text for src, _ in pairs for text in task.texts(src))
    texts = [*sources, *dict.fromkeys(tgt for _, tgt in pairs)]  # turns of a chat occur often
    tokenizer = Tokenizer.train(texts, config.data.vocab, task.controls)
    path.write_bytes(tokenizer.model)
    return tokenizer


def _start_from(given: checkpoint.Checkpoint, config: Config, model: Seq2Seq) -> None:
    """Take over the weights of a checkpoint. Raises S2SError if it is another model."""
    try:
        model.load_state_dict(given.model.state_dict())
    except RuntimeError:
        raise S2SError(f"train.init: {given.folder} is not a {config.name} model.") from None


def _examples(
    config: Config, corpus: data.Corpus, tokenizer: Tokenizer
) -> list[list[data.Example]]:
    """Encoded training pairs by file, and the variants of them that the config asks for."""
    c, task = config.data, TASKS[config.task]
    groups = []
    names = find_names(p for part in corpus.train for p in part) if c.names else {}
    for part in corpus.train:
        pairs = [
            (leave_open(s), t) if one_in(c.free, n) else (s, t) for n, (s, t) in enumerate(part)
        ]
        pairs += [(casual(s), t) for n, (s, t) in enumerate(part) if one_in(c.casual, n)]
        pairs += [("", t) for n, (_, t) in enumerate(part) if one_in(c.blank, n)]
        other = [renamed(pair, names, n) for n, pair in enumerate(part)] if names else []
        pairs += [p for n, p in enumerate(filter(None, other)) if one_in(c.names, n)]
        groups.append(data.encode_pairs(pairs, tokenizer, c, task, corpus.report))
    corpus.report.kept = sum(map(len, groups))
    if not any(groups):
        raise S2SError(f"No training pair is left: {corpus.report}.")
    return groups


def _risk(config: Config, groups: list[list[data.Example]], tokenizer: Tokenizer) -> Risk | None:
    """The loss of minimum risk training, if the config asks for it."""
    share, beam = config.train.risk, config.search.beam
    if not 0 <= share <= 1:
        raise S2SError(f"train.risk must be between 0 and 1, not {share}.")
    if share and beam < 2:
        raise S2SError("train.risk compares the outputs of a beam: search.beam must be over 1.")
    return Risk(References(groups, tokenizer), beam, config.data.max_tgt) if share else None


def one_in(share: float, n: int) -> bool:
    """Whether item ``n`` is among an evenly spread ``share`` of all items."""
    return int((n + 1) * share) > int(n * share)


def _by_process(stream: Iterator[list[data.Example]], n: int) -> Iterator[list[list[data.Example]]]:
    """Batches in groups of one a process; what is left over at the end of an epoch is skipped."""
    while len(group := list(islice(stream, n))) == n:
        yield group


@contextmanager
def _stop_signal() -> Iterator[Callable[[], bool]]:
    """While the block lasts, SIGINT and SIGTERM ask the run to save and end after its step."""
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return
    previous = {
        s: signal.signal(s, lambda *_: asked.set()) for s in (signal.SIGINT, signal.SIGTERM)
    }
    try:
        yield asked.is_set
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
