"""Tiny folders of the hub, one a family: random weights, and tokenizers learned from our own phrases."""

from __future__ import annotations

import io
import json
import shutil
from functools import cache
from pathlib import Path
from typing import Any

import sentencepiece
import torch

DATA = Path(__file__).resolve().parent.parent / "s2s" / "data" / "own"
SIZES = {
    "d_model": 32,
    "encoder_layers": 2,
    "decoder_layers": 2,
    "encoder_attention_heads": 4,
    "decoder_attention_heads": 4,
    "encoder_ffn_dim": 48,
    "decoder_ffn_dim": 48,
    "max_position_embeddings": 100,
    "init_std": 0.25,
}
T5_SIZES = {
    "d_model": 32,
    "d_kv": 8,
    "d_ff": 48,
    "num_layers": 2,
    "num_heads": 4,
    "initializer_factor": 1.0,
}
FAMILIES = ("marian", "t5", "bart", "mbart", "m2m_100", "nllb", "pegasus", "blenderbot", "mt5")


@cache
def texts() -> tuple[str, ...]:
    """A few hundred sentences in English, French and Chinese."""
    found = []
    for name in ("phrases.en-fr.tsv", "phrases.en-zh.tsv"):
        rows = (DATA / name).read_text(encoding="utf-8").splitlines()[1:200]
        found += [cell for row in rows for cell in row.split("\t")[:2]]
    return tuple(found)


@cache
def spm(kind: str, size: int = 500) -> bytes:
    """A SentencePiece model of our phrases; ``kind``: unigram or bpe."""
    writer = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(texts()),
        model_writer=writer,
        vocab_size=size,
        model_type=kind,
        character_coverage=0.98,
        hard_vocab_limit=False,
        minloglevel=2,
    )
    return writer.getvalue()


@cache
def scored() -> tuple[tuple[str, float], ...]:
    """Pieces of the unigram model and their scores, without its specials."""
    model = sentencepiece.SentencePieceProcessor(model_proto=spm("unigram"))
    return tuple((model.id_to_piece(i), model.get_score(i)) for i in range(3, len(model)))


@cache
def byte_level(size: int = 500) -> tuple[dict[str, int], list[tuple[str, str]]]:
    """Vocabulary and merges of a byte-level BPE, specials first."""
    from tokenizers import Tokenizer, models, pre_tokenizers, trainers

    inner = Tokenizer(models.BPE())
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.train_from_iterator(
        texts(),
        trainers.BpeTrainer(
            vocab_size=size,
            initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
            special_tokens=["<s>", "<pad>", "</s>", "<unk>", "<mask>"],
            show_progress=False,
        ),
    )
    model = json.loads(inner.to_str())["model"]
    return model["vocab"], [tuple(m) for m in model["merges"]]


