"""The Python that makes a search again."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from s2s.analysis.what_if import Edit
from s2s.config import SearchOptions
from s2s.text.source import Source, as_source


def as_python(
    source: Source | str,
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
    source = as_source(source)
    plain = source == Source((source.text,))
    given = repr(source.text if plain else source)
    lines = [
        *(["from s2s.analysis.what_if import Edit, retell"] if edits else []),
        "from s2s.config import SearchOptions",
        "from s2s.pipeline import Pipeline",
        *([] if plain else ["from s2s.text.source import Source"]),
        "",
        f"pipeline = Pipeline({checkpoint!r})",
        f"assert pipeline.checkpoint.digest == {digest!r}, 'other weights'",
        f"options = SearchOptions({chosen})",
        f"result = pipeline({given}, options{f', prefix={prefix!r}' if prefix else ''})",
        f"sentence = result.sentences[{sentence}]",
        "for h in sentence.trace.hypotheses:",
        "    print(f'{h.score:.4f}  {h.total:.4f}  {pipeline.tokenizer.decode(h.tokens)}')",
    ]
    if edits:
        path = ", ".join(f"Edit({e.position}, {e.tokens!r})" for e in edits)
        lines += [
            "",
            f"edits = [{path}]",
            "traces = retell(",
            "    pipeline.checkpoint.model, sentence.trace.source, options, edits,",
            "    prefix=sentence.trace.prefix,",
            ")",
            "for trace in traces:",
            "    best = trace.best",
            "    print(f'{best.score:.4f}  {best.total:.4f}  '",
            "          f'{pipeline.tokenizer.decode(best.tokens)}')",
        ]
    return "\n".join(lines) + "\n"
