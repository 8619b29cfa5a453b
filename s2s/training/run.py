"""A training run before its first step: corpus, model, optimizer, and the state that it resumes from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import Accelerator

from s2s import checkpoint
from s2s.config import Config, TrainConfig
from s2s.data.corpus import write_pairs
from s2s.data.prepared import Prepared, digest_of, load_corpus
from s2s.data.reading import Pair
from s2s.errors import S2SError
from s2s.models import build
from s2s.models.contract import Limits, Seq2Seq
from s2s.tasks import TASKS
from s2s.training.device import uses_bf16
from s2s.training.folder import HISTORY, begin_history, what_is_left, writing
from s2s.training.objective import Objective
from s2s.training.risk import References, Risk
from s2s.training.state import RunState, Saved
from s2s.training.watching import WATCHED, add_snapshot, snapshot, watched_pairs


@dataclass
class Run:
    """What a training run works with; ``state`` and the weights are what changes."""

    config: Config
    corpus: Prepared
    model: Seq2Seq
    objective: Objective
    optimizer: torch.optim.Optimizer
    state: RunState
    accelerator: Accelerator
    bf16: bool
    watched: list[Pair]
    """Validation pairs that are looked at each time."""

    def finishes(self) -> bool:
        """Whether the shares of the last part of the training are in force now."""
        data = self.config.data
        return bool(data.finish) and self.state.done(self.config.train) >= data.finish_from

    def look(self, out: Path) -> None:
        """One more snapshot of what is watched, by the weights as they are."""
        if self.watched:
            limit, task = self.config.data.max_src, TASKS[self.config.task]
            found = snapshot(self.model, self.watched, self.corpus.tokenizer, task, limit)
            add_snapshot(out, self.state.step, self.state.epoch, found)


def begin(
    config: Config,
    folder: Path,
    out: Path,
    accelerator: Accelerator,
    resume: bool = False,
    anyway: bool = False,
    watch: int = 0,
) -> Run:
    """A run ready for its first, or next, step. Raises S2SError for what cannot be trained.

    anyway: resume even though the data have changed. watch: validation sources to look at.
    """
    c = config.train
    if c.threads:
        torch.set_num_threads(c.threads)
    saved = what_is_left(out, c, resume)
    given = checkpoint.load(c.init) if c.init and not saved else None
    corpus = _first_alone(accelerator, lambda: _corpus(config, folder, saved, given, anyway))
    torch.manual_seed(c.seed)
    limits = Limits(config.data.max_src, config.data.max_tgt)
    vocabulary = corpus.tokenizer.vocabulary
    model = build(config.architecture, vocabulary, config.model, limits).to(accelerator.device)
    if given:
        _start_from(given, config, model)
    optimizer = _optimizer(model, c, accelerator.device)
    state = RunState(model, optimizer, corpus.digest, corpus.tokenizer)
    if saved:
        state.load(saved)
    if accelerator.is_main_process:
        for name in (HISTORY, WATCHED):
            begin_history(out, state.step, name)
        _write_splits(config, corpus, out)
    objective = Objective(model, _risk(config, corpus), c.risk)
    bf16 = uses_bf16(c, accelerator.device)
    watched = watched_pairs(corpus.valid, watch) if accelerator.is_main_process else []
    return Run(config, corpus, model, objective, optimizer, state, accelerator, bf16, watched)


def _first_alone(accelerator: Accelerator, work: Callable[[], Prepared]) -> Prepared:
    """What every process gets from ``work``; the first one does it alone, since it writes files.

    Where it fails the others try in turn, and fail with the same sentence.
    """
    done, failed = None, None
    if accelerator.is_main_process:
        try:
            done = work()
        except S2SError as error:
            failed = error
    try:
        accelerator.wait_for_everyone()
    except RuntimeError:
        raise S2SError("The first process has ended.") from None
    if failed:
        raise failed
    return done or work()


def _corpus(
    config: Config,
    folder: Path,
    saved: Saved | None,
    given: checkpoint.Checkpoint | None,
    anyway: bool,
) -> Prepared:
    """The data; of a resumed run the same as ever, or ``anyway`` others in its own vocabulary."""
    if saved is None:
        return load_corpus(config, folder, given.tokenizer if given else None)
    saved.check(config, anyway)
    for tokenizer in ([] if config.train.init else [None]) + [saved.tokenizer]:
        if digest_of(config, folder, tokenizer) == saved.data:
            return load_corpus(config, folder, tokenizer)
    if not anyway:
        raise S2SError(
            "The data of the run have changed since; it cannot go on where it was. --anyway goes on "
            "with a new epoch of what is there now."
        )
    if saved.tokenizer is None:
        raise S2SError("The state of the run is of an older version, without its vocabulary.")
    return load_corpus(config, folder, saved.tokenizer)


def _optimizer(model: Seq2Seq, c: TrainConfig, device: torch.device) -> torch.optim.Optimizer:
    return torch.optim.AdamW(
        model.parameters(),
        c.lr,
        betas=(0.9, c.beta2),
        eps=1e-9,
        weight_decay=c.weight_decay,
        fused=device.type != "mps",
    )


def _write_splits(config: Config, corpus: Prepared, out: Path) -> None:
    """Validation and test pairs that were split off training go beside the checkpoint."""
    task = TASKS[config.task]
    suffix = "tsv" if task.split_sentences else "jsonl"
    for part, given, pairs in (
        ("valid", config.data.valid, corpus.valid),
        ("test", config.data.test, corpus.test),
    ):
        path = out / f"{part}.{suffix}"
        if not given:
            with writing(path):
                write_pairs(path, pairs, task.fields)


def _start_from(given: checkpoint.Checkpoint, config: Config, model: Seq2Seq) -> None:
    """Take over the weights of a checkpoint. Raises S2SError if it is another model."""
    try:
        model.load_state_dict(given.model.state_dict())
    except RuntimeError:
        raise S2SError(f"train.init: {given.folder} is not a {config.name} model.") from None


def _risk(config: Config, corpus: Prepared) -> Risk | None:
    """The loss of minimum risk training, if the config asks for it."""
    if not config.train.risk:
        return None
    if config.search.beam < 2:
        raise S2SError("train.risk compares the outputs of a beam: search.beam must be over 1.")
    return Risk(References(corpus.ids, corpus.tokenizer), config.search.beam)
