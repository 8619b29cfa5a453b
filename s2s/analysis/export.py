"""A search to take away: the trace as JSON, and the Python that makes it again.

The JSON's fields are described by ``docs/trace.schema.json``.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable, Sequence

import numpy as np

from s2s.analysis.playback import play
from s2s.analysis.whatif import Edit
from s2s.config import SearchOptions
from s2s.trace import Fate, Sentence

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
                "generated": None if h.gen is None else [_number(v) for v in h.gen],
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
            "text": sentence.text,
            "tokens": list(trace.src),
            "pieces": list(sentence.src_pieces),
            "tokens_cut": sentence.cut,
        },
        "hypotheses": hypotheses,
        "steps": steps,
    }


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


def as_python(
    text: str,
    options: SearchOptions,
    *,
    checkpoint: str,
    digest: str,
    prefix: str = "",
    sentence: int = 0,
    edits: Sequence[Edit] = (),
) -> str:
    """A script that makes the very result again, and stops if the weights are others.

    With ``edits`` it also walks the what-if path.
    """
    default = SearchOptions()
    chosen = ", ".join(
        f"{f.name}={value!r}"
        for f in dataclasses.fields(options)
        if (value := getattr(options, f.name)) != getattr(default, f.name)
    )
    lines = [
        "from s2s.config import SearchOptions",
        "from s2s.pipeline import Pipeline",
        "",
        f"pipeline = Pipeline({checkpoint!r})",
        f"assert pipeline.checkpoint.digest == {digest!r}, 'other weights'",
        f"options = SearchOptions({chosen})",
        f"result = pipeline({text!r}, options{f', prefix={prefix!r}' if prefix else ''})",
        f"sentence = result.sentences[{sentence}]",
        "for output, h in zip(sentence.outputs, sentence.trace.hypotheses):",
        "    print(f'{h.score:.4f}  {h.total:.4f}  {output}')",
    ]
    if edits:
        path = ", ".join(f"Edit({e.position}, {e.tokens!r})" for e in edits)
        lines[2:2] = ["from s2s.analysis.whatif import Edit, retell"]
        lines[:3] = [lines[2], lines[0], lines[1]]
        lines += [
            "",
            f"edits = [{path}]",
            "traces = retell(",
            "    pipeline.checkpoint.model, sentence.trace.src, options, edits,",
            "    model_limit=pipeline.config.data.max_tgt, prefix=sentence.trace.prefix,",
            ")",
            "for trace in traces:",
            "    best = trace.best",
            "    print(f'{best.score:.4f}  {best.total:.4f}  '",
            "          f'{pipeline.tokenizer.decode(best.tokens)}')",
        ]
    return "\n".join(lines) + "\n"


def _number(value: float | None) -> float | None:
    if value is None or not math.isfinite(value):
        return None
    return round(float(value), DIGITS)
