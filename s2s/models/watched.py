"""A decoder that is asked before every pass whether it shall go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import torch
from torch import Tensor

from s2s.models.contract import Attentions, Carry, Decoder, Memory, Step


class Watched:
    """The decoder it wraps, but ``tick`` is called before each pass: what that raises ends the work."""

    def __init__(self, decoder: Decoder, tick: Callable[[], None]) -> None:
        self.decoder, self.tick = decoder, tick
        self.vocabulary, self.limits = decoder.vocabulary, decoder.limits

    @property
    def device(self) -> torch.device:
        """Where its tensors live."""
        return self.decoder.device

    def encode(self, source: Tensor) -> Memory:
        """source (B,S), padded → memory, one row a source."""
        self.tick()
        return self.decoder.encode(source)

    def start(self, memory: Memory, hypotheses: int) -> Carry:
        """State before the first token, one row a hypothesis."""
        return self.decoder.start(memory, hypotheses)

    def step(self, token: Tensor, carry: Carry, memory: Memory) -> Step:
        """token (B,K), the last one of each row → what comes next."""
        self.tick()
        return self.decoder.step(token, carry, memory)

    def attentions(self, source: Tensor, target: Sequence[int]) -> Attentions:
        """source (1,S), ids of an output → all attention while that output is written."""
        self.tick()
        return self.decoder.attentions(source, target)

    def __getattr__(self, name: str) -> Any:
        """What a decoder has besides: a trained one reads from embeddings."""
        return getattr(self.decoder, name)
