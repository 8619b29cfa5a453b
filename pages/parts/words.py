"""Wordings that more than one page shows, and what codes are called on screen."""

from __future__ import annotations

from s2s.text.languages import name_of

NORMS = {"average": "per token", "gnmt": "softer (GNMT)", "none": "none"}
METHODS = {"beam": "Beam", "sample": "Sample"}
STOPS = {"full": "beam full", "early": "early", "hopeful": "no hope left", "never": "proven"}
HONEST = "Attention is where the model looked, not why it answered."
NO_ATTENTION = (
    "This model has no attention: it squeezes the whole source into one vector, from which every "
    "output word comes."
)
TOO_LONG = (
    "This text is too long for an address: a link to this page carries the settings, not the text."
)


def language(code: str) -> str:
    """A language as people call it; a config may name none."""
    return name_of(code) or "text"


def end(piece: str) -> str:
    """The ends of a sentence in words; other pieces as they are."""
    return {"</s>": "end", "<s>": "start"}.get(piece, piece)
