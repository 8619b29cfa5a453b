"""What a terminal reads, asks for and shows: lines, options, a run of training while it lasts."""

from __future__ import annotations

import codecs
import itertools
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from itertools import islice
from typing import Any, BinaryIO

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from s2s.config import Config, RerankOptions, SearchOptions, describe, override
from s2s.errors import S2SError
from s2s.options import Row
from s2s.tasks.base import Task
from s2s.trace import Result

BLOCK = 256  # input lines decoded together


@dataclass(frozen=True)
class Asked:
    """Search and re-ranking options that a command line names, and no others."""

    search: dict[str, Any]
    ranking: dict[str, Any]
    nbest: int

    @classmethod
    def of(cls, beam: int | None, nbest: int, assignments: list[str] | None) -> Asked:
        """Checked before any model is loaded. Raises S2SError."""
        given = assignments or []
        names = [row.name for row in describe(RerankOptions)]
        of_ranking = [a for a in given if a.partition("=")[0].strip() in names]
        search = _named(SearchOptions(), [a for a in given if a not in of_ranking])
        if beam is not None:
            search["beam"] = beam
        if nbest > search.get("beam", nbest):
            raise S2SError(f"--nbest {nbest} needs a beam of at least {nbest}.")
        SearchOptions(**search)
        return cls(search, _named(RerankOptions(), of_ranking), nbest)

    def on(self, config: Config) -> tuple[SearchOptions, RerankOptions]:
        """A checkpoint's own options with these on top."""
        options = replace(config.search, **self.search)
        options = replace(options, beam=max(options.beam, self.nbest))
        return options, replace(config.rerank, **self.ranking)


def _named(defaults: Any, assignments: list[str]) -> dict[str, Any]:
    """The options that the assignments name, and no others."""
    values = asdict(override(defaults, assignments))
    return {name: values[name] for name in (a.partition("=")[0].strip() for a in assignments)}


def check_kind(task: Task, kind: str) -> None:
    """Raises S2SError if ``kind`` is none that outputs of the task have."""
    if kind and kind not in task.kinds:
        known = ", ".join(task.kinds) or "none"
        raise S2SError(f"A {task.name} model has no kind {kind!r}; known: {known}.")


def show(run: Iterable[Any], console: Console) -> None:
    """Draw a run of training until it ends."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.percentage:.0f}%"),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=console, disable=not console.is_terminal) as bar:
        task = bar.add_task("preparing data", total=None)
        for p in run:
            bar.update(task, total=p.steps, completed=p.step, description=f"epoch {p.epoch + 1}")
            line = (
                f"step {p.step:>6}/{p.steps}  loss {p.loss:.3f}  nll {p.nll:.3f}  "
                f"grad {p.grad_norm:.2f}  lr {p.lr:.1e}  {p.tokens_per_second:,.0f} tokens/s  "
                f"{p.seconds_left / 60:.0f} min left"
            )
            console.print(line, highlight=False, markup=False, soft_wrap=True)
            if p.metric is not None:
                console.print(
                    f"  validation {p.metric:.2f} (best {p.best:.2f})  {p.sample[0]} → {p.sample[1]}",
                    highlight=False,
                    markup=False,
                )
            if p.note:
                console.print(f"  {p.note}", highlight=False, markup=False)


def listing(rows: Sequence[Row]) -> str:
    """Options as lines of text: name, range and default, then the line of help."""
    name = max((len(row.name) for row in rows), default=0)
    wanted = [f"{row.type}: {row.range}".removesuffix(": ") for row in rows]
    lines = []
    for row, range_ in zip(rows, wanted, strict=True):
        default = f" [{row.default}]" if row.default else ""
        lines += [f"  {row.name:{name}}  {range_}{default}", f"  {'':{name}}    {row.help}"]
    return "\n".join(lines)


# ------------------------------------------------------------------------------ lines in and out
MARKS = (  # of byte order, the longest first
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)


class Lines:
    """Lines of a stream of bytes: UTF-8, or what a byte order mark at its beginning says.

    What cannot be read so becomes U+FFFD, and the lines that hold such are warned of: they get an
    answer, but to something that nobody wrote.
    """

    def __init__(self, stream: BinaryIO, warn: Callable[[str], None]) -> None:
        self.stream, self.warn, self.bad, self.encoding = stream, warn, 0, "utf-8"

    def __iter__(self) -> Iterator[str]:
        first = self.stream.readline()
        mark, self.encoding = next(
            ((m, name) for m, name in MARKS if first.startswith(m)), (b"", "utf-8")
        )
        wide = self.encoding != "utf-8"
        raw = itertools.chain((first[len(mark) :],) if first[len(mark) :] else (), self.stream)
        decoded = self._wide(raw) if wide else (self._narrow(line) for line in raw)
        for number, (line, doubt) in enumerate(decoded, 1):
            if doubt:
                self.bad += 1
                self.warn(f"line {number} {doubt}, so its output means little.")
            yield line.rstrip("\r\n")

    def check(self) -> None:
        """Raises S2SError if any line could not be read."""
        if self.bad:
            lines = "1 line" if self.bad == 1 else f"{self.bad:,} lines"
            raise S2SError(
                f"{lines} of the input could not be read as {self.encoding.upper()}; convert it to "
                "UTF-8, for example with iconv."
            )

    @staticmethod
    def _narrow(raw: bytes) -> tuple[str, str]:
        if b"\0" in raw:
            return raw.decode("utf-8", "replace"), "holds zero bytes, as text in UTF-16 does"
        try:
            return raw.decode("utf-8"), ""
        except UnicodeDecodeError as error:
            doubt = f"is not UTF-8 (byte {error.start + 1} is 0x{raw[error.start]:02X})"
            return raw.decode("utf-8", "replace"), doubt

    def _wide(self, raw: Iterable[bytes]) -> Iterator[tuple[str, str]]:
        """Lines of an encoding in which the byte of a line's end may be part of another character."""
        decoder, rest = codecs.getincrementaldecoder(self.encoding)("replace"), ""
        for chunk in itertools.chain(raw, (b"",)):
            *whole, rest = (rest + decoder.decode(chunk, final=not chunk)).split("\n")
            for line in whole if chunk or not rest else [*whole, rest]:
                broken = f"is not {self.encoding.upper()}" if "\ufffd" in line else ""
                yield line, broken


def warn(warning: str) -> None:
    """One remark on stderr."""
    print(f"warning: {warning}", file=sys.stderr)


def blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    """Lines in groups that are decoded together."""
    given = iter(lines)
    while block := list(islice(given, BLOCK)):
        yield block


def nbest_of(result: Result, n: int) -> list[str]:
    """n-best outputs, no text twice: of one sentence its own; of several, the n-th best of each joined."""
    if not result.sentences:
        return [""]
    if n == 1:
        return [result.text]
    distinct = [list(dict.fromkeys(s.outputs)) for s in result.sentences]
    most = max(map(len, distinct))
    return [" ".join(own[min(i, len(own) - 1)] for own in distinct) for i in range(min(n, most))]


def flat(text: str) -> str:
    """One line, no tabs: the output format's own marks."""
    return " ".join(text.split())
