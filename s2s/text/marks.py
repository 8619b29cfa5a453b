"""What a piece of another library's vocabulary writes: its bytes, white space as a visible mark.

Two dialects: SentencePiece (a mark where a word begins, ``<0xE4>`` for a byte) and byte-level BPE
(Radford et al. 2019, section 2.2: every byte has a printable character).
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from s2s.text.words import SPACE

GAP = "\u0120"  # how byte-level vocabularies print a space
_BYTE = re.compile(r"<0x([0-9A-F]{2})>")


def byte_level(pieces: Iterable[str]) -> bool:
    """Whether a vocabulary is of the byte-level dialect: the more frequent mark of a space decides."""
    marks = [piece[:1] for piece in pieces if piece[:1] in (SPACE, GAP)]
    return marks.count(GAP) > len(marks) / 2


def written(piece: str, bytewise: bool) -> bytes:
    """What a piece adds to a text.

    >>> written("\u2581the", False).decode(), written("\u0120caf\u00c3\u00a9", True).decode()
    ('\u2581the', '\u2581caf\u00e9')
    """
    if not bytewise:
        byte = _BYTE.fullmatch(piece)
        return bytes([int(byte[1], 16)]) if byte else piece.encode("utf-8", "replace")
    known = _printed()
    raw = b"".join(known.get(char) or char.encode("utf-8", "replace") for char in piece)
    return raw.replace(b" ", SPACE.encode())


def starts_character(raw: bytes) -> bool:
    """Whether the first byte is no continuation of a character before."""
    return not raw or raw[0] & 0xC0 != 0x80


def readable(raw: bytes) -> str:
    """As text; a broken character at either end is left out."""
    return raw.decode("utf-8", "ignore")


@cache
def _printed() -> dict[str, bytes]:
    """Character → byte of the byte-level dialect: printable Latin-1 stands for itself, the others
    for the characters from U+0100 on, in order."""
    own = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [b for b in range(256) if b not in own]
    found = {chr(b): bytes([b]) for b in own}
    return found | {chr(256 + n): bytes([b]) for n, b in enumerate(others)}
