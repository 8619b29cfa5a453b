"""The families of transformers whose layers we can look into: model_type → class, and what it does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """One kind of encoder-decoder."""

    network: str
    """Name of its class in transformers."""
    longest: int = 1024
    """Tokens that it was trained on, where its configuration says nothing."""


FAMILIES: dict[str, Family] = {
    "marian": Family("MarianMTModel", 512),
    "m2m_100": Family("M2M100ForConditionalGeneration"),
    "mbart": Family("MBartForConditionalGeneration"),
    "t5": Family("T5ForConditionalGeneration", 512),
    "mt5": Family("MT5ForConditionalGeneration", 512),
    "bart": Family("BartForConditionalGeneration"),
    "pegasus": Family("PegasusForConditionalGeneration"),
    "blenderbot": Family("BlenderbotForConditionalGeneration", 128),
}
