"""Attention changed while it is at work: words hidden, steps pinned, heads switched off.

``operate`` wraps a model; the model itself is never touched, so nothing can be left behind.

B sources · K hypotheses · S source length · L layers · H heads.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from s2s.errors import S2SError
from s2s.locale import _
from s2s.models.contract import Attentions, Carry, Decoder, Memory, Seq2Seq, Steering, Step
from s2s.models.huggingface.model import HuggingFace
from s2s.models.transformer import Transformer

MOST = 40  # changes at once
STEP = "surgery.step"  # of the carry: how many tokens were written


@dataclass(frozen=True)
class Hide:
    """Source pieces ``first`` to ``last`` (excluded) cannot be read: not by the encoder, not by attention."""

    first: int
    last: int


@dataclass(frozen=True)
class Pin:
    """While output pieces ``start`` to ``stop`` (excluded) are written, every head's cross-attention is
    drawn towards source pieces ``first`` to ``last``, by ``percent`` of the way."""

    start: int
    stop: int
    first: int
    last: int
    percent: int = 100


@dataclass(frozen=True)
class Off:
    """One head's output is 0 (Michel et al. 2019, section 2.3). ``kind``: cross, encoder or decoder."""

    kind: str
    layer: int
    head: int


Change = Hide | Pin | Off
KINDS = {"c": "cross", "e": "encoder", "d": "decoder"}
_FORMS = (
    re.compile(r"h(\d{1,4})-(\d{1,4})"),
    re.compile(r"p(\d{1,4})-(\d{1,4})-(\d{1,4})-(\d{1,4})-(\d{1,3})"),
    re.compile(r"([ced])(\d{1,3})-(\d{1,3})"),
)


def as_text(changes: Sequence[Change]) -> str:
    """Changes as they stand in an address: ``h3-4~p5-6-2-3-80~c0-2``."""
    parts = []
    for c in changes:
        if isinstance(c, Hide):
            parts.append(f"h{c.first}-{c.last}")
        elif isinstance(c, Pin):
            parts.append(f"p{c.start}-{c.stop}-{c.first}-{c.last}-{c.percent}")
        else:
            parts.append(f"{c.kind[0]}{c.layer}-{c.head}")
    return "~".join(parts)


def from_text(text: str) -> tuple[Change, ...]:
    """The changes that ``as_text`` wrote. Raises S2SError if these are none."""
    found: list[Change] = []
    for part in text.split("~") if text else []:
        hide, pin, off = (form.fullmatch(part) for form in _FORMS)
        if hide:
            found.append(Hide(*map(int, hide.groups())))
        elif pin:
            found.append(Pin(*map(int, pin.groups())))
        elif off:
            found.append(Off(KINDS[off[1]], int(off[2]), int(off[3])))
        else:
            said = _("The change {part!r} in this link cannot be read.")
            raise S2SError(said.format(part=part[:40]))
    if len(found) > MOST:
        raise S2SError(_("At most {most} changes are made at once.").format(most=MOST))
    return tuple(dict.fromkeys(found))


def heads_of(model: Decoder) -> dict[str, tuple[int, int]]:
    """Kind of attention → layers and heads that can be switched off."""
    if isinstance(model, HuggingFace):
        return model.heads
    if isinstance(model, Transformer):
        c = model.config
        return {
            "cross": (c.decoder_layers, c.heads),
            "encoder": (c.encoder_layers, c.heads),
            "decoder": (c.decoder_layers, c.heads),
        }
    return {"cross": (1, 1)} if getattr(model.config, "attends", False) else {}  # type: ignore[attr-defined]


def check(model: Decoder, changes: Sequence[Change], source: Sequence[int]) -> None:
    """Whether the changes fit this model and this source. Raises S2SError."""
    sizes, length = heads_of(model), len(source)
    for c in changes:
        if isinstance(c, Off):
            layers, heads = sizes.get(c.kind, (0, 0))
            if c.layer >= layers or c.head >= heads:
                said = {
                    "cross": _("This model has no head {head} in cross layer {layer}."),
                    "encoder": _("This model has no head {head} in encoder layer {layer}."),
                    "decoder": _("This model has no head {head} in decoder layer {layer}."),
                }[c.kind]
                raise S2SError(said.format(head=c.head + 1, layer=c.layer + 1))
        elif not c.first < c.last <= length:
            raise S2SError(_("A change points behind the end of the source."))
        elif isinstance(c, Pin) and not (c.start < c.stop and 0 <= c.percent <= 100):
            raise S2SError(_("A pin needs a step and a strength from 0 to 100."))
        elif isinstance(c, Pin) and not sizes:
            raise S2SError(_("This model has no attention to pin."))
    if not bool(_visible(changes, length)[:-1].any()) and any(isinstance(c, Hide) for c in changes):
        raise S2SError(_("With every word hidden nothing is left to read."))


