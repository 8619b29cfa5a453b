"""A decoder at work, token by token, and what a memory of fixed size costs it.

D size of a state · L layers · V vocabulary · T target length.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch

from s2s.config import SearchOptions, from_dict, to_dict
from s2s.metrics import sentence_chrf
from s2s.models.contract import Decoder
from s2s.pipeline import Pipeline


@dataclass(frozen=True)
class Writing:
    """One step of a decoder that is made to write a given target."""

    read: int
    """The token that it reads: the one before, at first the start token."""
    written: int
    logprob: float
    """Of the written one, in nats."""
    best: tuple[tuple[int, float], ...]
    """The most probable tokens: (id, probability), most probable first."""
    state: tuple[float, ...]
    """The first numbers of the top layer's state after the step; empty if there is no recurrent state."""


def written(
    model: Decoder, source: Sequence[int], target: Sequence[int], most: int = 5
) -> list[Writing]:
    """Every step while ``target`` is written: s_t = f(s_{t-1}, y_{t-1}), p(y_t) = softmax(E r_t)
    (Sutskever et al. 2014, eq. 1; Cho et al. 2014, eq. 3)."""
    out = []
    with torch.inference_mode():
        memory = model.encode(torch.tensor([list(source)], device=model.device))
        carry, before = model.start(memory, 1), model.vocabulary.bos
        for token in target:
            step = model.step(torch.tensor([[before]], device=model.device), carry, memory)
            logp = step.logp[0, 0]  # (V)
            top = logp.topk(min(most, len(logp)))
            best = zip(top.indices.tolist(), top.values.exp().tolist(), strict=True)
            state = step.carry["h"][0, 0, -1, :4].tolist() if "h" in step.carry else ()
            out.append(Writing(before, token, float(logp[token]), tuple(best), tuple(state)))
            carry, before = step.carry, token
    return out


def sizes(model: Decoder, source: Sequence[int]) -> tuple[int, int]:
    """How many numbers the decoder has of a source: (those it starts with, those that it may look at at
    every step). Without attention the second is 0, however long the source is."""
    with torch.inference_mode():
        memory = model.encode(torch.tensor([list(source)], device=model.device))
        start = sum(x.numel() for x in model.start(memory, 1).values() if x.dim() == 4)
    return start, memory["states"].numel() if "keys" in memory else 0


@dataclass(frozen=True)
class Joined:
    """A source of several sentences joined by commas."""

    sentences: int
    tokens: int
    """Of the source."""
    score: float
    """chrF, 0 to 100, of its output against the outputs of its sentences one by one."""
    output: str


def lengthened(pipeline: Pipeline, sentences: Sequence[str]) -> Iterator[Joined]:
    """The first sentence, the first two, … decoded greedily as one sentence each.

    What a model says of each sentence alone is its own measure: no reference is needed, and a model that
    lost nothing would score near 100 at any length (after Cho et al. 2014, "On the Properties …",
    section 4.2, who let real sentences grow).
    """
    options = from_dict(SearchOptions, to_dict(pipeline.config.search) | {"beam": 1, "groups": 1})
    alone = [_bare(r.text) for r in pipeline.batch(list(sentences), options)]
    for n in range(1, len(sentences) + 1):
        source = _as_one(list(map(_bare, sentences[:n])))
        [result] = pipeline.batch([source], options)
        yield Joined(
            n,
            sum(len(s.trace.source) for s in result.sentences),
            sentence_chrf(result.text, [_as_one(alone[:n])]),
            result.text,
        )


def _bare(text: str) -> str:
    """Without the mark at its end."""
    return text.strip().rstrip(".?!。？！")


def _as_one(parts: Sequence[str]) -> str:
    return ", ".join([parts[0], *(_small(p) for p in parts[1:])]) + "."


def _small(text: str) -> str:
    """Begun with a small letter, unless its first word is a single letter, such as I."""
    return text if text[1:2] in (" ", "'", "") else text[0].lower() + text[1:]
