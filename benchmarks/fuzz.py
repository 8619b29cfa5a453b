"""Seeded hostile inputs through every page, command and task: ``python benchmarks/fuzz.py [FIRST] [LAST]``.

Input number i is made from seed i alone, so any finding comes back with ``fuzz.py I``; slices may run apart.
Of ten inputs seven go to a task's pipeline, two to a command, one to a page (through AppTest). Counts
answers, refusals in one sentence, and tracebacks, of which there must be none. Each input is a text of pieces
that break things (controls, halves of surrogates, right-to-left marks, markup, numbers, other scripts, no
text at all), with options or an address in or beyond their ranges.
"""

from __future__ import annotations

import io
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from s2s.checkpoint import available, read_config
from s2s.cli import main as command_line
from s2s.config import SearchOptions, describe, override
from s2s.errors import S2SError
from s2s.pipeline import Pipeline
from s2s.text.source import Source

ROOT = Path(__file__).resolve().parent.parent
PIECES = [
    *(
        "",
        " ",
        "\n",
        "\t",
        "\r\n",
        "\u2028",
        "\x00",
        "\x1b[31m",
        "\ud800",
        "\udfff",
        "\ufeff",
        "\u202e",
    ),
    *(
        "\u200d",
        "\u0301" * 40,
        "ﷺ",
        "🙂",
        "👩‍👩‍👧",
        "漢字。",
        "ไทย",
        "العربية",
        "עברית",
        "नमस्ते",
        "ß",
        "İ",
        "ǅ",
    ),
    *(
        "Hello.",
        "I am tired.",
        "the old man",
        "1,234,567.89",
        "½",
        "٣",
        "1e999",
        "9" * 60,
        "NaN",
        "null",
    ),
    *(
        "<b>x</b>",
        "<script>alert(1)</script>",
        "![a](//127.0.0.1:9/a.png)",
        "[l](javascript:1)",
        "$x^2$",
    ),
    *(
        ":smile:",
        ":red[x]",
        ":material/home:",
        "`",
        "**",
        "</s>",
        "<unk>",
        "<0x0A>",
        "▁",
        "<you>",
        "=1+1",
    ),
    *(
        "a" * 300,
        "word " * 120,
        ". " * 60,
        "??!!",
        "...",
        "No.",
        "vol. 4",
        "&amp;",
        "%00",
        "\\",
        '"',
        "'",
    ),
]
VALUES = [
    *(
        "",
        "0",
        "1",
        "-1",
        "2",
        "7",
        "64",
        "65",
        "1e999",
        "-0.0",
        "nan",
        "inf",
        "0.5",
        "1e-45",
        "true",
        "none",
    ),
    *(
        "null",
        "average",
        "gnmt",
        "sample",
        "beam",
        "[[[",
        "{}",
        "٣",
        "9" * 400,
        "\x00",
        "x=y",
        "--",
        "é",
    ),
]
PAGES = ("translate", "dialogue", "summarize", "attention_lab", "beam_lab")
NAMES = [
    *(
        "text",
        "document",
        "said",
        "turn",
        "prefix",
        "kind",
        "model",
        "rival",
        "same",
        "view",
        "unit",
        "sentence",
    ),
    *(
        "candidate",
        "step",
        "inside",
        "panel",
        "pruned",
        "at",
        "target",
        "rank",
        "reference",
        "edits",
        "goal",
    ),
    *(
        "budget",
        "norm",
        "look",
        "which",
        "layer",
        "head",
        "gold",
        "links",
        "ending",
        "word",
        "cuts",
        "mutual",
    ),
    *("alpha_now", "beta_now", "shortest", "longest", "nonsense"),
]
CODES = {
    "panel": (
        "tree",
        "steps",
        "greedy",
        "widths",
        "rerank",
        "whatif",
        "own",
        "exact",
        "checks",
        "take",
    ),
    "look": ("heads", "align", "why", "surgery", "networks", "coverage"),
}
OPTIONS = [row.name for row in describe(SearchOptions)]
_pipelines: dict[str, Pipeline] = {}


def text(rng: random.Random, most: int = 8) -> str:
    """A text of a few pieces, or of random characters."""
    if rng.random() < 0.15:
        return "".join(chr(rng.randrange(0x11000)) for _ in range(rng.randrange(60)))
    glue = rng.choice(["", " ", " ", "\n"])
    return glue.join(rng.choice(PIECES) for _ in range(rng.randrange(most)))


def assignments(rng: random.Random) -> list[str]:
    """Some search options with any values."""
    return [
        f"{rng.choice(OPTIONS)}={rng.choice(VALUES)}" for _ in range(rng.choice([0, 0, 1, 1, 2]))
    ]


def on_task(rng: random.Random) -> str:
    """One input through a shipped model."""
    folder = rng.choice(available())
    name = folder.name
    p = _pipelines.get(name) or _pipelines.setdefault(name, Pipeline(name))
    source: Source | str = text(rng)
    if rng.random() < 0.3:
        kinds = [None, *p.task.kinds, "nope"]
        source = Source(tuple(text(rng, 4) for _ in range(rng.randrange(4))), rng.choice(kinds))
    prefix = text(rng, 3) if rng.random() < 0.2 else ""
    try:
        options = override(p.config.search, assignments(rng))
        found = p(source, options, record=rng.random() < 0.5, prefix=prefix, most=3_000)
    except S2SError as error:
        return refused(str(error))
    for warning in found.warnings:
        refused(str(warning))
    found.text.encode()  # text, not half of it
    assert "\x00" not in found.text
    return "answers"


