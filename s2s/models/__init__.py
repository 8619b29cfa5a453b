"""Every architecture, by name. A new one is a file here and a line in ``MODELS``."""

from __future__ import annotations

from typing import Any

from s2s.errors import S2SError
from s2s.models.contract import LIMITS, Limits, Seq2Seq
from s2s.models.huggingface.options import HuggingFaceConfig
from s2s.models.recurrent.model import RNN
from s2s.models.transformer import Transformer
from s2s.options import from_dict, shown
from s2s.text.vocabulary import Vocabulary

MODELS: dict[str, type[Seq2Seq]] = {"rnn": RNN, "transformer": Transformer}
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


def make_options(architecture: str, options: dict[str, Any]) -> Any:
    """The options of an architecture, checked. Raises S2SError."""
    known = {name: model.config_class for name, model in MODELS.items()} | OPENED
    if architecture not in known:
        raise S2SError(f"architecture must be {' or '.join(known)}, not {shown(architecture)}.")
    return from_dict(known[architecture], options, "model")
