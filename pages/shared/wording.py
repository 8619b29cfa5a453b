"""Text as Streamlit's widgets and Markdown show it unchanged."""

from __future__ import annotations


def plain(text: str) -> str:
    """Text that Markdown shows as it stands."""
    return "".join(f"\\{c}" if c in r"\`*_{}[]()#+-.!|<>~:$^=&" else c for c in text)


def distinct(labels: list[str]) -> list[str]:
    """Streamlit knows a pill by its label: invisible spaces tell equal ones apart."""
    return [label + "\u200b" * labels[:i].count(label) for i, label in enumerate(labels)]