def refused(sentence: str) -> str:
    """What was said is one sentence, or a few, on one line."""
    assert sentence.strip()
    assert "Traceback" not in sentence
    return "refusals"


def on_command(rng: random.Random) -> str:
    """One command line, in this process."""
    lines = "\n".join(text(rng, 4) for _ in range(rng.randrange(4))).encode(
        "utf-8", "surrogatepass"
    )
    if rng.random() < 0.2:
        lines = rng.randbytes(rng.randrange(80))
    with tempfile.TemporaryDirectory() as folder:
        return _command(rng, lines, Path(folder))


def _command(rng: random.Random, stdin: bytes, folder: Path) -> str:
    name = rng.choice([f.name for f in available()]) if rng.random() < 0.9 else text(rng, 2)
    file = folder / rng.choice(["a.tsv", "a.jsonl", "a.tsv.gz", "a.txt"])
    head = rng.choice([b"src\ttgt\n", b"src\ttgt\tsrc\n", b"\xef\xbb\xbfen\tfr\n", b"{}\n", b""])
    file.write_bytes(head + stdin.replace(b"\n", b"\tx\n"))
    sets = [part for a in assignments(rng) for part in ("--set", a)]
    wanted = rng.choice(
        [
            ["generate", "-c", name, *sets],
            ["generate", "-c", name, "--json", "--beam", rng.choice(VALUES)],
            ["generate", "-c", name, "--nbest", rng.choice(VALUES), "--kind", rng.choice(VALUES)],
            ["evaluate", "-c", name, "--data", str(file), *sets],
            [
                "options",
                rng.choice(["", "search", "train", "data", "model", "x"]),
                rng.choice(VALUES),
            ],
            ["train", rng.choice(VALUES), "--data", str(folder), "--out", str(folder / "o"), *sets],
            [
                "prepare",
                "translate-en-fr-bahdanau",
                "--data",
                str(folder),
                "--out",
                str(folder / "p"),
            ],
            ["align", "-c", name, "--data", str(file)],
            ["list", *rng.sample(VALUES, rng.choice([0, 0, 1]))],
            [rng.choice(VALUES), rng.choice(VALUES)],
        ]
    )
    out, err = io.TextIOWrapper(io.BytesIO(), "utf-8"), io.StringIO()
    before = sys.argv, sys.stdin
    sys.argv, sys.stdin = ["s2s", *wanted], io.TextIOWrapper(io.BytesIO(stdin), "utf-8")
    try:
        with redirect_stdout(out), redirect_stderr(err):
            command_line()
        code: object = 0
    except SystemExit as end:
        code = end.code
    finally:
        sys.argv, sys.stdin = before
    said = err.getvalue()
    assert code in (0, 2), (wanted, code, said)
    assert "Traceback" not in said, (wanted, said)
    if code == 2:
        assert said.strip(), wanted
        return "refusals"
    return "answers"


def on_page(rng: random.Random) -> str:
    """One page with an address of any kind; then something typed."""
    from streamlit.testing.v1 import AppTest

    name = rng.choice(PAGES)
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=600)
    if name != "translate":
        page.switch_page(f"pages/{name}.py")
    for _ in range(rng.randrange(5)):
        key = rng.choice([*NAMES, *OPTIONS])
        value = (
            rng.choice(CODES[key]) if key in CODES and rng.random() < 0.8 else rng.choice(VALUES)
        )
        if rng.random() < 0.4 and key in (
            "text",
            "document",
            "said",
            "turn",
            "prefix",
            "target",
            "model",
        ):
            value = text(rng)
        page.query_params[key] = value.encode("utf-8", "replace").decode()
    if name == "beam_lab" and rng.random() < 0.7:
        page.query_params["panel"] = rng.choice(CODES["panel"])
    if name == "attention_lab" and rng.random() < 0.7:
        page.query_params["look"] = rng.choice(CODES["look"])
    page.run()
    if page.text_area and rng.random() < 0.7 and not page.exception:
        typed = text(rng, 5).encode("utf-8", "replace").decode()
        page.text_area[0].set_value(typed[:2_000]).run()
    if page.exception:
        raise AssertionError([e.message for e in page.exception])
    alerts = [*page.warning, *page.error]
    for alert in alerts:
        refused(alert.value)
    return "refusals" if page.error else "answers"


KINDS = {"task": on_task, "command": on_command, "page": on_page}
ORDER = ["task"] * 7 + ["command"] * 2 + ["page"]


def main() -> None:
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    last = int(sys.argv[2]) if len(sys.argv) > 2 else first + 1 if len(sys.argv) > 1 else 10_000
    for folder in available():
        read_config(folder)
    counts: Counter[tuple[str, str]] = Counter()
    begin = time.monotonic()
    for i in range(first, last):
        kind = ORDER[i % 10]
        try:
            counts[kind, KINDS[kind](random.Random(i))] += 1
        except (Exception, SystemExit):
            counts[kind, "TRACEBACKS"] += 1
            print(f"--- input {i} ({kind})", flush=True)
            traceback.print_exc(limit=-6)
        if (i + 1) % 20 == 0 or i + 1 == last:
            print(f"{i + 1 - first:,} inputs in {time.monotonic() - begin:.0f} s:", flush=True)
            for (kind, what), n in sorted(counts.items()):
                print(f"  {kind:8} {what:10} {n:,}", flush=True)
    sys.exit(any(what == "TRACEBACKS" for _, what in counts))


if __name__ == "__main__":
    main()
