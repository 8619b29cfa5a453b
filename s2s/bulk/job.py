"""What is asked of many lines, and a worker that answers a block of them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from s2s.export.json import as_json
from s2s.pipeline import Pipeline
from s2s.terminal import Asked, check_kind, flat, nbest_of
from s2s.text.source import Source
from s2s.trace import Result


@dataclass(frozen=True)
class Job:
    """The same for every worker, wherever it runs."""

    checkpoint: str
    asked: Asked
    kind: str = ""
    json: bool = False
    attention: bool = False
    device: str = "cpu"
    exported: Path | None = None
    """A CTranslate2 model that decodes instead of ours."""
    precision: str = "auto"


class Answered(NamedTuple):
    """A block's lines of output, and what is to be read with them."""

    lines: list[str]
    warnings: list[str]


class Worker:
    """A loaded model that answers block after block."""

    def __init__(self, job: Job) -> None:
        """Raises S2SError for a model, a device or an option that will not do."""
        self.job = job
        self.pipeline = _pipeline(job)
        self.options, self.ranking = job.asked.on(self.pipeline.config)
        check_kind(self.pipeline.task, job.kind)

    def __call__(self, block: Sequence[str]) -> Answered:
        """One line of output for each line. Raises S2SError."""
        job, task = self.job, self.pipeline.task
        sources = [Source((line,), job.kind) if job.kind else task.parse(line) for line in block]
        results = self.pipeline.batch(
            sources, self.options, record=job.attention, rerank=self.ranking
        )
        warnings = [] if job.json else [str(w) for result in results for w in result.warnings]
        return Answered([self._line(result) for result in results], warnings)

    def _line(self, result: Result) -> str:
        job = self.job
        if job.json:
            return json.dumps(as_json(result, job.asked.nbest, job.attention), ensure_ascii=False)
        return "\t".join(flat(text) for text in nbest_of(result, job.asked.nbest))


def _pipeline(job: Job) -> Pipeline:
    if job.exported is None:
        return Pipeline(job.checkpoint, job.device, job.precision)
    from s2s.bulk.ctranslate2 import Exported

    return Exported(job.checkpoint, job.exported, job.asked, job.device)
