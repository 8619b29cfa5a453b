"""Training as a generator of ``Progress``: a terminal and a page can both show it.

A run is a function of its config and the step: batches depend on (seed, epoch), randomness within a
step on (seed, step, process). So a run killed at any moment and resumed from its last state is the
run that was never interrupted.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from s2s import checkpoint
from s2s.config import Config
from s2s.data.batches import collate_rows, epoch
from s2s.errors import S2SError
from s2s.training.device import accelerator_of
from s2s.training.exchange import exchange
from s2s.training.folder import HISTORY, STATE, add_history, claimed, writing
from s2s.training.progress import Meter, Progress, check_divergence
from s2s.training.run import Run, begin
from s2s.training.schedule import learning_rate
from s2s.training.validation import Validate, validation

__all__ = ["HISTORY", "STATE", "Progress", "train"]
NOTHING_YET = (
    "The validation score is still 0: outputs share nothing yet with their references. If that stays, "
    "look at data.columns, at the languages, and at train.lr."
)


def train(
    config: Config,
    folder: Path,
    out: Path,
    resume: bool = False,
    anyway: bool = False,
    watch: int = 0,
) -> Iterator[Progress]:
    """Train ``config`` on the files below ``folder``; the checkpoint grows in ``out``.

    Yields progress every ``log_every`` steps. SIGINT and SIGTERM save and end the run; a second one
    ends it at once. anyway: resume even though the data have changed. watch: how many validation
    sources are looked at before the first step and at each validation (``watching``).
    """
    accelerator = accelerator_of(config.train)
    with claimed(out) if accelerator.is_main_process else nullcontext():
        run = begin(config, folder, out, accelerator, resume, anyway, watch)
        if not run.state.step:
            with run.state.averaged():
                run.look(out)
        corpus = run.corpus
        validate = validation(config, corpus.valid, corpus.tokenizer, accelerator.device)
        meter = Meter(run.state.done(config.train), corpus.tokenizer.size)
        note = f"data: {corpus.report}"  # told once, with the first progress
        clock = time.monotonic() - run.state.seconds
        with _stop_signal() as stopped:
            for rows in _stream(run):
                told = float(stopped()), time.monotonic() - clock
                loss, nll, norm, tokens, stops = _step(run, rows, *told)
                meter.add(loss, nll, norm, tokens)
                ended, progress = _after_step(run, out, validate, meter, stops, note)
                if progress is not None:
                    note = ""
                    yield progress
                if ended:
                    return


def _stream(run: Run) -> Iterator[list[np.ndarray]]:
    """For each step the batches of all processes, as rows of the corpus; epochs without end."""
    c, data, state = run.config.train, run.config.data, run.state
    processes = run.accelerator.num_processes
    while True:
        if not state.in_epoch:
            state.finishing = int(run.finishes())
        shares = (data.finish if state.finishing else data.share) or (1.0,) * len(run.corpus.groups)
        seed, each = (c.seed, state.epoch), max(1, c.batch_tokens // processes)
        stream = epoch(run.corpus.ids, run.corpus.groups, shares, each, seed)
        found = state.in_epoch > 0
        for rows in islice(_by_process(stream, processes), state.in_epoch, None):
            found = True
            if run.finishes() and not state.finishing:  # the last part begins with a new epoch
                break
            yield rows
        if not found:
            raise S2SError(
                f"An epoch of these data holds no batch for each of {processes} processes; more data, "
                "larger shares, or a smaller train.batch_tokens would help."
            )
        state.epoch, state.in_epoch = state.epoch + 1, 0


def _by_process(stream: Iterator[np.ndarray], n: int) -> Iterator[list[np.ndarray]]:
    """Batches in groups of one a process; what is left over at the end of an epoch is skipped."""
    while len(group := list(islice(stream, n))) == n:
        yield group


def _step(
    run: Run, rows: list[np.ndarray], stop: float, seconds: float
) -> tuple[Tensor, Tensor, Tensor, int, bool]:
    """One update. Loss and nll a token, the gradient's norm, tokens, and whether to stop; of all
    processes together. stop, seconds: of this one; the first one's clock counts."""
    c, state, index = run.config.train, run.state, run.accelerator.process_index
    for group in run.optimizer.param_groups:
        group["lr"] = learning_rate(state.step, state.done(c), c)
    torch.manual_seed(_mixed(c.seed, state.step, index))
    ids, device = run.corpus.ids, run.accelerator.device
    tokens = sum(int(ids.lengths[r, 1].sum()) for r in rows)  # real target tokens of all processes
    batch = collate_rows(ids, rows[index], run.model.vocabulary).to(device)
    sampled = c.scheduled_sampling * state.done(c)
    with torch.autocast(device.type, torch.bfloat16, enabled=run.bf16):
        loss, nll = run.objective(batch, c.smoothing, sampled, c.word_dropout)
    loss, nll = loss / tokens, nll / tokens
    loss.backward()
    clock = 0.0 if index else seconds
    if len(rows) > 1:
        loss, nll, stopping, time_ = exchange(run.model, (loss.detach(), nll, stop, clock))
        stop, clock = float(stopping), float(time_)
    state.seconds = clock
    norm = nn.utils.clip_grad_norm_(run.model.parameters(), c.clip)
    run.optimizer.step()
    run.optimizer.zero_grad(set_to_none=True)
    state.advance(c.average, tokens)
    return loss.detach(), nll, norm, tokens, stop > 0


def _mixed(*numbers: int) -> int:
    """A seed from several numbers."""
    return int(np.random.SeedSequence(numbers).generate_state(1, np.uint64)[0] >> np.uint64(1))


def _after_step(
    run: Run, out: Path, validate: Validate, meter: Meter, stopped: bool, note: str
) -> tuple[bool, Progress | None]:
    """Validate, save and report where it is due. Whether the run has ended, and what to tell."""
    c, state, main = run.config.train, run.state, run.accelerator.is_main_process
    over = state.done(c) >= 1
    due = over or state.step % c.eval_every == 0
    ended = stopped or over
    tells = due or ended or state.step % c.log_every == 0
    saves = ended or state.step % c.save_every == 0
    on_cpu = run.accelerator.device.type == "cpu"  # a GPU is not made to wait each step
    if tells or saves or on_cpu:
        check_divergence(meter, state, c)
    metric = sample = None
    if due:
        with state.averaged():
            metric, sample = validate(run.model)
            run.look(out)
            if state.record(metric) and main:
                with writing(out):
                    checkpoint.save(out, run.config, run.model.state_dict(), run.corpus.tokenizer)
        ended = ended or bool(c.patience and state.stale >= c.patience)
        note = note or (NOTHING_YET if state.best == 0 and state.step > c.eval_every else "")
    if main and (saves or ended):
        with writing(out / STATE):
            state.save(out / STATE, run.config)
    if not (tells or ended):
        return False, None
    lr = learning_rate(state.step - 1, state.done(c, state.step - 1), c)
    progress = meter.progress(state, c, lr, metric, sample, note)
    if main:
        add_history(out, asdict(progress))
    return ended, progress


@contextmanager
def _stop_signal() -> Iterator[Callable[[], bool]]:
    """While the block lasts, SIGINT and SIGTERM ask the run to save and end after its step.

    The second is not asked for politely: it interrupts whatever lasts too long.
    """
    asked = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked.is_set
        return

    def ask(*_: object) -> None:
        if asked.is_set():
            raise KeyboardInterrupt
        asked.set()

    previous = {s: signal.signal(s, ask) for s in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield asked.is_set
    finally:
        for number, handler in previous.items():
            signal.signal(number, handler)
