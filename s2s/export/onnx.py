"""Any model of ours as two ONNX graphs: the encoder, and one step of the decoder.

B sources · K hypotheses a source · S source length · T target length so far · V vocabulary ·
N directions · L layers · E embedding size · D hidden size of a direction.

``encoder.onnx``: source (B,S) → mask, ``memory.*`` (one row a source) and ``carry.*`` (K = 1).
``step.onnx``: token (B,K), mask, ``memory.*``, ``carry.*`` → logp (B,K,V), attention, extras, ``next.*``: the carry
of the next step. B, K, S and T are free.
"""

from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Sequence
from contextlib import contextmanager, redirect_stdout
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from s2s.checkpoint import Checkpoint
from s2s.errors import without
from s2s.export.folder import README, make, note
from s2s.models.contract import Memory, Seq2Seq
from s2s.models.recurrent.model import RNN

TOKENIZER, FACTS = "tokenizer.model", "model.json"
OPSET = 20
USAGE = """
`encoder.onnx` reads `source` (sources, length), ids that end with the end of sentence, padded at the right; `step.onnx` reads the
last token of each hypothesis, `token` (sources, hypotheses), and all that the encoder or the step before gave. Its
`next.*` are the `carry.*` of the next step; for more than one hypothesis repeat `carry.*` along its second axis.
`logp` is normalised. Special ids, and those that no output contains, stand in `model.json`.
"""


def export(checkpoint: Checkpoint, out: Path) -> None:
    """Write both graphs, the tokenizer and the special ids. Raises S2SError."""
    try:
        import onnx  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError:
        raise without("export") from None
    make(out)
    small, large = Example(checkpoint.model, 2, 3, 5, 4), Example(checkpoint.model, 3, 4, 7, 6)
    model = checkpoint.model
    model = OnnxRNN.of(model).eval() if isinstance(model, RNN) else model
    with torch.no_grad(), _quiet():
        for graph, name in ((EncoderGraph(model), "encoder"), (StepGraph(model), "step")):
            given, other = getattr(small, name), getattr(large, name)
            torch.onnx.export(
                graph,
                (*given, {}),  # a last dict would be taken for keywords
                out / f"{name}.onnx",
                input_names=_names(given),
                output_names=small.outputs[name],
                dynamic_shapes=_free(given, other, small.sizes, large.sizes),
                opset_version=OPSET,
                dynamo=True,
                external_data=False,
                verbose=False,
            )
    v = checkpoint.model.vocabulary
    facts = {"pad": v.pad, "bos": v.bos, "eos": v.eos, "unk": v.unk, "never": list(v.never)}
    facts |= {"max_source": checkpoint.model.limits.source}
    facts |= {"max_target": checkpoint.model.limits.target, "digest": checkpoint.digest}
    (out / FACTS).write_text(json.dumps(facts, indent=2) + "\n", "utf-8")
    (out / TOKENIZER).write_bytes(checkpoint.tokenizer.model)
    (out / README).write_text(note(checkpoint, "ONNX", USAGE), "utf-8")


class EncoderGraph(nn.Module):
    """source (B,S) → mask, memory, and the carry of one hypothesis."""

    def __init__(self, model: Seq2Seq) -> None:
        super().__init__()
        self.model = model

    def forward(self, source: Tensor) -> list[Tensor]:
        memory = self.model.encode(source)
        carry = self.model.start(memory, 1)
        return [memory.mask, *memory.tensors.values(), *(v.contiguous() for v in carry.values())]


class StepGraph(nn.Module):
    """One more token of each row."""

    def __init__(self, model: Seq2Seq) -> None:
        super().__init__()
        self.model = model

    def forward(
        self, token: Tensor, mask: Tensor, memory: dict[str, Tensor], carry: dict[str, Tensor]
    ) -> list[Tensor]:
        step = self.model.step(token, carry, Memory(mask, memory))
        attention = [] if step.attention is None else [step.attention]
        return [step.logp, *attention, *step.extras.values(), *(step.carry[n] for n in carry)]


class Example:
    """What both graphs are given and give at some sizes: what differs between two examples is free."""

    @torch.no_grad()
    def __init__(self, model: Seq2Seq, b: int, k: int, s: int, t: int) -> None:
        v = model.vocabulary
        source = torch.full((b, s), v.eos)  # (B,S)
        source[0, -1] = v.pad
        memory = model.encode(source)
        carry = model.start(memory, k)
        token = torch.full((b, k), v.bos)  # (B,K)
        for _ in range(t):
            step = model.step(token, carry, memory)
            carry = {name: step.carry[name].contiguous() for name in carry}
        self.sizes = {"sources": b, "hypotheses": k, "source_length": s, "target_length": t}
        self.encoder = (source,)
        self.step = (token, memory.mask, memory.tensors, carry)
        shown = [] if step.attention is None else ["attention"]
        self.outputs = {
            "encoder": ["mask", *(f"memory.{n}" for n in memory.tensors), *_carried(carry)],
            "step": ["logp", *shown, *step.extras, *(f"next.{n}" for n in carry)],
        }


