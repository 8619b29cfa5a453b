"""Where a word begins among pieces."""

from __future__ import annotations

import unicodedata

SPACE = "\u2581"  # SentencePiece's visible space: "a new word begins here"


def begins_word(piece: str, previous: str) -> bool:
    """Whether a word begins with ``piece``, which stands behind ``previous`` (nothing: a special token)."""
    if not previous or piece.startswith(SPACE):
        return True
    if previous == SPACE:
        return False
    head, tail = piece[0], previous[-1]
    return _unspaced(head) or _unspaced(tail) or _is_mark(head) != _is_mark(tail)


def _is_mark(char: str) -> bool:
    """Punctuation that stands apart from words; apostrophe and hyphen join them."""
    return unicodedata.category(char).startswith("P") and char not in "'-\u2019_"


def _unspaced(char: str) -> bool:
    """Scripts written without spaces: Han, Kana, Thai, Lao, Khmer, Myanmar."""
    code = ord(char)
    return (
        0x3040 <= code <= 0x30FF
        or 0x3400 <= code <= 0x9FFF
        or 0xF900 <= code <= 0xFAFF
        or 0x20000 <= code <= 0x3FFFF
        or 0x0E00 <= code <= 0x0EFF
        or 0x1780 <= code <= 0x17FF
        or 0x1000 <= code <= 0x109F
    )
