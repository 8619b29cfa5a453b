"""Our Transformer as a model of Hugging Face transformers.

Pegasus (Zhang et al. 2020) is the same network: pre-norm with a norm behind each stack, sines then cosines,
embeddings times sqrt(D), one matrix for both embeddings and the projection. Only names differ, and a
bias of the logits, which is zero here.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor

from s2s.checkpoint import Checkpoint
from s2s.errors import without
from s2s.export.folder import README, make, note, transformer_of
from s2s.models.transformer import Transformer
from s2s.text.tokenizer import Tokenizer

ATTENTION = {"q": "q_proj", "k": "k_proj", "v": "v_proj", "out": "out_proj"}
PARTS = {  # ours → theirs, within a layer
    **{f"self_attention.{a}": f"self_attn.{b}" for a, b in ATTENTION.items()},
    **{f"cross_attention.{a}": f"encoder_attn.{b}" for a, b in ATTENTION.items()},
    "feed_forward.inner": "fc1",
    "feed_forward.outer": "fc2",
    "norm_self": "self_attn_layer_norm",
    "norm_cross": "encoder_attn_layer_norm",
    "norm_ff": "final_layer_norm",
}
USAGE = """
```
from transformers import AutoModelForSeq2SeqLM, AutoTokenizer

tokenizer = AutoTokenizer.from_pretrained("FOLDER")
model = AutoModelForSeq2SeqLM.from_pretrained("FOLDER")
given = tokenizer(["One sentence."], return_tensors="pt", padding=True)
print(tokenizer.batch_decode(model.generate(**given), skip_special_tokens=True))
```

The tokenizer cleans text as s2s does and gives the same ids. Beam size, length penalty and tokens that no
output contains stand in `generation_config.json`.
"""


def export(checkpoint: Checkpoint, out: Path) -> None:
    """Write a folder for ``AutoModelForSeq2SeqLM`` and ``AutoTokenizer``. Raises S2SError."""
    model = transformer_of(checkpoint, "Hugging Face transformers")
    try:
        from transformers import PegasusForConditionalGeneration
        from transformers.utils.logging import disable_progress_bar
    except ImportError:
        raise without("huggingface") from None
    make(out)
    disable_progress_bar()
    theirs = PegasusForConditionalGeneration(configuration(model))
    missing, unknown = theirs.load_state_dict(renamed(model), strict=False)
    known = ("embed_tokens.weight", "embed_positions.weight", "lm_head.weight", "final_logits_bias")
    assert not unknown, unknown
    assert all(name.endswith(known) for name in missing), missing
    theirs.tie_weights()
    theirs.generation_config = generation(checkpoint)
    theirs.save_pretrained(out)
    fast_tokenizer(checkpoint.tokenizer, model.limits.source).save_pretrained(out)
    (out / README).write_text(note(checkpoint, "Hugging Face transformers", USAGE), "utf-8")


def configuration(model: Transformer) -> Any:
    """A ``PegasusConfig`` of the same sizes and ids."""
    from transformers import PegasusConfig

    c, v = model.config, model.vocabulary
    ids: dict[str, Any] = {
        "pad_token_id": v.pad,
        "bos_token_id": v.bos,
        "eos_token_id": v.eos,
        "decoder_start_token_id": v.bos,
    }
    return PegasusConfig(
        vocab_size=v.size,
        d_model=c.size,
        encoder_layers=c.encoder_layers,
        decoder_layers=c.decoder_layers,
        encoder_attention_heads=c.heads,
        decoder_attention_heads=c.heads,
        encoder_ffn_dim=c.feed_forward,
        decoder_ffn_dim=c.feed_forward,
        activation_function="relu",
        dropout=c.dropout,
        activation_dropout=c.dropout,
        attention_dropout=0.0,
        scale_embedding=True,
        max_position_embeddings=max(model.limits),
        forced_eos_token_id=None,
        tie_word_embeddings=True,
        **ids,
    )


def renamed(model: Transformer) -> dict[str, Tensor]:
    """Our weights under the names of ``PegasusForConditionalGeneration``."""
    found = {"model.shared.weight": model.embedding.weight.detach()}
    for name, weight in model.state_dict().items():
        stack, _, rest = name.partition(".")
        if stack in ("encoder", "decoder"):
            number, _, rest = rest.partition(".")
            part, _, kind = rest.rpartition(".")
            found[f"model.{stack}.layers.{number}.{PARTS[part]}.{kind}"] = weight
        elif stack.startswith("norm_"):
            found[f"model.{stack.removeprefix('norm_')}.layer_norm.{rest}"] = weight
    return found


def generation(checkpoint: Checkpoint) -> Any:
    """The checkpoint's own search, as far as theirs has the options: early stopping is how ours ends."""
    from transformers import GenerationConfig

    options, v = checkpoint.config.search, checkpoint.model.vocabulary
    return GenerationConfig(
        num_beams=options.beam,
        length_penalty=options.alpha if options.length_norm == "average" else 0.0,
        early_stopping=options.beam > 1,
        max_new_tokens=checkpoint.model.limits.target,
        suppress_tokens=list(v.never),
        pad_token_id=v.pad,
        bos_token_id=v.bos,
        eos_token_id=v.eos,
        decoder_start_token_id=v.bos,
    )


