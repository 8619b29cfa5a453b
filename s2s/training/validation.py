"""What early stopping goes by: validation pairs decoded greedily, or scored, with the model as it is."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch

from s2s.config import Config, SearchOptions
from s2s.data.batches import encode_pairs, pad
from s2s.data.corpus import Report, group_references
from s2s.data.reading import Pair
from s2s.metrics import METRICS
from s2s.models.contract import Seq2Seq
from s2s.search.beam import search
from s2s.search.forced import corpus_likelihood
from s2s.tasks import TASKS
from s2s.text.tokenizer import Tokenizer

BATCH = 64
Validate = Callable[[Seq2Seq], tuple[float, tuple[str, str]]]


def validation(
    config: Config, pairs: Sequence[Pair], tokenizer: Tokenizer, device: torch.device
) -> Validate:
    """A function from a model to the task's metric, and a source with its greedy output."""
    task = TASKS[config.task]
    sources, references = group_references(pairs)
    step = max(1, len(sources) // config.train.eval_sentences)  # spread over the whole set
    sources, references = sources[::step], references[::step]
    ids = [task.encode(s, tokenizer, config.data.max_src)[0] for s in sources]
    order = sorted(range(len(ids)), key=lambda i: len(ids[i]))
    options = SearchOptions(beam=1)

    def decode(model: Seq2Seq, part: list[int]) -> list[str]:
        src = pad([ids[i] for i in part], model.vocabulary.pad).to(device)
        traces = search(model, src, options, record=False)
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
        report = Report()
        examples = encode_pairs(pairs, tokenizer, config.data, task, report)
        likelihood, tokens = corpus_likelihood(model, examples)
        return 100 * math.exp(likelihood / max(1, tokens))

    score = by_output if task.metric in METRICS else by_probability
    shown = order[len(order) // 2]

    def validate(model: Seq2Seq) -> tuple[float, tuple[str, str]]:
        return score(model), (sources[shown].line().replace("\t", " / "), decode(model, [shown])[0])

    return validate
