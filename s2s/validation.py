"""What early stopping goes by: validation pairs decoded greedily, or scored, with the model as it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch

from s2s import data
from s2s.config import Config, SearchOptions
from s2s.metrics import METRICS
from s2s.models.base import Seq2Seq
from s2s.search import search
from s2s.tasks import TASKS
from s2s.tokenizer import Tokenizer

BATCH = 64
Validate = Callable[[Seq2Seq], tuple[float, tuple[str, str]]]


def validation(
    config: Config, pairs: Sequence[data.Pair], tokenizer: Tokenizer, device: torch.device
) -> Validate:
    """A function from a model to the task's metric, and a source with its greedy output."""
    task = TASKS[config.task]
    sources, references = data.group_references(pairs)
    step = max(1, len(sources) // config.train.eval_sentences)  # spread over the whole set
    sources, references = sources[::step], references[::step]
    ids = [task.encode(s, tokenizer, config.data.max_src)[0] for s in sources]
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    options = SearchOptions(beam=1)

    def decode(model: Seq2Seq, part: list[int]) -> list[str]:
        src = data.pad([ids[i] for i in part]).to(device)
        traces = search(model, src, options, model_limit=config.data.max_tgt, record=False)
        return [tokenizer.decode(trace.best.tokens) for trace in traces]

    def by_output(model: Seq2Seq) -> float:
        outputs = [""] * len(ids)
        for start in range(0, len(order), BATCH):
            part = order[start : start + BATCH]
            for i, text in zip(part, decode(model, part), strict=True):
                outputs[i] = text
        score, _ = METRICS[task.metric](outputs, references)
        return score

    def by_probability(model: Seq2Seq) -> float:
        pairs = [(sources[i], references[i][0]) for i in order]
        report = data.Report()
        examples = data.encode_pairs(pairs, tokenizer, config.data, task, report)
        nll, tokens = negative_log_likelihood(model, examples, device)
        return 100 / math.exp(nll / max(1, tokens))

    score = by_output if task.metric in METRICS else by_probability
    shown = order[len(order) // 2]

    def validate(model: Seq2Seq) -> tuple[float, tuple[str, str]]:
        return score(model), (sources[shown].replace("\t", " / "), decode(model, [shown])[0])

    return validate


@torch.inference_mode()
def negative_log_likelihood(
    model: Seq2Seq, examples: Sequence[data.Example], device: torch.device | str
) -> tuple[float, int]:
    """Summed nats and tokens (ends included) of given targets."""
    total, tokens = 0.0, 0
    for start in range(0, len(examples), BATCH):
        batch = data.collate(examples[start : start + BATCH]).to(device)
        _, nll = model.loss(batch.src, batch.tgt_in, batch.tgt_out, 0.0)
        total += float(nll)
        tokens += int((batch.tgt_out != 0).sum())
    return total, tokens