def _carried(carry: dict[str, Tensor]) -> list[str]:
    return [f"carry.{name}" for name in carry]


def _names(given: Sequence[Any]) -> list[str]:
    """What a graph's inputs are called."""
    if len(given) == 1:
        return ["source"]
    _, _, memory, carry = given
    return ["token", "mask", *(f"memory.{n}" for n in memory), *_carried(carry)]


def _free(one: Any, other: Any, sizes: dict[str, int], others: dict[str, int]) -> Any:
    """By axis of each input the name of its size, if that is none of the model's own."""
    if isinstance(one, dict):
        return {n: _free(v, other[n], sizes, others) for n, v in one.items()}
    if isinstance(one, tuple):
        return tuple(_free(a, b, sizes, others) for a, b in zip(one, other, strict=True))
    known = {(size, others[name]): name for name, size in sizes.items()}
    return {
        axis: torch.export.Dim(known[pair])
        for axis, pair in enumerate(zip(one.shape, other.shape, strict=True))
        if pair[0] != pair[1]
    }


# ------------------------------------------------------------------------------ recurrent encoders
class OnnxRNN(RNN):
    """The same network whose encoder is ONNX's own operator, which knows how long each source is."""

    @classmethod
    def of(cls, model: RNN) -> OnnxRNN:
        """With the weights of another, those of the encoder in ONNX's order too."""
        copy = cls(model.vocabulary, model.config, model.limits)
        copy.load_state_dict(model.state_dict())
        for layer in range(copy.encoder.num_layers):
            for name, weight in _ordered(copy.encoder, layer).items():
                copy.register_buffer(f"{name}{layer}", weight)
        return copy

    def _run(self, x: Tensor, mask: Tensor) -> tuple[Tensor, tuple[Tensor, ...]]:
        """x (B,S,E) → states of the top layer (B,S,ND), final states (LN,B,D)."""
        lengths = mask.sum(1).to(torch.int32)  # (B)
        finals: list[list[Tensor]] = []
        for layer in range(self.encoder.num_layers):
            x, last = self._layer(layer, x, lengths)
            finals.append(last)
        return x, tuple(torch.cat(parts) for parts in zip(*finals, strict=True))

    def _layer(self, layer: int, x: Tensor, lengths: Tensor) -> tuple[Tensor, list[Tensor]]:
        """One layer as ``GRU`` or ``LSTM``: x (B,S,·), lengths (B) → (B,S,ND), [h, and c (N,B,D)]."""
        gru, d = isinstance(self.encoder, nn.GRU), self.encoder.hidden_size
        w, r, bias = (getattr(self, f"{name}{layer}") for name in ("input", "recurrent", "bias"))
        b, s, n = *x.shape[:2], len(w)
        found = torch.onnx.ops.symbolic_multi_out(
            "GRU" if gru else "LSTM",
            (x.transpose(0, 1), w, r, bias, lengths),
            {
                "hidden_size": d,
                "direction": "bidirectional" if n == 2 else "forward",
                **({"linear_before_reset": 1} if gru else {}),
            },
            dtypes=[x.dtype] * (2 if gru else 3),
            shapes=[(s, n, b, d), *[(n, b, d)] * (1 if gru else 2)],
        )
        return found[0].permute(2, 0, 1, 3).flatten(2), [*found[1:]]  # (S,N,B,D) → (B,S,ND)


def _ordered(rnn: nn.GRU | nn.LSTM, layer: int) -> dict[str, Tensor]:
    """A layer's weights with gates as ONNX has them: input (N,GD,·), recurrent (N,GD,D), bias (N,2GD)."""
    order = (1, 0, 2) if isinstance(rnn, nn.GRU) else (0, 3, 1, 2)
    # torch has r z n and i f g o; ONNX has z r n and i o f g
    names = [f"l{layer}", f"l{layer}_reverse"][: 2 if rnn.bidirectional else 1]

    def of(kind: str) -> Tensor:
        parts = [getattr(rnn, f"{kind}_{name}").detach().chunk(len(order)) for name in names]
        return torch.stack([torch.cat([p[i] for i in order]) for p in parts])

    bias = torch.cat([of("bias_ih"), of("bias_hh")], 1)
    return {"input": of("weight_ih"), "recurrent": of("weight_hh"), "bias": bias}


@contextmanager
def _quiet() -> Any:
    """The exporter's progress and advice are not for users."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        with warnings.catch_warnings(), redirect_stdout(io.StringIO()):
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
