"""Every architecture, by name. A new one is a file here and a line in ``MODELS``; one that has a faster form
to search with, a line in ``FAST``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from s2s.errors import S2SError
from s2s.models.contract import LIMITS, Decoder, Limits, Seq2Seq
from s2s.models.huggingface.options import HuggingFaceConfig
from s2s.models.inference.product import Precision, choose
from s2s.models.inference.recurrent import FastRNN
from s2s.models.inference.transformer import FastTransformer
from s2s.models.recurrent.model import RNN
from s2s.models.transformer import Transformer
from s2s.options import from_dict, shown
from s2s.text.vocabulary import Vocabulary

MODELS: dict[str, type[Seq2Seq]] = {"rnn": RNN, "transformer": Transformer}
FAST: dict[type[Seq2Seq], Callable[[Any, Precision], Decoder]] = {
    RNN: FastRNN,
    Transformer: FastTransformer,
}
OPENED: dict[str, type] = {"huggingface": HuggingFaceConfig}
"""What is made elsewhere and opened here, never trained: its options."""


def build(
    architecture: str,
    vocabulary: Vocabulary,
    options: dict[str, Any],
    limits: Limits = LIMITS,
) -> Seq2Seq:
    """A fresh model. Raises S2SError for an unknown architecture or option."""
    if architecture in OPENED:
        raise S2SError(f"A model of {architecture} is opened, not trained: python -m s2s add.")
    chosen = make_options(architecture, options)
    return MODELS[architecture](vocabulary, chosen, limits)


def ready(model: Seq2Seq, precision: str = "auto") -> tuple[Decoder, Precision]:
    """The decoder to search with, and the precision it has.

    ``precision``: fp32, bf16, int8 or auto (``models.inference.product``). The model itself, in full
    precision, where its architecture has no faster form. Raises S2SError if the device can't.
    """
    chosen = choose(precision, str(model.device))
    fast = FAST.get(type(model))
    return (model, "fp32") if fast is None else (fast(model, chosen), chosen)


def make_options(architecture: str, options: dict[str, Any]) -> Any:
    """The options of an architecture, checked. Raises S2SError."""
    known = {name: model.config_class for name, model in MODELS.items()} | OPENED
    if architecture not in known:
        raise S2SError(f"architecture must be {' or '.join(known)}, not {shown(architecture)}.")
    return from_dict(known[architecture], options, "model")
