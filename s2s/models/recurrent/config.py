"""Options of the recurrent family."""

from __future__ import annotations

from dataclasses import dataclass

from s2s.errors import S2SError
from s2s.models.attention import Attention


@dataclass(frozen=True)
class RNNConfig:
    """Options of the ``rnn`` family."""

    cell: str = "gru"
    """``gru`` (Cho et al. 2014) or ``lstm`` (Hochreiter and Schmidhuber 1997)."""
    embedding: int = 256
    hidden: int = 512
    """Size of decoder states and of encoder states (both directions together)."""
    encoder_layers: int = 1
    decoder_layers: int = 1
    bidirectional: bool = True
    attention: str = "additive"
    """``none``, ``additive``, ``dot``, ``general`` or ``scaled``."""
    attention_size: int = 256
    query: str = "previous"
    """Which decoder state looks: ``previous`` feeds the context into the cell (Bahdanau),
    ``current`` uses it for the output (Luong)."""
    input_feeding: bool = False
    """Feed the last attentional state back into the cell (Luong et al. 2015, section 3.3)."""
    reverse_source: bool = False
    """Read the source backwards (Sutskever et al. 2014, section 3.3)."""
    bridge: str = "tanh"
    """Encoder's final states → decoder's first: ``tanh`` of a linear map, or ``copy``."""
    copy: bool = False
    """Mix the vocabulary's distribution with one that copies source tokens (See et al. 2017)."""
    coverage: bool = False
    """Additive attention sees what it has attended to, and pays for repeats (See et al. 2017)."""
    dropout: float = 0.2

    @property
    def attends(self) -> bool:
        """Whether there is attention at all."""
        return self.attention != "none"

    @property
    def looks_first(self) -> bool:
        """Whether the context is fed into the cell, as in Bahdanau et al. 2015."""
        return self.attends and self.query == "previous"

    @property
    def fed(self) -> int:
        """Size of what the cell is fed besides the last token."""
        if self.looks_first:
            return self.hidden
        return self.embedding if self.input_feeding else 0

    @property
    def recurs(self) -> bool:
        """Whether a step needs more of the one before than the cell's state."""
        return bool(self.fed) or self.coverage

    def __post_init__(self) -> None:
        for name, allowed in (
            ("cell", ("gru", "lstm")),
            ("attention", ("none", *Attention.kinds)),
            ("query", ("previous", "current")),
            ("bridge", ("tanh", "copy")),
        ):
            if getattr(self, name) not in allowed:
                raise S2SError(f"{name} must be one of {', '.join(allowed)}.")
        if min(self.embedding, self.hidden, self.encoder_layers, self.decoder_layers) < 1:
            raise S2SError("Sizes and layers must be at least 1.")
        if self.bidirectional and self.hidden % 2:
            raise S2SError("hidden must be even in a bidirectional encoder.")
        if self.input_feeding and (self.attention == "none" or self.query == "previous"):
            raise S2SError("input_feeding needs attention with query=current.")
        if self.copy and self.attention == "none":
            raise S2SError("copy needs attention: it copies from where the model looks.")
        if self.coverage and self.attention != "additive":
            raise S2SError("coverage needs attention=additive.")
        if self.bridge == "copy" and self.encoder_layers != self.decoder_layers:
            raise S2SError("bridge=copy needs as many decoder as encoder layers.")
