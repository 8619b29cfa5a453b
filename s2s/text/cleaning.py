"""Text as models read it: one Unicode form, no control characters, single spaces."""

from __future__ import annotations

import re
import unicodedata

_HALF = re.compile("[\ud800-\udfff]")
_KEPT_FORMAT = {"\u200c", "\u200d"}  # joiners that Persian, Indic scripts and emoji need


def whole(text: str) -> str:
    """Halves of surrogate pairs, which are no text and cannot be written, become U+FFFD."""
    return _HALF.sub("\ufffd", text)


def clean(text: str) -> str:
    """NFC; control and format characters out; odd spaces to one space; ’ to '.

    >>> clean(" l\\u2019e\\u0301te\\u0301\\x00\\n ")
    "l'été"
    """
    text = unicodedata.normalize("NFC", text).replace("\u2019", "'")
    if text.isprintable():  # nothing but letters, marks and plain spaces: the usual case
        return " ".join(text.split())
    out = []
    for char in text:
        category = unicodedata.category(char)
        if category == "Cs":
            out.append("\ufffd")
        elif category == "Cf" and char not in _KEPT_FORMAT:
            continue
        elif category == "Cc" or char.isspace():
            out.append(" ")
        else:
            out.append(char)
    return " ".join("".join(out).split())
