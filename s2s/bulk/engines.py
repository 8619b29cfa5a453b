"""Who answers: this process, a CTranslate2 model in it, or the workers of a Ray cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from s2s.bulk import ctranslate2, ray
from s2s.bulk.job import Answered, Job, Worker
from s2s.errors import S2SError

Engine = Callable[[Job, Iterable[Sequence[str]]], Iterator[Answered]]


def default(job: Job, blocks: Iterable[Sequence[str]]) -> Iterator[Answered]:
    """Block after block, here. The model is loaded at once. Raises S2SError."""
    return map(Worker(job), blocks)


def exported(job: Job, blocks: Iterable[Sequence[str]]) -> Iterator[Answered]:
    """The same with a CTranslate2 model: the one given, or one that is exported now."""
    folder = job.exported or ctranslate2.cached(job.checkpoint)
    return default(replace(job, exported=folder), blocks)


ENGINES: dict[str, Engine] = {"default": default, "ctranslate2": exported, "ray": ray.answers}


def answers(engine: str, job: Job, blocks: Iterable[Sequence[str]]) -> Iterator[Answered]:
    """What an engine says to each block, in order. Raises S2SError."""
    if engine not in ENGINES:
        raise S2SError(f"--engine must be {' or '.join(ENGINES)}, not {engine!r}.")
    if job.exported is not None and engine == "default":
        raise S2SError("--exported wants --engine ctranslate2 or ray.")
    if (job.json or job.attention) and (engine == "ctranslate2" or job.exported is not None):
        raise S2SError("CTranslate2 leaves no trace, so --json needs --engine default or ray.")
    return ENGINES[engine](job, blocks)