def tokenizer(family: str, folder: Path) -> Any:
    """A family's own tokenizer, saved into ``folder``."""
    import transformers as hf

    pieces = list(scored())
    if family in ("t5", "mt5"):
        made = hf.T5Tokenizer(
            vocab=[("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0), *pieces], extra_ids=3
        )
    elif family == "pegasus":
        begin = [
            ("<pad>", 0.0),
            ("</s>", 0.0),
            ("<mask_1>", 0.0),
            ("<mask_2>", 0.0),
            ("<unk>", 0.0),
        ]
        made = hf.PegasusTokenizer(vocab=[*begin, *pieces], offset=3)
    elif family == "mbart":
        begin = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
        ends = [("en_XX", 0.0), ("fr_XX", 0.0), ("<mask>", 0.0)]
        made = hf.MBart50Tokenizer(vocab=[*begin, *pieces, *ends], src_lang="en_XX")
    elif family == "nllb":
        made = _nllb(hf)
    elif family in ("bart", "blenderbot"):
        vocabulary, merges = byte_level()
        kind = hf.BartTokenizer if family == "bart" else hf.BlenderbotTokenizer
        made = kind(vocab=dict(vocabulary), merges=list(merges))
    else:
        made = _slow(hf, family, folder)
    made.save_pretrained(folder)
    return made


def _nllb(hf: Any) -> Any:
    from tokenizers import SentencePieceBPETokenizer

    inner = SentencePieceBPETokenizer()
    inner.train_from_iterator(texts(), vocab_size=500, show_progress=False)
    model = json.loads(inner.to_str())["model"]
    begin = ["<s>", "<pad>", "</s>", "<unk>"]
    vocabulary = {
        p: i for i, p in enumerate([*begin, *(p for p in model["vocab"] if p != "<unk>")])
    }
    merges = [tuple(m) for m in model["merges"]]
    codes = ["eng_Latn", "fra_Latn", "zho_Hans"]
    return hf.NllbTokenizer(vocab=vocabulary, merges=merges, extra_special_tokens=codes)


def _slow(hf: Any, family: str, folder: Path) -> Any:
    """Marian's and M2M100's tokenizers read a SentencePiece model and a list of their own."""
    folder.mkdir(parents=True, exist_ok=True)
    pieces = [p for p, _ in scored()]
    if family == "marian":
        (folder / "source.spm").write_bytes(spm("unigram"))
        shutil.copy(folder / "source.spm", folder / "target.spm")
        names = ["</s>", "<unk>", *pieces, "<pad>"]
    else:
        (folder / "sentencepiece.bpe.model").write_bytes(spm("unigram"))
        names = ["<s>", "<pad>", "</s>", "<unk>", *pieces]
    vocabulary = folder / "vocab.json"
    vocabulary.write_text(json.dumps({p: i for i, p in enumerate(names)}), encoding="utf-8")
    if family == "marian":
        return hf.MarianTokenizer(
            str(folder / "source.spm"), str(folder / "target.spm"), str(vocabulary)
        )
    return hf.M2M100Tokenizer(str(vocabulary), str(folder / "sentencepiece.bpe.model"))


def network(family: str, made: Any, seed: int = 0) -> Any:
    """A family's own network with random weights, for a tokenizer."""
    import transformers as hf

    known = made.get_vocab() | getattr(made, "lang_token_to_id", {})
    size = max(len(made), *known.values()) + 1
    ends = {"pad_token_id": made.pad_token_id, "eos_token_id": made.eos_token_id}
    common = {"vocab_size": size, **ends}
    torch.manual_seed(seed)
    if family in ("t5", "mt5"):
        kind = {"t5": hf.T5Config, "mt5": hf.MT5Config}[family]
        config = kind(**common, **T5_SIZES, decoder_start_token_id=made.pad_token_id)
        inside = {"t5": hf.T5ForConditionalGeneration, "mt5": hf.MT5ForConditionalGeneration}[
            family
        ]
        return lively(inside(config).eval(), made.eos_token_id)
    start = {
        "marian": made.pad_token_id,
        "pegasus": made.pad_token_id,
        "blenderbot": made.bos_token_id,
    }.get(family, made.eos_token_id)
    kinds = {
        "marian": (hf.MarianConfig, hf.MarianMTModel),
        "bart": (hf.BartConfig, hf.BartForConditionalGeneration),
        "mbart": (hf.MBartConfig, hf.MBartForConditionalGeneration),
        "m2m_100": (hf.M2M100Config, hf.M2M100ForConditionalGeneration),
        "nllb": (hf.M2M100Config, hf.M2M100ForConditionalGeneration),
        "pegasus": (hf.PegasusConfig, hf.PegasusForConditionalGeneration),
        "blenderbot": (hf.BlenderbotConfig, hf.BlenderbotForConditionalGeneration),
    }
    config_class, network_class = kinds[family]
    more = {"forced_eos_token_id": None, "bos_token_id": made.bos_token_id}
    config = config_class(
        **common, **SIZES, **more, decoder_start_token_id=start, scale_embedding=family != "bart"
    )
    return lively(network_class(config).eval(), made.eos_token_id)


def lively(inside: Any, eos: int) -> Any:
    """Choices that differ between states, and outputs that end now and then."""
    with torch.no_grad():
        for name, weight in inside.named_parameters():
            if name.endswith("bias"):
                weight.normal_(0, 0.2)
        inside.lm_head.weight[eos] *= 2
        if hasattr(inside, "final_logits_bias"):
            inside.final_logits_bias[0, eos] += 3
    return inside


def folder_of(root: Path, family: str, seed: int = 0, **generation: Any) -> Path:
    """A whole folder, as ``save_pretrained`` writes it; ``generation``: what its generation config says."""
    folder = root / family
    made = tokenizer(family, folder)
    inside = network(family, made, seed)
    settings = {"max_length": 30} | generation
    for name, value in settings.items():
        setattr(inside.generation_config, name, value)
    inside.save_pretrained(folder)
    return folder
