"""The attention of another library's layers, computed here: told what to change, telling what it saw.

The layers hand every keyword down to the function that attends. So one call carries one ``Look``, and
nothing is stored on a module: two threads may use one network.

B sources · K hypotheses a source · N rows of a call (B, or B·K) · S source length · T target length ·
L layers · H heads · C channels a head.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from s2s.models.attention import drawn
from s2s.models.blocks import gate_of
from s2s.models.contract import UNSTEERED, Steering

NAME = "s2s"  # under which transformers knows it


class Place(NamedTuple):
    """Where an attention module stands."""

    kind: str
    """encoder, decoder (over the output so far) or cross."""
    layer: int


@dataclass
class Look:
    """What one call of a network is told about attention, and what it tells."""

    places: Mapping[nn.Module, Place]
    visible: Tensor
    """(B,S) source tokens that may be looked at."""
    gates: Tensor | None = None
    """(L,H) what heads of the encoder are multiplied by."""
    steering: Steering = UNSTEERED
    seen: dict[str, list[Tensor]] = field(default_factory=dict)
    """By kind, of each layer: encoder (B,H,S,S), decoder (N,H,T,T), cross (B,H,K·T,S)."""

    def of(self, kind: str) -> Tensor | None:
        """(L,H) the gates of a kind."""
        return {"encoder": self.gates, "cross": self.steering.cross, "decoder": self.steering.own}[
            kind
        ]


def attend(
    module: nn.Module,
    query: Tensor,
    key: Tensor,
    value: Tensor,
    attention_mask: Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    position_bias: Tensor | None = None,
    *,
    look: Look,
    **kwargs: Any,
) -> tuple[Tensor, None]:
    """softmax(scale q k' + bias) v: query (N,H,T,C), keys and values (N,H,·,C) → (N,T,H,C).

    Keys of the source have a row a source, (B,H,S,C): the K hypotheses of one stand where time
    stands, so that nothing is copied for them. Masks are ``look``'s own.
    """
    kind, layer = look.places[module]
    rows, length = query.shape[0], query.shape[2]
    if kind == "cross":
        query = _by_source(query, len(key))  # (B,H,K·T,C)
    scale = query.shape[-1] ** -0.5 if scaling is None else scaling
    scores = ((query * scale) @ key.transpose(-1, -2)).float()
    if kind != "cross" and position_bias is not None:  # T5's, by distance; none to the source
        scores = scores + position_bias
    if kind != "decoder":
        scores = scores.masked_fill(~look.visible[:, None, None], float("-inf"))
    elif length > 1:
        ahead = torch.ones(length, key.shape[2], dtype=torch.bool, device=key.device).triu(1)
        scores = scores.masked_fill(ahead, float("-inf"))
    alpha = scores.softmax(-1)
    if kind == "cross":
        alpha = drawn(alpha, look.steering)
    look.seen.setdefault(kind, []).append(alpha)
    mixed = alpha.to(value.dtype) @ value  # (·,H,·,C)
    gate = gate_of(look.of(kind), layer)
    if gate is not None:
        mixed = mixed * gate[:, None, None]
    if kind == "cross":
        mixed = _by_row(mixed, rows)
    return mixed.transpose(1, 2).contiguous(), None


def _by_source(x: Tensor, sources: int) -> Tensor:
    """(B·K,H,T,C) → (B,H,K·T,C)."""
    return x.unflatten(0, (sources, -1)).transpose(1, 2).flatten(2, 3)


def _by_row(x: Tensor, rows: int) -> Tensor:
    """(B,H,K·T,C) → (B·K,H,T,C)."""
    return x.unflatten(2, (rows // len(x), -1)).transpose(1, 2).flatten(0, 1)


def no_mask(*args: Any, **kwargs: Any) -> None:
    """The library need not make masks: ``attend`` has its own."""


def places_of(encoder: nn.Module, decoder: nn.Module) -> dict[nn.Module, Place]:
    """Every attention module and where it stands. ValueError: a layer is built in a way not known."""
    found: dict[nn.Module, Place] = {}
    for stack, kinds in ((encoder, ("encoder",)), (decoder, ("decoder", "cross"))):
        layers = getattr(stack, "layers", None) or getattr(stack, "block", None)
        if layers is None:
            raise ValueError("no list of layers")
        for number, layer in enumerate(layers):
            own = [m for m in layer.modules() if type(m).__name__.endswith("Attention") and _has(m)]
            if len(own) != len(kinds):
                raise ValueError(f"{len(own)} attention modules in a layer")
            found |= {m: Place(kind, number) for m, kind in zip(own, kinds, strict=True)}
    return found


def _has(module: nn.Module) -> bool:
    """Whether it projects keys itself; T5 has a shell around each attention."""
    return hasattr(module, "k_proj") or hasattr(module, "k")


def keys_and_values(module: nn.Module, states: Tensor, heads: int) -> tuple[Tensor, Tensor]:
    """What cross-attention reads of the encoder's states (B,S,D): two (B,H,S,C)."""
    names = ("k_proj", "v_proj") if hasattr(module, "k_proj") else ("k", "v")
    k, v = (
        getattr(module, name)(states).unflatten(-1, (heads, -1)).transpose(1, 2).contiguous()
        for name in names
    )
    return k, v
