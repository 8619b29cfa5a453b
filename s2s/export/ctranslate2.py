"""Our Transformer as a model of CTranslate2, in single precision or in whole numbers of 8 bits.

Its own model spec is filled from our weights: a pre-norm Transformer with the positions given, for
CTranslate2's own count otherwise.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from s2s.checkpoint import Checkpoint
from s2s.errors import without
from s2s.export.folder import README, make, note, transformer_of
from s2s.models.blocks import DecoderLayer, EncoderLayer, FeedForward, MultiHead, positions
from s2s.models.transformer import Transformer

if TYPE_CHECKING:
    from s2s.text.tokenizer import Tokenizer

TOKENIZER = "tokenizer.model"
FACTS = "s2s.json"  # which weights an export was made from
PRECISIONS = ("float32", "float16", "int8")
USAGE = """
```
import ctranslate2, sentencepiece

pieces = sentencepiece.SentencePieceProcessor("FOLDER/tokenizer.model")
model = ctranslate2.Translator("FOLDER")  # compute_type="int8": on the fly
given = [pieces.encode("One sentence.", out_type=str)]
[found] = model.translate_batch(given, beam_size=5, length_penalty=ALPHA)
print(pieces.decode(found.hypotheses[0]))
```

The end of a source is added by the model. Whoever wants to be sure that no special token is written passes
`suppress_sequences=NEVER`.
"""


def export(checkpoint: Checkpoint, out: Path, quantization: str = "float32") -> None:
    """Write a folder for ``ctranslate2.Translator``. Raises S2SError.

    ``quantization`` of the weights in the file: one of ``PRECISIONS``. Any can be run in any type that the
    machine has.
    """
    model = transformer_of(checkpoint, "CTranslate2")
    try:
        import ctranslate2  # noqa: F401
    except ImportError:
        raise without("export") from None
    make(out)
    spec = specification(model, checkpoint.tokenizer.pieces(range(model.vocabulary.size)))
    spec.validate()
    spec.optimize(None if quantization == "float32" else quantization)
    spec.save(str(out))
    (out / TOKENIZER).write_bytes(checkpoint.tokenizer.model)
    (out / FACTS).write_text(json.dumps({"digest": checkpoint.digest}) + "\n", "utf-8")
    options = checkpoint.config.search
    alpha = options.alpha if options.length_norm == "average" else 0
    usage = USAGE.replace("ALPHA", f"{alpha:g}").replace("NEVER", str(never(checkpoint.tokenizer)))
    (out / README).write_text(note(checkpoint, "CTranslate2", usage), "utf-8")


def never(tokenizer: Tokenizer) -> list[list[str]]:
    """Pieces that no output contains, as ``suppress_sequences`` wants them."""
    return [[piece] for piece in tokenizer.pieces(tokenizer.vocabulary.never)]


def specification(model: Transformer, names: Sequence[str]) -> Any:
    """A ``TransformerSpec`` with our weights; ``names`` of all tokens. It adds the end of a source."""
    from ctranslate2.specs import TransformerSpec
    from ctranslate2.specs.common_spec import Activation

    c, v = model.config, model.vocabulary
    spec = TransformerSpec.from_config(
        (c.encoder_layers, c.decoder_layers), c.heads, pre_norm=True, activation=Activation.RELU
    )
    where = positions(0, max(model.limits), c.size, torch.device("cpu")).numpy()
    words = _array(model.embedding.weight)
    for stack, embeddings in (
        (spec.encoder, spec.encoder.embeddings[0]),
        (spec.decoder, spec.decoder.embeddings),
    ):
        embeddings.weight = words
        stack.scale_embeddings = float(np.sqrt(c.size))
        stack.position_encodings.encodings = where
    _norm(spec.encoder.layer_norm, model.norm_encoder)
    _norm(spec.decoder.layer_norm, model.norm_decoder)
    spec.decoder.projection.weight = words
    for there, layer in zip(spec.encoder.layer, model.encoder, strict=True):
        assert isinstance(layer, EncoderLayer)
        _attention(there.self_attention, layer.self_attention, layer.norm_self)
        _feed_forward(there.ffn, layer.feed_forward, layer.norm_ff)
    for there, layer in zip(spec.decoder.layer, model.decoder, strict=True):
        assert isinstance(layer, DecoderLayer)
        _attention(there.self_attention, layer.self_attention, layer.norm_self)
        _attention(there.attention, layer.cross_attention, layer.norm_cross, own=False)
        _feed_forward(there.ffn, layer.feed_forward, layer.norm_ff)
    spec.register_source_vocabulary(names)
    spec.register_target_vocabulary(names)
    spec.config.bos_token, spec.config.eos_token = names[v.bos], names[v.eos]
    spec.config.unk_token, spec.config.decoder_start_token = names[v.unk], names[v.bos]
    spec.config.add_source_eos = True
    return spec


def _array(weight: torch.Tensor) -> np.ndarray:
    """A copy: what becomes 8 bits is scaled in place."""
    return weight.detach().float().cpu().numpy().copy()


def _linear(there: Any, *layers: nn.Linear) -> None:
    """One matrix; several are laid side by side, as CTranslate2 multiplies them at once."""
    there.weight = np.concatenate([_array(layer.weight) for layer in layers])
    there.bias = np.concatenate([_array(layer.bias) for layer in layers])


def _norm(there: Any, norm: nn.LayerNorm) -> None:
    there.gamma, there.beta = _array(norm.weight), _array(norm.bias)


def _attention(there: Any, a: MultiHead, norm: nn.LayerNorm, own: bool = True) -> None:
    """Self-attention has its three projections in one; cross-attention the query's apart."""
    _norm(there.layer_norm, norm)
    if own:
        _linear(there.linear[0], a.q, a.k, a.v)
    else:
        _linear(there.linear[0], a.q)
        _linear(there.linear[1], a.k, a.v)
    _linear(there.linear[-1], a.out)


def _feed_forward(there: Any, layer: FeedForward, norm: nn.LayerNorm) -> None:
    _norm(there.layer_norm, norm)
    _linear(there.linear_0, layer.inner)
    _linear(there.linear_1, layer.outer)
