"""Where a word begins among pieces, and how many words a text has in scripts with and without spaces."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable

SPACE = "\u2581"  # SentencePiece's visible space: "a new word begins here"


def begins_word(piece: str, previous: str) -> bool:
    """Whether a word begins with ``piece``, which stands behind ``previous`` (nothing: a special token)."""
    if not previous or piece.startswith(SPACE):
        return True
    if previous == SPACE:
        return False
    head, tail = piece[0], previous[-1]
    return is_unspaced(head) or is_unspaced(tail) or _is_mark(head) != _is_mark(tail)


def _is_mark(char: str) -> bool:
    """Punctuation that stands apart from words; apostrophe and hyphen join them."""
    return unicodedata.category(char).startswith("P") and char not in "'-\u2019_"


def is_unspaced(char: str) -> bool:
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


def split_words(text: str) -> list[str]:
    """Words between spaces; in a script without spaces each character is one.

    >>> split_words("ab 漢字 c")
    ['ab', '漢', '字', 'c']
    """
    apart = "".join(f" {char} " if is_unspaced(char) else char for char in text)
    return apart.split()


def first_words(text: str, n: int) -> str:
    """The text up to the end of its n-th word."""
    whole = text.split()
    if not any(map(is_unspaced, text)):
        return " ".join(whole[:n])
    end = 0
    for word in split_words(text)[:n]:
        end = text.index(word, end) + len(word)
    return text[:end]


def script_of(texts: Iterable[str]) -> str:
    """What most letters are: ``han``, ``kana``, ``hangul``, ``unspaced`` (Thai …), ``latin``, ``other``.

    Japanese mixes kana and han: a tenth of kana makes it Japanese.
    """
    counts: Counter[str] = Counter(
        _script(char) for text in texts for char in text if char.isalpha()
    )
    if counts["kana"] * 10 >= counts["kana"] + counts["han"] > 0:
        counts["kana"] += counts.pop("han", 0)
    return max(counts, key=counts.__getitem__, default="latin")


def _script(char: str) -> str:
    code = ord(char)
    if 0x3040 <= code <= 0x30FF:
        return "kana"
    if 0xAC00 <= code <= 0xD7A3 or 0x1100 <= code <= 0x11FF:
        return "hangul"
    if is_unspaced(char):
        return "unspaced" if code < 0x3000 else "han"
    return "latin" if code < 0x0250 or 0x1E00 <= code <= 0x1EFF else "other"
