"""Text in capitals throughout, for models that have never seen such."""

from __future__ import annotations

import re

_START = re.compile(r"(^|[.!?…]\s+)([\"'“«(\[¿¡]*)(\w)")
_ENGLISH_I = re.compile(r"\bi\b")


def shouted(text: str) -> bool:
    """Whether all letters are capitals, and there are too many for an abbreviation.

    >>> shouted("GOOD MORNING"), shouted("NATO is"), shouted("I"), shouted("STOP!")
    (True, False, False, True)
    """
    letters = [c for c in text if c.isalpha()]
    cased = [c for c in letters if c.isupper() or c.islower()]
    if not cased or any(c.islower() for c in cased) or len(cased) * 2 <= len(letters):
        return False
    words = [len(w) for w in re.findall(r"[^\W\d_]+", text)]
    return max(words) >= 4 or sum(n > 1 for n in words) > 1


def ordinary(text: str, language: str = "en") -> str:
    """Text in capitals as it is usually written.

    >>> ordinary("WHERE AM I? HE SAID: STOP.")
    'Where am I? He said: stop.'
    """
    small = _START.sub(lambda m: m[1] + m[2] + m[3].upper(), text.lower())
    return _ENGLISH_I.sub("I", small) if language.startswith("en") else small
