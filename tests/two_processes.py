"""What each of two processes does in ``test_resume``; started by torchrun with a data and an out folder."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import sys
from pathlib import Path

import torch
from torch import distributed

from s2s.config import override
from s2s.data.batches import collate_rows, epoch
from s2s.data.corpus import write_pairs
from s2s.errors import S2SError
from s2s.training.device import accelerator_of
from s2s.training.exchange import exchange
from s2s.training.loop import train
from s2s.training.run import begin
from tests.conftest import sourced, toy_pairs
from tests.test_train import CONFIG

MORE = ["train.steps=12", "train.log_every=1", "model.dropout=0.3", "train.word_dropout=0.2"]


def main(folder: Path, out: Path) -> None:
    config, told = override(CONFIG, MORE), {}
    rank = accelerator_of(config.train).process_index
    first = out / "whole"
    progress = list(train(config, folder, first))
    told["steps"] = [p.step for p in progress]
    told["losses"] = [(p.loss, p.nll, p.grad_norm) for p in progress]
    for p in train(config, folder, out / "killed"):
        if p.step == 7:
            break
    distributed.barrier()
    list(train(config, folder, out / "killed", resume=True))
    distributed.barrier()

    for p in train(config, folder, out / "stopped"):
        told["stopped at"] = p.step
        if rank == 1 and p.step == 4:
            os.kill(os.getpid(), signal.SIGTERM)  # only this one hears it
    timed = override(config, ["train.steps=1000000", "train.minutes=0.02"])
    told["by the clock"] = list(train(timed, folder, out / "timed"))[-1].step

    told["weights"] = check_gradient(config, folder, out / "one", rank)
    few = out / "few"
    if rank == 0:
        few.mkdir()
        write_pairs(few / "train.tsv", sourced(toy_pairs(40)), ("src", "tgt"))
    distributed.barrier()
    told["too little"] = []
    for split in (
        "0.3",
        "0.0",
    ):  # the second fails in preparation, which the first process does alone
        tried = override(config, ["train.batch_tokens=4096", f"data.split={split}"])
        try:
            list(train(tried, few, out / f"few {split}"))
        except S2SError as error:
            told["too little"].append(str(error))
    (out / f"told.{rank}").write_text(json.dumps(told))


def check_gradient(config, folder: Path, out: Path, rank: int) -> str:
    """After the exchange each process has the gradient of both batches; a digest of it."""
    out.mkdir(exist_ok=True)
    run = begin(config, folder, out, accelerator_of(config.train))
    run.model.eval()  # without dropout
    ids, vocabulary = run.corpus.ids, run.model.vocabulary
    rows = list(epoch(ids, run.corpus.groups, (1.0,), 100, (1, 0)))[:2]
    tokens = sum(int(ids.lengths[r, 1].sum()) for r in rows)

    def loss(part):
        batch = collate_rows(ids, part, vocabulary)
        return run.objective(batch, 0.1)[0] / tokens

    sum(loss(part) for part in rows).backward()
    wanted = {name: p.grad for name, p in run.model.named_parameters() if p.grad is not None}
    run.model.zero_grad()
    loss(rows[rank]).backward()
    numbers = exchange(run.model, (float(rank), 1.0))
    assert [float(n) for n in numbers] == [1.0, 2.0]
    digest = hashlib.sha256()
    for name, p in run.model.named_parameters():
        torch.testing.assert_close(p.grad, wanted[name], atol=1e-6, rtol=1e-4)
        digest.update(p.grad.numpy().tobytes())
    return digest.hexdigest()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
