"""The families of transformers whose layers we can look into: model_type → class, and what it does."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Family:
    """One kind of encoder-decoder."""

    network: str
    """Name of its class in transformers."""
    task: str
    """What its models mostly do."""
    longest: int = 1024
    """Tokens that it was trained on, where its configuration says nothing."""


FAMILIES: dict[str, Family] = {
    "marian": Family("MarianMTModel", "translation", 512),
    "m2m_100": Family("M2M100ForConditionalGeneration", "translation"),
    "mbart": Family("MBartForConditionalGeneration", "translation"),
    "t5": Family("T5ForConditionalGeneration", "translation", 512),
    "mt5": Family("MT5ForConditionalGeneration", "translation", 512),
    "bart": Family("BartForConditionalGeneration", "summarization"),
    "pegasus": Family("PegasusForConditionalGeneration", "summarization"),
    "blenderbot": Family("BlenderbotForConditionalGeneration", "dialogue", 128),
}
