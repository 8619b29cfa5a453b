"""Options of the recurrent family."""

from __future__ import annotations

from typing import Annotated, Literal

from s2s.options import Span, option, options, rule


@options
class RNNConfig:
    """Options of the ``rnn`` family."""

    cell: Annotated[
        Literal["gru", "lstm"],
        option("gru (Cho et al. 2014) or lstm (Hochreiter and Schmidhuber 1997)."),
    ] = "gru"
    embedding: Annotated[
        int, option("Size of embeddings.", ge=1, le=8192, tune=Span(32, 512, step=32))
    ] = 256
    hidden: Annotated[
        int,
        option(
            "Size of decoder states, and of both encoder directions together.",
            ge=1,
            le=8192,
            tune=Span(64, 1024, step=64),
        ),
    ] = 512
    encoder_layers: Annotated[
        int, option("Layers of the encoder.", ge=1, le=48, tune=Span(1, 3))
    ] = 1
    decoder_layers: Annotated[
        int, option("Layers of the decoder.", ge=1, le=48, tune=Span(1, 3))
    ] = 1
    bidirectional: Annotated[bool, option("The encoder reads from both ends.")] = True
    attention: Annotated[
        Literal["none", "additive", "dot", "general", "scaled"],
        option("How a decoder state is scored against the source's states; none: no attention."),
    ] = "additive"
    attention_size: Annotated[
        int, option("Inner size of additive attention.", ge=1, le=8192, tune=Span(32, 512, step=32))
    ] = 256
    query: Annotated[
        Literal["previous", "current"],
        option(
            "Which decoder state looks: the previous one, before the cell (Bahdanau), or the "
            "current one, for the output (Luong)."
        ),
    ] = "previous"
    input_feeding: Annotated[
        bool, option("Feed the last attentional state back into the cell (Luong et al. 2015).")
    ] = False
    reverse_source: Annotated[
        bool, option("Read the source backwards (Sutskever et al. 2014).")
    ] = False
    bridge: Annotated[
        Literal["tanh", "copy"],
        option("Encoder's final states to decoder's first: tanh of a linear map, or a copy."),
    ] = "tanh"
    copy: Annotated[
        bool, option("Mix in a distribution that copies source tokens (See et al. 2017).")
    ] = False
    coverage: Annotated[
        bool, option("Additive attention sees and pays for where it has looked (See et al. 2017).")
    ] = False
    dropout: Annotated[
        float, option("Share of activations dropped.", ge=0, le=0.95, tune=Span(0, 0.5))
    ] = 0.2

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

    @rule
    def _together(self) -> RNNConfig:
        if self.bidirectional and self.hidden % 2:
            raise ValueError(f"hidden must be even in a bidirectional encoder, not {self.hidden}.")
        if self.input_feeding and (self.attention == "none" or self.query == "previous"):
            raise ValueError("input_feeding needs attention with query=current.")
        if self.copy and self.attention == "none":
            raise ValueError("copy needs attention: it copies from where the model looks.")
        if self.coverage and self.attention != "additive":
            raise ValueError("coverage needs attention=additive.")
        if self.bridge == "copy" and self.encoder_layers != self.decoder_layers:
            raise ValueError("bridge=copy needs as many decoder as encoder layers.")
        return self
