"""Answers and whole searches as JSON: one dialect, described by ``trace.schema.json`` beside this file.

``s2s generate --json`` writes ``as_json``; the Beam lab's ``document`` is the same for one sentence, with
its model, its options and every step. A reader of the one reads the other.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Iterable, Sequence
from importlib import resources
from typing import Any

import numpy as np

from s2s.analysis.playback import Candidate, Frame, play
from s2s.text import remarks
from s2s.trace import Fate, Result, Sentence

SCHEMA = "s2s-trace/3"
DIGITS = 6

Pieces = Callable[[Sequence[int]], list[str]]


def as_json(result: Result, nbest: int | None = None, attention: bool = False) -> dict:
    """An answer as plain JSON types: its ``nbest`` outputs, or all, with their tokens and scores.

    ``attention`` adds weights, and what else a model shows at each step. Numbers are rounded to 6
    decimals (attention: 4), -inf is null.
    """
    return {
        "schema": SCHEMA,
        "precision": result.precision,
        "text": result.text,
        "warnings": [remarks.as_json(w) for w in result.warnings],
        "sentences": [_sentence(s, nbest, attention) for s in result.sentences],
    }


def document(
    sentence: Sentence,
    *,
    checkpoint: str,
    digest: str,
    task: str,
    architecture: str,
    version: str,
    pieces: Pieces,
    precision: str = "fp32",
) -> dict:
    """One sentence's recorded search, with the model that made it.

    ``digest``: of the weights file, so that a reader knows which model spoke; ``pieces``: the
    tokenizer's, ids → pieces; ``precision``: of the products that it was computed with.
    """
    steps = [_step(frame, pieces) for frame in play(sentence.trace)]
    return {
        "schema": SCHEMA,
        "s2s": version,
        "model": {
            "checkpoint": checkpoint,
            "weights_sha256": digest,
            "task": task,
            "architecture": architecture,
        },
        "precision": precision,
        "options": dataclasses.asdict(sentence.trace.options),
        "text": sentence.outputs[0],
        "warnings": [],
        "sentences": [_sentence(sentence, None, True) | {"steps": steps}],
    }


def schema() -> str:
    """The JSON schema of both."""
    return (resources.files("s2s.export") / "trace.schema.json").read_text(encoding="utf-8")


def replay(sentence: dict) -> list[tuple[list[int], float]]:
    """(tokens, total) of every output of one of ``document``'s sentences, from its steps alone, best
    total first.

    Follows ``next_row`` from step to step; a reader that gets the same can trust the file.
    """
    steps = sentence["steps"]
    paths: dict[int, list[int]] = {h["row"]: h["tokens"] for h in steps[0]["live"]}
    found = []
    for step in steps:
        following = {}
        for c in step["candidates"]:
            path = [*paths[c["row"]], c["token"]]
            if c["fate"] == "finished":
                found.append((path, c["total"]))
            elif c["fate"] == "kept":
                following[c["next_row"]] = path
                if step is steps[-1]:
                    found.append((path, c["total"]))
        paths = following
    return sorted(found, key=lambda x: -x[1])


def _sentence(s: Sentence, nbest: int | None, attention: bool) -> dict:
    return {
        "source": {
            "parts": list(s.source.parts),
            "kind": s.source.kind,
            "language": s.source.language,
            "tokens": list(s.trace.source),
            "pieces": list(s.src_pieces),
            "tokens_cut": s.cut,
        },
        "prefix": list(s.trace.prefix.ids),
        "prefix_rest": s.trace.prefix.rest,
        "hypotheses": [
            _hypothesis(s, n, attention) for n in range(len(s.hypotheses[: nbest or None]))
        ],
    }


def _hypothesis(s: Sentence, n: int, attention: bool) -> dict:
    h = s.hypotheses[n]
    out: dict[str, Any] = {
        "text": s.outputs[n],
        "tokens": list(h.tokens),
        "pieces": list(s.tgt_pieces[n]),
        "token_logprobs": _numbers(h.logprobs),
        "total": _number(h.total),
        "penalty": _number(h.penalty),
        "coverage": _number(h.coverage),
        "alone": None if s.alone is None else _number(s.alone[n]),
        "score": _number(h.score),
        "finished": h.finished,
        "same_text_as": s.same_as[n],
    }
    if attention:
        alpha = h.alpha()
        out["attention"] = None if alpha is None else np.round(alpha.astype(float), 4).tolist()
        out["extras"] = {name: _numbers(values) for name, values in h.extras.items()}
    return out


def _step(frame: Frame, pieces: Pieces) -> dict:
    return {
        "step": frame.t + 1,
        "cut": _number(frame.cut),
        "live": [
            {"row": h.row, "tokens": list(h.tokens), "total": _number(h.total)} for h in frame.live
        ],
        "candidates": [_candidate(c, pieces) for c in frame.candidates],
    }


def _candidate(c: Candidate, pieces: Pieces) -> dict:
    return {
        "row": c.row,
        "token": c.tokens[-1],
        "piece": pieces([c.tokens[-1]])[0],
        "logprob": _number(c.logprob),
        "total": _number(c.total),
        "score": _number(c.score),
        "fate": c.fate.name.lower(),
        "gap": _number(c.gap) if c.fate == Fate.PRUNED else None,
        "blocked_by": c.block.name.lower() if c.block else None,
        "next_row": c.slot if c.slot >= 0 else None,
    }


def _numbers(values: Iterable[float]) -> list[float | None]:
    return [_number(value) for value in values]


def _number(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), DIGITS)
