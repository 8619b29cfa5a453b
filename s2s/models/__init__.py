"""Every architecture, by name. A new one is a file here and a line in ``MODELS``."""

from __future__ import annotations

from typing import Any

from s2s.config import from_dict
from s2s.errors import S2SError
from s2s.models.contract import LIMITS, Limits, Seq2Seq
from s2s.models.recurrent.model import RNN
from s2s.models.transformer import Transformer
from s2s.text.vocabulary import Vocabulary

MODELS: dict[str, type[Seq2Seq]] = {"rnn": RNN, "transformer": Transformer}


def build(
    architecture: str,
    vocabulary: Vocabulary,
    options: dict[str, Any],
    limits: Limits = LIMITS,
) -> Seq2Seq:
    """A fresh model. Raises S2SError for an unknown architecture or option."""
    if architecture not in MODELS:
        raise S2SError(f"Unknown architecture {architecture!r}; known: {', '.join(MODELS)}.")
    model = MODELS[architecture]
    return model(vocabulary, from_dict(model.config_class, options, "model"), limits)