def operate(model: Seq2Seq, changes: Sequence[Change], source: Sequence[int]) -> Decoder:
    """The model with the changes at work on one source; without any, the model. Raises S2SError."""
    check(model, changes, source)
    return Operated(model, tuple(changes)) if changes else model


def _visible(changes: Sequence[Change], length: int) -> Tensor:
    """(S) false where a word is hidden."""
    seen = torch.ones(length, dtype=torch.bool)
    for c in changes:
        if isinstance(c, Hide):
            seen[c.first : c.last] = False
    return seen


class Operated:
    """A ``Decoder`` in front of a model. It keeps the count of steps in the carry, since pins ask for it."""

    def __init__(self, model: Seq2Seq, changes: tuple[Change, ...]) -> None:
        self.model, self.changes = model, changes
        self.vocabulary, self.limits = model.vocabulary, model.limits
        sizes = heads_of(model)
        self.gates = {
            kind: gates.to(model.device)
            for kind, size in sizes.items()
            if (gates := _gates(changes, kind, size)) is not None
        }
        self.pins = [c for c in changes if isinstance(c, Pin)]

    @property
    def device(self) -> torch.device:
        return self.model.device

    def encode(self, source: Tensor) -> Memory:
        hidden = any(isinstance(c, Hide) for c in self.changes)
        seen = _visible(self.changes, source.shape[1]).to(source.device)  # (S)
        memory = self.model.read(
            self.model.embed_source(source),
            source,
            seen.expand_as(source) if hidden else None,
            self.gates.get("encoder"),
        )
        return replace(
            memory, steering=Steering(self.gates.get("cross"), self.gates.get("decoder"))
        )

    def start(self, memory: Memory, hypotheses: int) -> Carry:
        carry = self.model.start(memory, hypotheses)
        written = torch.zeros(len(memory.mask), hypotheses, dtype=torch.long, device=self.device)
        return carry | {STEP: written}

    def step(self, token: Tensor, carry: Carry, memory: Memory) -> Step:
        t = int(carry[STEP].max())
        step = self.model.step(token, carry, self._pinned(memory, t))
        return step._replace(carry=step.carry | {STEP: carry[STEP] + 1})

    def _pinned(self, memory: Memory, t: int) -> Memory:
        """The memory as step ``t`` reads it: the last pin on it counts."""
        pin = next((p for p in reversed(self.pins) if p.start <= t < p.stop), None)
        if pin is None:
            return memory
        target = memory.mask.new_zeros(memory.mask.shape[1], dtype=torch.float)  # (S)
        target[pin.first : pin.last] = 1 / (pin.last - pin.first)
        steering = memory.steering._replace(pin=target, strength=pin.percent / 100)
        return replace(memory, steering=steering)

    @torch.inference_mode()
    def attentions(self, source: Tensor, target: Sequence[int]) -> Attentions:
        """Cross-attention (L,H,T,S) alone, step by step."""
        memory = self.encode(source)
        carry, rows = self.start(memory, 1), []
        for token in (self.vocabulary.bos, *target[:-1]):
            step = self.step(torch.tensor([[token]], device=self.device), carry, memory)
            carry = step.carry
            if step.attention is not None:
                rows.append(step.attention[0, 0])  # (L,H,S)
        return Attentions(None, None, torch.stack(rows, 2) if rows else None)


def _gates(changes: Sequence[Change], kind: str, size: tuple[int, int]) -> Tensor | None:
    """(L,H) 1, and 0 at heads that are off; None: all of this kind are on."""
    off = [c for c in changes if isinstance(c, Off) and c.kind == kind]
    if not off:
        return None
    gates = torch.ones(size)
    for c in off:
        gates[c.layer, c.head] = 0
    return gates