# ---------------------------------------------------------------------------------------- tokenizer
def fast_tokenizer(tokenizer: Tokenizer, longest: int) -> Any:
    """A tokenizer of transformers that cleans as we do and gives our ids, the end included.

    Special tokens written in a text stay plain text. ``longest``: source tokens that are kept.
    """
    from tokenizers import AddedToken
    from transformers import PreTrainedTokenizerFast

    ours = tokenizer.vocabulary
    names = tokenizer.pieces(range(ours.size))
    return PreTrainedTokenizerFast(
        tokenizer_object=_byte_pairs(tokenizer),
        bos_token=names[ours.bos],
        eos_token=names[ours.eos],
        unk_token=names[ours.unk],
        pad_token=names[ours.pad],
        additional_special_tokens=[AddedToken(names[i], special=True) for i in tokenizer.controls],
        model_max_length=longest,
        split_special_tokens=True,
        clean_up_tokenization_spaces=False,
        model_input_names=["input_ids", "attention_mask"],
    )


def _byte_pairs(tokenizer: Tokenizer) -> Any:
    """SentencePiece's byte-pair encoding in the terms of ``tokenizers``: the best piece is merged first."""
    from tokenizers import Regex, decoders, models, normalizers, pre_tokenizers, processors
    from tokenizers import Tokenizer as Fast

    ours = tokenizer.vocabulary
    names = tokenizer.pieces(range(ours.size))
    known = {name: i for i, name in enumerate(names)}
    fast = Fast(
        models.BPE(
            vocab=known,
            merges=tokenizer.merges(),
            unk_token=names[ours.unk],
            byte_fallback=True,
        )
    )
    fast.normalizer = (
        normalizers.Sequence(  # ``s2s.text.cleaning.clean``, then SentencePiece's spaces
            [
                normalizers.NFC(),
                normalizers.Replace("\u2019", "'"),
                normalizers.Replace(Regex(r"(?![\u200c\u200d])\p{Cf}"), ""),
                normalizers.Replace(Regex(r"[\p{Cc}\p{Z}]+"), " "),
                normalizers.Strip(),
                normalizers.Prepend("\u2581"),
                normalizers.Replace(" ", "\u2581"),
                normalizers.Replace(Regex("\u2581+$"), ""),
            ]
        )
    )
    fast.pre_tokenizer = pre_tokenizers.Split("\u2581", "merged_with_next")
    end = names[ours.eos]
    fast.post_processor = processors.TemplateProcessing(
        single=f"$A {end}", special_tokens=[(end, ours.eos)]
    )
    fast.decoder = decoders.Sequence(
        [
            decoders.Replace("\u2581", " "),
            decoders.ByteFallback(),
            decoders.Fuse(),
            decoders.Strip(" ", 1, 0),
        ]
    )
    return fast
