"""How often each warning about an answer is right, on held-out pairs: ``python benchmarks/warnings.py PAIRS``.

PAIRS: a .tsv or .tsv.gz with columns en and fr. A warning that an answer lacks a number or a name is right if the
reference, which a person wrote, has it; wrong if the person left it out as well. A warning of a number that
the source has not is right if the reference has not got it either. Capitals and foreign characters are tried on the same
sentences: in capitals, and in other columns (zh, vi …) of the file; on the sentences themselves no such warning is
right. A letter or sign that the model never saw is rightly missed if the reference has it. An output that was cut at
its limit, or a source that was not read to its end, is so by measure. Prints, for each kind, how many warnings there
were and the share that was right.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from s2s.config import override
from s2s.data.reading import read_rows
from s2s.pipeline import Pipeline
from s2s.text.names import lost
from s2s.text.numbers import lacking, numbers
from s2s.trace import Result

BATCH = 25
JUDGED = ("number lacking", "number added", "name lacking", "sign lacking")
ROUND = dict[str, list[tuple[str, ...]]]


def judge(
    p: Pipeline, src: str, result: Result, reference: str, found: ROUND, counts: Counter
) -> None:
    """What the warnings of one answer speak of, against the reference: wrong is what it has no more than the
    answer has, and a number that it has as well."""
    answer, target = result.text, p.config.tgt_language
    told = {word for w in result.warnings for word in getattr(w, "found", ())}
    unknown = p.tokenizer.unknown(src)
    for kind, words, excused in (
        ("number lacking", lacking(src, answer, target), lacking(src, reference, target)),
        (
            "number added",
            lacking(answer, src, p.config.src_language),
            [n for n in lacking(answer, src) if numbers(n)[0] in numbers(reference)],
        ),
        ("name lacking", lost(src, answer, p._rare), lost(src, reference, p._rare)),
        ("sign lacking", unknown, [c for c in unknown if c not in reference]),
    ):
        for word in told.intersection(words):
            right = word not in excused
            counts[kind, right] += 1
            found.setdefault(f"{kind}, {'right' if right else 'wrong'}", []).append(
                (word, src, answer, reference)
            )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pairs", type=Path)
    parser.add_argument("-c", default="translate-en-fr-transformer")
    parser.add_argument("-n", type=int, default=500)
    parser.add_argument("--skip", type=int, default=0)
    parser.add_argument("--beam", type=int, default=5)
    parser.add_argument("--save", type=Path, help="Write every warning there.")
    a = parser.parse_args()
    p = Pipeline(a.c)
    options = override(p.config.search, [f"beam={a.beam}"])
    rows = list(read_rows(a.pairs))[a.skip : a.skip + a.n]
    found: ROUND = {}
    counts: Counter[tuple[str, bool]] = Counter()
    kinds: Counter[str] = Counter()
    outs = []
    for start in range(0, len(rows), BATCH):
        part = rows[start : start + BATCH]
        for row, result in zip(part, p.batch([r["en"] for r in part], options), strict=True):
            kinds.update({w.kind for w in result.warnings})
            judge(p, row["en"], result, row["fr"], found, counts)
            outs.append((row["en"], row["fr"], result.text))
        if a.save:
            a.save.write_text(json.dumps({"found": found, "outs": outs}, ensure_ascii=False))
    print(
        f"{len(rows)} pairs, {a.c}, beam {a.beam}; sentences with a warning, by kind: {dict(kinds)}"
    )
    for kind in JUDGED:
        right, wrong = counts[kind, True], counts[kind, False]
        share = f"{100 * right / (right + wrong):.0f} %" if right + wrong else "-"
        print(f"{kind}: {right + wrong} warnings, {right} right ({share})")
    for other in ("zh", "vi", "de"):
        texts = [r[other] for r in rows[:100] if r.get(other)]
        if texts:
            warned = sum("characters" in _kinds(p, t) for t in texts)
            print(f"characters: {warned} of {len(texts)} texts in {other}")
    loud = [r["en"].upper() for r in rows[:100]]
    print(f"capitals: {sum('capitals' in _kinds(p, t) for t in loud)} of {len(loud)} in capitals")


def _kinds(p: Pipeline, text: str) -> set[str]:
    """Kinds of warnings that come before any decoding."""
    source = p.task.read(p.task.parse(text))
    return {w.kind for w in p._units(source, "")[1]}


if __name__ == "__main__":
    main()
