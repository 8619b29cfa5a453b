"""Results and whole searches as JSON. The fields of a search are described by ``trace.schema.json``."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence
from importlib import resources

import numpy as np

from s2s.analysis.playback import play
from s2s.trace import Fate, Result, Sentence

SCHEMA = "s2s-trace/1"
DIGITS = 6

Pieces = Callable[[Sequence[int]], list[str]]


def document(
    sentence: Sentence,
    *,
    checkpoint: str,
    digest: str,
    task: str,
    architecture: str,
    version: str,
    pieces: Pieces,
) -> dict:
    """One sentence's recorded search as plain JSON types.

    ``digest``: of the weights file, so that a reader knows which model spoke; ``pieces``: the
    tokenizer's, ids → pieces. Numbers are rounded to 6 decimals, -inf is null.
    """
    trace = sentence.trace
    steps = [
        {
            "step": frame.t + 1,
            "cut": _number(frame.cut),
            "live": [
                {"row": h.row, "tokens": list(h.tokens), "total": _number(h.total)}
                for h in frame.live
            ],
            "candidates": [
                {
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
                for c in frame.candidates
            ],
        }
        for frame in play(trace)
    ]
    hypotheses = []
    for n, h in enumerate(trace.hypotheses):
        alpha = h.alpha()
        hypotheses.append(
            {
                "text": sentence.outputs[n],
                "tokens": list(h.tokens),
                "pieces": list(sentence.tgt_pieces[n]),
                "token_logprobs": [_number(v) for v in h.logprobs],
                "total": _number(h.total),
                "penalty": _number(h.penalty),
                "score": _number(h.score),
                "finished": h.finished,
                "generated": [_number(v) for v in h.extras["generate"]]
                if "generate" in h.extras
                else None,
                "attention": None if alpha is None else np.round(alpha.astype(float), 4).tolist(),
            }
        )
    return {
        "schema": SCHEMA,
        "model": {
            "checkpoint": checkpoint,
            "weights_sha256": digest,
            "task": task,
            "architecture": architecture,
        },
        "s2s": version,
        "options": dataclasses.asdict(trace.options),
        "seed": trace.options.seed,
        "prefix": list(trace.prefix),
        "source": {
            "text": sentence.source.line(),
            "tokens": list(trace.source),
            "pieces": list(sentence.src_pieces),
            "tokens_cut": sentence.cut,
        },
        "hypotheses": hypotheses,
        "steps": steps,
    }


def schema() -> str:
    """The JSON schema of a ``document``."""
    return (resources.files("s2s.export") / "trace.schema.json").read_text(encoding="utf-8")


def replay(doc: dict) -> list[tuple[list[int], float]]:
    """(tokens, total) of every output, from a document's steps alone, best total first.

    Follows ``next_row`` from step to step; a reader that gets the same can trust the file.
    """
    paths: dict[int, list[int]] = {h["row"]: h["tokens"] for h in doc["steps"][0]["live"]}
    found = []
    for step in doc["steps"]:
        following = {}
        for c in step["candidates"]:
            path = [*paths[c["row"]], c["token"]]
            if c["fate"] == "finished":
                found.append((path, c["total"]))
            elif c["fate"] == "kept":
                following[c["next_row"]] = path
                if step is doc["steps"][-1]:
                    found.append((path, c["total"]))
        paths = following
    return sorted(found, key=lambda x: -x[1])


def _number(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), DIGITS)


def as_json(result: Result, nbest: int | None = None, attention: bool = False) -> dict:
    """A result as plain JSON types: every hypothesis with its tokens and scores.

    ``attention`` adds (T,S) weights averaged over layers and heads, rounded to 4 digits; null for
    a model without attention.
    """

    def hypothesis(s: Sentence, n: int) -> dict:
        h = s.hypotheses[n]
        out = {
            "text": s.outputs[n],
            "score": round(h.score, 5),
            "logprob": round(h.total, 5),
            "finished": h.finished,
            "pieces": list(s.tgt_pieces[n]),
            "tokens": list(h.tokens),
            "token_logprobs": [round(float(v), 5) for v in h.logprobs],
        }
        if s.alone is not None:
            out["lm_logprob"] = round(s.alone[n], 5)
        if attention:
            alpha = h.alpha()
            out["attention"] = None if alpha is None else np.round(alpha.astype(float), 4).tolist()
            if "generate" in h.extras:
                out["generate_probability"] = np.round(
                    h.extras["generate"].astype(float), 4
                ).tolist()
        return out

    return {
        "text": result.text,
        "warnings": list(result.warnings),
        "sentences": [
            {
                "source": s.source.line(),
                "source_pieces": list(s.src_pieces),
                "source_tokens_cut": s.cut,
                "hypotheses": [hypothesis(s, n) for n in range(len(s.hypotheses[: nbest or None]))],
            }
            for s in result.sentences
        ],
    }
