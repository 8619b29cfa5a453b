"""A training run before its first step: corpus, model, optimizer, and the state that it resumes from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
from accelerate import Accelerator
from torch import nn

from s2s import checkpoint
from s2s.config import Config
from s2s.data.corpus import write_pairs
from s2s.data.prepared import Prepared, load_corpus
from s2s.errors import S2SError
from s2s.models import build
from s2s.models.contract import Limits, Seq2Seq
from s2s.tasks import TASKS
from s2s.training.device import accelerator_of, uses_bf16
from s2s.training.objective import Objective
from s2s.training.risk import References, Risk
from s2s.training.state import RunState

STATE, HISTORY = "state.safetensors", "history.jsonl"


@dataclass
class Run:
    """What a training run works with; ``state`` and the weights are what changes."""

    config: Config
    corpus: Prepared
    model: Seq2Seq
    objective: nn.Module
    """The loss of a batch, wrapped for several processes."""
    optimizer: torch.optim.Optimizer
    state: RunState
    accelerator: Accelerator
    bf16: bool

    def finishes(self, step: int) -> bool:
        """Whether the shares of the last part of the training are in force at ``step``."""
        data = self.config.data
        return bool(data.finish) and self.state.done(self.config.train, step) >= data.finish_from


def begin(config: Config, folder: Path, out: Path, resume: bool) -> Run:
    """A run ready for its first, or next, step. Raises S2SError for what cannot be trained."""
    c = config.train
    accelerator = accelerator_of(c)
    if c.threads:
        torch.set_num_threads(c.threads)
    _claim(out, resume)
    given = checkpoint.load(c.init) if c.init else None
    with accelerator.main_process_first():
        corpus = load_corpus(config, folder, given.tokenizer if given else None)
    if accelerator.is_main_process:
        _write_splits(config, corpus, out)
    torch.manual_seed(c.seed)
    limits = Limits(config.data.max_src, config.data.max_tgt)
    vocabulary = corpus.tokenizer.vocabulary
    model = build(config.architecture, vocabulary, config.model, limits).to(accelerator.device)
    if given and not resume:
        _start_from(given, config, model)
    optimizer = torch.optim.AdamW(
        model.parameters(),
        c.lr,
        betas=(0.9, c.beta2),
        eps=1e-9,
        weight_decay=c.weight_decay,
        fused=accelerator.device.type != "mps",
    )
    state = RunState(model, optimizer, corpus.digest)
    if resume:
        state.load(out / STATE, config)
    objective = Objective(model, _risk(config, corpus), c.risk)
    wrapped, prepared = accelerator.prepare(objective, optimizer)
    bf16 = uses_bf16(c, accelerator.device)
    return Run(config, corpus, model, wrapped, prepared, state, accelerator, bf16)


def _claim(out: Path, resume: bool) -> None:
    """The folder that the checkpoint grows in. Raises S2SError if a run lies in it already."""
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise S2SError(f"{out} cannot be made a folder ({error.strerror}).") from None
    if (out / STATE).exists() and not resume:
        raise S2SError(f"{out} holds an unfinished run; add --resume, or choose another --out.")


def _write_splits(config: Config, corpus: Prepared, out: Path) -> None:
    """Validation and test pairs that were split off training go beside the checkpoint."""
    task = TASKS[config.task]
    suffix = "tsv" if task.split_sentences else "jsonl"
    for part, given, pairs in (
        ("valid", config.data.valid, corpus.valid),
        ("test", config.data.test, corpus.test),
    ):
        if not given:
            write_pairs(out / f"{part}.{suffix}", pairs, task.fields)


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
