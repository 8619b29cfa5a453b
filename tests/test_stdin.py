"""Lines of stdin: encodings, byte order marks, bytes that are no text; several outputs a line."""

from __future__ import annotations

import codecs
import io
from types import SimpleNamespace

import pytest

from s2s.errors import S2SError
from s2s.terminal import Lines, nbest_of

TEXTS = [
    "the cat",
    "",
    "Où est la gare ? 漢字 Ċ ਊ",
    "last",
]  # letters with the byte of a line's end


def read(raw: bytes) -> tuple[list[str], list[str], Lines]:
    warnings: list[str] = []
    lines = Lines(io.BytesIO(raw), warnings.append)
    return list(lines), warnings, lines


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("last", [True, False])
@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (b"", "utf-8"),
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF32_BE, "utf-32-be"),
    ],
)
def test_a_byte_order_mark_is_obeyed(mark, encoding, end, last):
    found, warnings, lines = read(mark + (end.join(TEXTS) + end * last).encode(encoding))
    assert found == TEXTS
    assert not warnings
    lines.check()


@pytest.mark.parametrize(
    ("raw", "number", "why"),
    [
        ("the cat\ndéjà vu\n".encode("latin-1"), 2, "not UTF-8"),
        (b"\x80\nthe cat\n", 1, "byte 1 is 0x80"),
        ("the cat\nthe dog\n".encode("utf-16-le"), 1, "zero bytes"),
        (codecs.BOM_UTF16_LE + "a\nb".encode("utf-16-le") + b"\x00\xd8", 2, "not UTF-16-LE"),
    ],
)
def test_what_cannot_be_read_is_named(raw, number, why):
    found, warnings, lines = read(raw)
    assert len(found) >= 2
    assert warnings[0].startswith(f"line {number} ")
    assert why in warnings[0]
    with pytest.raises(S2SError, match="could not be read"):
        lines.check()


@pytest.mark.parametrize("raw", [b"", codecs.BOM_UTF8, codecs.BOM_UTF16_LE])
def test_no_bytes_are_no_lines(raw):
    assert read(raw)[:2] == ([], [])


@pytest.mark.parametrize(
    ("outputs", "n", "found"),
    [
        ([("a", "b", "a", "c")], 4, ["a", "b", "c"]),
        ([("a", "a", "a")], 3, ["a"]),
        ([("a", "a", "b"), ("x", "y", "z")], 3, ["a x", "b y", "b z"]),
    ],
)
def test_no_output_is_printed_twice(outputs, n, found):
    sentences = [SimpleNamespace(outputs=own) for own in outputs]
    assert nbest_of(SimpleNamespace(sentences=sentences, text="a"), n) == found
