"""Wordings that more than one page shows, and what codes are called on screen."""

from __future__ import annotations

from s2s.locale import _, later, translated
from s2s.text.languages import shown_name

NORMS = {"average": later("per token"), "gnmt": later("softer (GNMT)"), "none": later("none")}
METHODS = {"beam": later("Beam"), "sample": later("Sample")}
STOPS = {
    "full": later("beam full"),
    "early": later("early"),
    "hopeful": later("no hope left"),
    "never": later("proven"),
}
HONEST = later("Attention is where the model looked, not why it answered.")
NO_ATTENTION = later(
    "This model has no attention: it squeezes the whole source into one vector, from which every "
    "output word comes."
)
TOO_LONG = later(
    "This text is too long for an address: a link to this page carries the settings, not the text."
)


def language(code: str) -> str:
    """A language as people call it; a config may name none."""
    return shown_name(code) or _("text")


def all_of(names: dict[str, str]) -> dict[str, str]:
    """Codes and what they are called, in the language of the interface."""
    return {code: translated(name) for code, name in names.items()}


def speaker(piece: str) -> str:
    """Who says what follows, of a piece that stands for a speaker."""
    return {"<you>": _("you ▸"), "<me>": _("bot ▸")}[piece]


def end(piece: str) -> str:
    """The ends of a sentence in words; other pieces as they are."""
    return {"</s>": _("end"), "<s>": _("start")}.get(piece, piece)
