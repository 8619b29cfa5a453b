"""Users' and models' text on screen: never Markdown, never HTML, whatever it holds."""

from __future__ import annotations

import re

import streamlit as st

LINK = re.compile(r"https?://|\bwww(?=\.)|@(?=\w)", re.IGNORECASE)  # what Markdown makes links of
JOINER = "\u2060"  # invisible, and part of no address
MARKS = r"\`*_{}[]()#+-.!|<>~:$^=&"


def plain(text: str) -> str:
    """Text that Markdown, and so every label and message of Streamlit, shows as it stands."""
    flat = " ".join(text.split("\n")) if "\n" in text else text
    flat = LINK.sub(lambda m: m[0] + JOINER, flat)
    return "".join(f"\\{c}" if c in MARKS else c for c in flat)


def distinct(labels: list[str]) -> list[str]:
    """Streamlit knows a pill by its label: invisible spaces tell equal ones apart."""
    return [label + "\u200b" * labels[:i].count(label) for i, label in enumerate(labels)]


def short(text: str, most: int = 80) -> str:
    """The beginning of a long text."""
    return text if len(text) <= most else text[: most - 2].rstrip() + " …"


def warn(message: str) -> None:
    """A warning that may quote someone."""
    st.warning(plain(message), icon=":material/warning:")


def fail(message: str) -> None:
    """An error that may quote someone."""
    st.error(plain(message), icon=":material/error:")


def tell(message: str) -> None:
    """A note that may quote someone."""
    st.info(plain(message), icon=":material/info:")
