"""A text cut into sentences, and the white space between them."""

from __future__ import annotations

import re

import sentencex

from s2s.text.cleaning import clean

_WRAPPED = re.compile(r"(?<=[^\s.!?:;])\r?\n(?=[a-zà-ÿ])")  # a line break within a sentence


def split_text(text: str) -> list[tuple[str, str]]:
    """(sentence, white space before it); paragraphs stay paragraphs."""
    out: list[tuple[str, str]] = []
    gap = ""
    for line in _WRAPPED.sub(" ", text).splitlines():
        for piece in split_line(line):
            if cleaned := clean(piece):
                out.append((cleaned, gap or " "))
                gap = ""
        gap += "\n"
    return out


def split_line(line: str) -> list[str]:
    """Split one line with sentencex (Wikimedia); a line without letters stays whole."""
    if len(line) < 2:
        return [line]
    return list(sentencex.segment("en", line))
