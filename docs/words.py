"""The catalogues of the interface: s2s/locale/*.po, brought up to date with the sources.

``python docs/words.py``. A string that is new stands there with an empty translation, one that is no longer
said goes; translations stay. In the order of the English, so that two people's additions rarely meet.
"""

from __future__ import annotations

import ast
import json
from pathlib import Path

from s2s.locale import LANGUAGES, SOURCE, path, read

ROOT = Path(__file__).resolve().parent.parent
WRAPPERS = {"_": 1, "later": 1, "plural": 2}  # how many strings stand in front


def sources() -> list[Path]:
    """Files whose strings are shown."""
    return [
        ROOT / "app.py",
        *sorted((ROOT / "pages").rglob("*.py")),
        *sorted((ROOT / "s2s").rglob("*.py")),
    ]


def wrapped(file: Path) -> set[str]:
    """Strings of a file inside ``_()``, ``later()`` and ``plural()``; both forms of one joined as gettext keys them.

    Raises ValueError where what is wrapped is no literal, which no catalogue can hold.
    """
    found = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        if n := WRAPPERS.get(node.func.id):
            parts = [p.value for p in node.args[:n] if isinstance(p, ast.Constant)]
            if len(parts) != n:
                raise ValueError(f"{file}, line {node.lineno}: no literal")
            found.add("\0".join(map(str, parts)))
    return found


def said() -> set[str]:
    """Every string of the sources."""
    return {text for file in sources() for text in wrapped(file)}


def entry(text: str, other: str) -> str:
    """One string as a .po file has it."""
    one, _nul, many = text.partition("\0")
    lines = [f"msgid {quoted(one)}"]
    if many:
        lines.append(f"msgid_plural {quoted(many)}")
        lines += [f"msgstr[{n}] {quoted(form)}" for n, form in enumerate(other.split("\0"))]
    else:
        lines.append(f"msgstr {quoted(other)}")
    return "\n".join(lines)


def quoted(text: str) -> str:
    """A string as C writes it."""
    return json.dumps(text, ensure_ascii=False)


def updated(code: str) -> str:
    """The catalogue of a language as it should stand."""
    whole = path(code).read_text(encoding="utf-8")
    head = whole.partition("\n\n")[0]
    known = read(path(code))
    entries = [entry(text, known.get(text, "")) for text in sorted(said())]
    return "\n\n".join([head, *entries]) + "\n"


if __name__ == "__main__":
    for language in LANGUAGES:
        if language != SOURCE:
            path(language).write_text(updated(language), encoding="utf-8")
