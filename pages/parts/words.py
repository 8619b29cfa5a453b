"""Wordings that more than one page shows, and what codes are called on screen."""

from __future__ import annotations

NORMS = {"average": "per token", "gnmt": "softer (GNMT)", "none": "none"}
METHODS = {"beam": "Beam", "sample": "Sample"}
LANGUAGES = {
    "en": "English",
    "fr": "French",
    "zh": "Chinese",
    "de": "German",
    "es": "Spanish",
    "ar": "Arabic",
}
CODES = {name: code for code, name in LANGUAGES.items()}
HONEST = "Attention is where the model looked, not why it answered."
NO_ATTENTION = (
    "This model has no attention: it squeezes the whole source into one vector, from which every "
    "output word comes."
)
TOO_LONG = (
    "This text is too long for an address: a link to this page carries the settings, not the text."
)
NETWORKS = {"rnn": "recurrent network", "transformer": "Transformer"}


def language(code_or_name: str) -> str:
    """A language as people call it; configs hold a code or a name."""
    return LANGUAGES.get(code_or_name, code_or_name or "text")


def code(code_or_name: str) -> str:
    """A language's code, for the browser's fonts and voices; empty if it is not known."""
    return code_or_name if code_or_name in LANGUAGES else CODES.get(code_or_name, "")


def end(piece: str) -> str:
    """The end of a sentence in words; other pieces as they are."""
    return "end" if piece == "</s>" else piece
