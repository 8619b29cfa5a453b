"""Blocks of lines over the workers of a Ray cluster: one actor a core, order kept.

Ray Data deals the blocks out. If a worker is lost, its actor is started anew and its blocks are dealt again, so
nothing is missing and nothing comes twice.
"""

from __future__ import annotations

import itertools
import json
import logging
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Any

from s2s import checkpoint
from s2s.bulk.job import Answered, Job, Worker
from s2s.errors import S2SError, without

SHARD = 4096  # blocks handed over at once: a million lines


class Actor:
    """A worker as Ray Data calls it: a row is a block."""

    def __init__(self, job: Job) -> None:
        self.worker = Worker(job)

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        try:
            return {"answered": json.dumps(self.worker(json.loads(row["block"]))), "refused": ""}
        except S2SError as error:  # Ray would try again, and wrap it
            return {"answered": "", "refused": str(error)}


def answers(job: Job, blocks: Iterable[Sequence[str]]) -> Iterator[Answered]:
    """What the cluster says to each block, in order. Raises S2SError.

    Joins the cluster that ``RAY_ADDRESS`` names or that runs on this machine; where there is none, all
    cores of this machine are one.
    """
    try:
        import ray
        import ray.data
    except ImportError:
        raise without("ray") from None
    job = replace(job, checkpoint=str(checkpoint.find(job.checkpoint).resolve()))
    if job.exported is not None:
        job = replace(job, exported=job.exported.resolve())
    Worker(job)  # what will not do is said here, not by every worker
    return _answers(ray, job, iter(blocks))


def _answers(ray: Any, job: Job, blocks: Iterator[Sequence[str]]) -> Iterator[Answered]:
    begun = not ray.is_initialized()
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what matters comes as an error
    try:
        if begun:
            ray.init(log_to_driver=False, logging_level=logging.ERROR, include_dashboard=False)
        while shard := list(itertools.islice(blocks, SHARD)):
            yield from _shard(ray, job, shard)
    except ray.exceptions.RayError as error:
        cause = getattr(error, "cause", None) or error
        raise S2SError(f"A worker failed ({type(cause).__name__}: {cause}).") from None
    except ConnectionError as error:
        raise S2SError(f"The Ray cluster cannot be reached ({error}).") from None
    finally:
        if begun:
            with suppress(Exception):
                ray.shutdown()


def _shard(ray: Any, job: Job, shard: Sequence[Sequence[str]]) -> Iterator[Answered]:
    """A dataset of blocks, a task each, over as many actors as there are cores."""
    context = ray.data.DataContext.get_current()
    context.execution_options.preserve_order = True
    context.enable_progress_bars = False
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    cores = int(ray.cluster_resources().get("CPU", 1))
    data = ray.data.from_items(
        [{"block": json.dumps(block)} for block in shard], override_num_blocks=len(shard)
    )
    done = data.map(
        Actor,
        fn_constructor_args=(job,),
        num_cpus=1,
        compute=ray.data.ActorPoolStrategy(size=max(1, min(cores, len(shard)))),
    )
    for row in done.iter_rows():
        if row["refused"]:
            raise S2SError(row["refused"])
        yield Answered(*json.loads(row["answered"]))
