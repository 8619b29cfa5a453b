"""The numbers of a text, and which of them another text lacks."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\d{1,3}(?:[.,'\u00a0\u202f ]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)?")
_SCALE = re.compile(
    r"[\s-]*(?:thousand|million|billion|trillion|mille|milliard|mio|mrd|bn\b|k\b|[千万亿萬億])",
    re.I,
)
# What languages count in other ways: centuries, months by name, full hours.
_COUNTED = re.compile(
    r"(?:st|nd|rd|th|e)?[\s-]*(?:centur|siècle|世纪|世紀)|\s*月|(?:e|ème)?[-–—]\S+ siècle|"
    r"(?:st|nd|rd|th)?[\s,–-]+(?:and )?\S+ centur",
    re.I,
)
_ZEROS = re.compile(r"[.,]00?$")  # 12.00 is 12
_AFTERNOON = re.compile(r"\b(\d{1,2})(?:[:.]\d\d)?\s*p\.?m\b", re.I)
_WORDS = {
    "en": "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen "
    "fifteen sixteen seventeen eighteen nineteen twenty",
    "fr": "zéro un(?:e)? deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze "
    "quinze seize dix-sept dix-huit dix-neuf vingt",
    "zh": "[零〇] [一首] [二两兩] 三 四 五 六 七 八 九 十 十一 十二 十三 十四 十五 十六 十七 十八 十九 二十",
}
_ORDINALS = {
    "en": "- first second third fourth fifth sixth seventh eighth ninth tenth",
    "fr": "- premi(?:er|ère) (?:deuxième|seconde?) troisième quatrième cinquième sixième septième "
    "huitième neuvième dixième",
}


def numbers(text: str) -> list[tuple[str, bool]]:
    """(its digits, whether a word such as ``million`` stands behind it) of each number in digits.

    >>> numbers("9,000,000 of 7.5 million")
    [('9000000', False), ('75', True)]
    """
    return [(_plain(m[0]), _SCALE.match(text, m.end()) is not None) for m in _NUMBER.finditer(text)]


def lacking(text: str, other: str, language: str = "") -> list[str]:
    """Numbers of ``text``, as it writes them, that ``other`` has neither in digits nor as a word.

    ``language``: of ``other``.
    """
    there = numbers(other)
    plain = {digits for digits, _ in there} | {_plain(m[1], 12) for m in _AFTERNOON.finditer(other)}
    later = {m.start(1) for m in _AFTERNOON.finditer(text)}
    scaled = {digits.rstrip("0") for digits, big in there if big}
    round_ = {digits.rstrip("0") for digits, _ in there}
    all_ = "".join(digits for digits, _ in there)
    if all_ and all_ == "".join(digits for digits, _ in numbers(text)):
        return []  # cut into numbers in another way, as telephone numbers are
    found = []
    for match in _NUMBER.finditer(text):
        digits, big = _plain(match[0]), _SCALE.match(text, match.end()) is not None
        afternoon = match.start() in later and _plain(match[0], 12) in plain
        if match[0] == "00" or _COUNTED.match(text, match.end()):
            continue
        known = digits in plain or afternoon or digits.rstrip("0") in (round_ if big else scaled)
        known = known or _decade(digits, plain)
        if not known and not _in_words(digits, other, language):
            found.append(match[0])
    return list(dict.fromkeys(found))


def _plain(number: str, more: int = 0) -> str:
    """Its digits alone, without zeros in front."""
    digits = "".join(str(int(char)) for char in _ZEROS.sub("", number) if char.isdecimal())
    return str(int(digits[:40]) + more) if more else digits.lstrip("0") or "0"


def _decade(digits: str, others: set[str]) -> bool:
    """1980s and the eighties of a century."""
    if len(digits) == 4:
        return digits[2:] in others and digits[3] == "0"
    return (
        len(digits) == 2
        and digits[1] == "0"
        and any(len(o) == 4 and o[2:] == digits for o in others)
    )


def _in_words(digits: str, text: str, language: str) -> bool:
    """Whether a small number is there as a word."""
    value = int(digits) if len(digits) < 3 else 100
    spelled = [
        forms.split()[value]
        for table in (_WORDS, _ORDINALS)
        if (forms := table.get(language, "")) and value < len(forms.split())
    ]
    bound = "" if language == "zh" else r"\b"
    return any(re.search(bound + form + bound, text, re.I) for form in spelled)
