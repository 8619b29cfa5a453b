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

from streamlit.testing.v1 import AppTest

from benchmarks.pieces import PIECES, VALUES
from pages.parts import codes
from pages.parts.address import READERS
from s2s.checkpoint import available, read_config
from s2s.cli import main as command_line
from s2s.config import SearchOptions, choices, describe, override
from s2s.errors import S2SError
from s2s.pipeline import Pipeline
from s2s.text.source import Source
from s2s.training import jobs
from s2s.training.toys import Order

ROOT = Path(__file__).resolve().parent.parent
PAGES = (
    "translate",
    "dialogue",
    "summarize",
    "attention_lab",
    "beam_lab",
    "batch",
    "learn",
    "train",
)
NAMES = (*READERS, "turn", "model", "nonsense")  # whatever an address may hold, and what none does
TEXTS = (
    "text",
    "document",
    "said",
    "turn",
    "prefix",
    "target",
    "model",
    "rows",
    "line",
    "lines",
    "reference",
)
CODES = {
    "panel": codes.PANELS,
    "look": codes.LOOKS,
    "lesson": codes.LESSONS,
    "order": codes.ORDERS,
    "toy": choices(Order, "toy"),
}
CHOSEN = {"beam_lab": "panel", "attention_lab": "look", "learn": "lesson", "train": "toy"}
LONGEST = 100_000  # characters
OPTIONS = [row.name for row in describe(SearchOptions)]
_pipelines: dict[str, Pipeline] = {}


def text(rng: random.Random, most: int = 8) -> str:
    """A text of a few pieces, or of random characters, of 100 kB at most."""
    return _text(rng, most)[:LONGEST]


def _text(rng: random.Random, most: int) -> str:
    if rng.random() < 0.15:
        return "".join(chr(rng.randrange(0x11000)) for _ in range(rng.randrange(60)))
    if rng.random() < 0.01:
        return (rng.choice(PIECES) or "x") * 100_000  # cut below
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
    """One page with an address of any kind; then something typed; on some pages a button."""
    name = rng.choice(PAGES)
    page = AppTest.from_file(str(ROOT / "app.py"), default_timeout=600)
    if name != "translate":
        page.switch_page(f"pages/{name}.py")
    for key, value in _address(rng, name).items():
        page.query_params[key] = value.encode("utf-8", "replace").decode()
    page.run()
    if page.text_area and rng.random() < 0.7 and not page.exception:
        typed = text(rng, 5).encode("utf-8", "replace").decode()
        page.text_area[0].set_value(typed).run()
    if name in ("batch", "train") and not page.exception:
        _press(page, ("Start", "Start anew", "Go through"))
    if page.exception:
        raise AssertionError([e.message for e in page.exception])
    for alert in (*page.warning, *page.error):
        refused(alert.value)
    return "refusals" if page.error else "answers"


def _address(rng: random.Random, page: str) -> dict[str, str]:
    """Some names with any values."""
    found = {}
    for _ in range(rng.randrange(5)):
        key = rng.choice([*NAMES, *OPTIONS])
        known = key in CODES and rng.random() < 0.8
        found[key] = rng.choice(CODES[key]) if known else rng.choice(VALUES)
        if rng.random() < 0.4 and key in TEXTS:
            found[key] = text(rng)
    if page in CHOSEN and rng.random() < 0.7:
        found[CHOSEN[page]] = rng.choice(CODES[CHOSEN[page]])
    if page == "batch" and rng.random() < 0.7:
        found["rows"] = "\n".join(text(rng, 3) for _ in range(rng.randrange(6)))
    if page == "train" and rng.random() < 0.7:
        found["lines"] = "\n".join(
            f"{text(rng, 2)}\t{text(rng, 2)}" for _ in range(rng.randrange(30))
        )
    return found


def _press(page: AppTest, labels: tuple[str, ...]) -> None:
    """A button, if it is there, and what comes of it."""
    button = next((b for b in page.button if b.label.startswith(labels)), None)
    if button is not None:
        button.click().run()
        if not page.exception:
            page.run()


KINDS = {"task": on_task, "command": on_command, "page": on_page}
ORDER = ["task"] * 7 + ["command"] * 2 + ["page"]


def main() -> None:
    first = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    last = int(sys.argv[2]) if len(sys.argv) > 2 else first + 1 if len(sys.argv) > 1 else 10_000
    for folder in available():
        read_config(folder)
    # what a visitor orders on the Train page is prepared and started, but not learned
    jobs.command = lambda *_: [sys.executable, "-c", "pass"]
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
