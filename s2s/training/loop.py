"""Training as a generator of ``Progress``: a terminal and a page can both show it.

A run is a function of its config and the step: batches depend on (seed, epoch), randomness within a
step on (seed, step, process). So a run killed at any moment and resumed from its last state is the
run that was never interrupted.
"""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import torch

from s2s import checkpoint
from s2s.config import Config
from s2s.data.augmentation import make_examples
from s2s.data.batches import Example, collate, epoch
from s2s.data.corpus import Corpus, load_corpus, write_pairs
from s2s.errors import S2SError
from s2s.models import build
from s2s.models.contract import Limits, Seq2Seq
from s2s.tasks import TASKS
from s2s.text.tokenizer import Tokenizer
from s2s.training.device import accelerator_of, uses_bf16
from s2s.training.objective import Objective
from s2s.training.progress import Meter, Progress, check_divergence
from s2s.training.risk import References, Risk
from s2s.training.schedule import learning_rate
from s2s.training.state import RunState
from s2s.training.validation import validation

STATE, HISTORY = "state.safetensors", "history.jsonl"


def train(config: Config, folder: Path, out: Path, resume: bool = False) -> Iterator[Progress]:
    """Train ``config`` on the files below ``folder``; the checkpoint grows in ``out``.

    Yields progress every ``log_every`` steps. SIGINT and SIGTERM save and end the run.
    """
    c = config.train
    accelerator = accelerator_of(c)
    device = accelerator.device
    bf16 = uses_bf16(c, device)
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
        corpus = load_corpus(config.data, folder, task)
        tokenizer = _tokenizer(config, corpus, out)
    if main:
        suffix = "tsv" if task.split_sentences else "jsonl"
        for part, given, pairs in (
            ("valid", config.data.valid, corpus.valid),
            ("test", config.data.test, corpus.test),
        ):
            if not given:
                write_pairs(out / f"{part}.{suffix}", pairs, task.fields)
    groups = make_examples(config, corpus, tokenizer)
    shares = config.data.share or (1.0,) * len(groups)
    if len(shares) != len(groups):
        raise S2SError("data.share must name one share for each file of data.train.")

    torch.manual_seed(c.seed)
    limits = Limits(config.data.max_src, config.data.max_tgt)
    model = build(config.architecture, tokenizer.vocabulary, config.model, limits).to(device)
    if c.init and not resume:
        _start_from(checkpoint.load(c.init), config, model)
    objective = Objective(model, _risk(config, groups, tokenizer), c.risk)
    optimizer = torch.optim.AdamW(
        model.parameters(),
        c.lr,
        betas=(0.9, c.beta2),
        eps=1e-9,
        weight_decay=c.weight_decay,
        fused=device.type != "mps",
    )
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
            stream = epoch(groups, shares, each, f"{c.seed}/{state.epoch}")
            stream = _by_process(stream, accelerator.num_processes)
            for share in islice(stream, state.in_epoch, None):
                lr = learning_rate(state.step, c)
                for group in optimizer.param_groups:
                    group["lr"] = lr
                torch.manual_seed(hash((c.seed, state.step, accelerator.process_index)) % 2**63)
                tokens = sum(len(e.tgt) for batch in share for e in batch)  # of all processes
                batch = collate(share[accelerator.process_index], tokenizer.vocabulary).to(device)
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


def _tokenizer(config: Config, corpus: Corpus, out: Path) -> Tokenizer:
    path = out / checkpoint.TOKENIZER
    if path.exists():
        return Tokenizer.load(path)
    if config.train.init:
        tokenizer = checkpoint.load(config.train.init).tokenizer
        path.write_bytes(tokenizer.model)
        return tokenizer
    task = TASKS[config.task]
    pairs = [pair for part in corpus.train for pair in part]
    sources = dict.fromkeys(part for source, _ in pairs for part in source.parts)
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


def _risk(config: Config, groups: list[list[Example]], tokenizer: Tokenizer) -> Risk | None:
    """The loss of minimum risk training, if the config asks for it."""
    share, beam = config.train.risk, config.search.beam
    if not 0 <= share <= 1:
        raise S2SError(f"train.risk must be between 0 and 1, not {share}.")
    if share and beam < 2:
        raise S2SError("train.risk compares the outputs of a beam: search.beam must be over 1.")
    return Risk(References(groups, tokenizer), beam) if share else None


def _by_process(stream: Iterator[list[Example]], n: int) -> Iterator[list[list[Example]]]:
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
