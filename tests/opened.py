"""Opened models that tests share, and what transformers itself makes of the same folder."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

import torch

from s2s.models.huggingface.defaults import config_of
from s2s.models.huggingface.folder import Folder, open_folder
from s2s.models.huggingface.options import HuggingFaceConfig
from tests.hub import folder_of

MANY = ("mbart", "m2m_100", "nllb")  # which want to be told the languages

CHANGED: set[str] = set()  # families whose networks a test has changed


@cache
def root() -> Path:
    """Where tiny folders stand, for one run of the tests."""
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    return Path(mkdtemp(prefix="hub"))


@cache
def folder(family: str) -> Path:
    return folder_of(root(), family)


@cache
def opened(family: str) -> tuple[Any, Any, Any]:
    """Model, tokenizer and configuration."""
    found = Folder(folder(family))
    languages = {"src": "en", "tgt": "fr"} if family in MANY else {}
    config = config_of(found, ".", **languages)
    model, tokenizer = open_folder(found, HuggingFaceConfig(**config.model), "cpu")
    return model, tokenizer, config


@cache
def reference(family: str) -> Any:
    """The same weights in the library's own hands."""
    import transformers

    network = Folder(folder(family)).family.network
    return (
        getattr(transformers, network)
        .from_pretrained(folder(family), attn_implementation="eager")
        .eval()
    )


def make_src(family: str, lengths: list[int], seed: int = 0) -> torch.Tensor:
    """Random padded sources (B,S) with the family's ends."""
    _, tokenizer, _ = opened(family)
    v = tokenizer.vocabulary
    plain = [i for i in range(v.size) if i not in tokenizer._special and i not in v.never]
    draw = torch.Generator().manual_seed(seed)
    rows = []
    for n in lengths:
        picked = torch.randint(len(plain), (max(1, n - 2),), generator=draw).tolist()
        front, back = tokenizer._front, tokenizer._back
        rows.append([*front, *(plain[i] for i in picked), *back])
    longest = max(map(len, rows))
    return torch.tensor([row + [v.pad] * (longest - len(row)) for row in rows])


def generated(family: str, source: torch.Tensor, **named: Any) -> Any:
    """What ``generate`` of transformers writes: ids behind the start token, and its scores."""
    model, tokenizer, _ = opened(family)
    v = tokenizer.vocabulary
    rules = {"suppress_tokens": list(v.never), "forced_bos_token_id": model.rules.first}
    rules |= {"forced_eos_token_id": None}
    with torch.inference_mode():
        return reference(family).generate(
            input_ids=source,
            attention_mask=(source != v.pad).long(),
            return_dict_in_generate=True,
            output_scores=True,
            **rules | named,
        )


def tokens_of(row: torch.Tensor, eos: int) -> list[int]:
    """Up to the end, without the start token."""
    ids = row.tolist()[1:]
    return ids[: ids.index(eos) + 1] if eos in ids else ids


def ready_to_end(family: str, much: float) -> None:
    """Both networks of a family made to end sooner, by ``much`` more than as they were made."""
    model, tokenizer, _ = opened(family)
    CHANGED.add(family)
    _row(family)
    with torch.no_grad():
        for network in (model.network, reference(family)):
            if hasattr(network, "final_logits_bias"):
                network.final_logits_bias[0, tokenizer.vocabulary.eos] = 3 + much
                continue
            # whichever way the states lie: every other time the row points the other way
            turn = -1 if int(much) % 2 else 1
            network.lm_head.weight[tokenizer.vocabulary.eos] = turn * (1 + much) * _row(family)


@cache
def _row(family: str) -> torch.Tensor:
    """(D,) the row that writes the end, as it was made."""
    model, tokenizer, _ = opened(family)
    return model.network.lm_head.weight[tokenizer.vocabulary.eos].detach().clone()
