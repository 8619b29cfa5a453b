"""The interface's other languages: gettext, with catalogues that are read as they stand.

A string is written in English where it is shown, inside ``_()``; ``<code>.po`` here holds what it is in
another language. The catalogue is compiled when it is first asked for, so that a fresh clone needs no
build step and a translator sees the change on the next start.
"""

from __future__ import annotations

import ast
import gettext
import io
import struct
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

LANGUAGES = {"en": "English", "zh": "中文"}
"""Code, as in addresses → what its speakers call it. The first is what the sources are written in."""
SOURCE = next(iter(LANGUAGES))
_ask: list[Callable[[], str]] = [lambda: SOURCE]


def listen(ask: Callable[[], str]) -> None:
    """``ask`` says which language is spoken whenever a string is shown: one server has many visitors."""
    _ask[0] = ask


def spoken() -> str:
    """The code of the language that is spoken now."""
    code = _ask[0]()
    return code if code in LANGUAGES else SOURCE


def _(text: str) -> str:
    """``text`` in the language that is spoken; in English if its catalogue lacks it."""
    return catalogue(spoken()).gettext(text)


def later(text: str) -> str:
    """``text`` as it stands, for the catalogues to know: whoever shows it asks for ``translated``."""
    return text


def translated(text: str) -> str:
    """What was marked by ``later``, in the language that is spoken."""
    return catalogue(spoken()).gettext(text) if text else ""


def plural(one: str, many: str, n: int) -> str:
    """What is said of ``n`` things; Chinese has one form for all."""
    return catalogue(spoken()).ngettext(one, many, n)


@lru_cache
def catalogue(code: str) -> gettext.NullTranslations:
    """Of a language; English says everything as it stands."""
    if code == SOURCE:
        return gettext.NullTranslations()
    return gettext.GNUTranslations(io.BytesIO(compiled(read(path(code)))))


def path(code: str) -> Path:
    """Where the catalogue of a language is."""
    return Path(__file__).parent / f"{code}.po"


def read(file: Path) -> dict[str, str]:
    """A .po file as gettext keys it: what is said in English → in the other language.

    Entries marked fuzzy are guesses and are left out. The plural of an entry stands behind a NUL.
    """
    found: dict[str, str] = {}
    for entry in file.read_text(encoding="utf-8").split("\n\n"):
        parts: dict[str, str] = {}
        name = ""
        for line in entry.splitlines():
            if line.startswith("#"):
                if line.startswith("#,") and "fuzzy" in line:
                    parts = {}
                    break
                continue
            if not line.startswith('"'):
                name, _space, line = line.partition(" ")
            parts[name] = parts.get(name, "") + ast.literal_eval(line)
        if "msgid_plural" in parts:
            forms = [parts[k] for k in sorted(parts) if k.startswith("msgstr[")]
            found[f"{parts['msgid']}\0{parts['msgid_plural']}"] = "\0".join(forms)
        elif parts.get("msgstr"):
            found[parts["msgid"]] = parts["msgstr"]
    return found


def compiled(entries: dict[str, str]) -> bytes:
    """The same as the .mo file that ``gettext`` reads: a header, two tables of (length, place), the
    strings (GNU gettext manual, section 10.3)."""
    rows = [(k.encode(), v.encode()) for k, v in sorted(entries.items())]
    at = 28 + 16 * len(rows)
    tables: list[bytes] = []
    body = b""
    for side in (0, 1):
        for row in rows:
            tables.append(struct.pack("<II", len(row[side]), at + len(body)))
            body += row[side] + b"\0"
    head = struct.pack("<7I", 0x950412DE, 0, len(rows), 28, 28 + 8 * len(rows), 0, 0)
    return head + b"".join(tables) + body
