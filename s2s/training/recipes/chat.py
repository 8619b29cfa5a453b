"""Small talk: a long run on every conversation at hand, then five shorter ones, towards what we wrote ourselves."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from s2s.config import Augment, Config, DataConfig, RerankOptions, SearchOptions, TrainConfig

# file → how often an epoch sees its turns, and how often in the last part of the training
_FILES = {
    "dailydialog/train.jsonl.gz": (1.0, 1.5),
    "synthetic_persona_chat/valid.jsonl.gz": (1.0, 1.5),
    "synthetic_persona_chat/test.jsonl.gz": (1.0, 1.5),
    "self_dialogue/train.jsonl.gz": (0.3, 0.1),
    "chitchat/train.jsonl.gz": (0.3, 0.1),
    "schema_guided/train.jsonl.gz": (0.25, 0.1),
    "topical_chat/valid.jsonl.gz": (0.5, 0.2),
    "topical_chat/test.jsonl.gz": (0.5, 0.2),
    "own/small_talk.jsonl": (8.0, 16.0),
}

CHAT_FIRST = Config(
    name="chat-first",
    task="dialogue",
    title="Small talk · Transformer",
    src_language="en",
    tgt_language="en",
    architecture="transformer",
    model={
        "size": 320,
        "heads": 5,
        "encoder_layers": 4,
        "decoder_layers": 4,
        "feed_forward": 1280,
        "dropout": 0.15,
    },
    data=DataConfig(
        train=tuple(_FILES),
        share=tuple(share for share, _ in _FILES.values()),
        finish=tuple(finish for _, finish in _FILES.values()),
        finish_from=0.8,
        valid=("dailydialog/valid.jsonl.gz",),
        test=("dailydialog/test.jsonl.gz",),
        vocab=8_000,
        max_src=160,
        max_tgt=60,
        augment=Augment(casual=0.15, no_source=0.1),
    ),
    train=TrainConfig(
        steps=4_500,
        batch_tokens=32_768,
        lr=1.5e-3,
        warmup=300,
        eval_every=321,
        save_every=321,
    ),
    search=SearchOptions(beam=10, groups=5, diversity=0.7, alpha=1.0, block_ngram=3),
    rerank=RerankOptions(mutual=0.2),
)
"""From nothing; each of the others goes on from the weights of the one before."""


def _after(
    before: Config, name: str, data: dict[str, Any], dropout: float = 0.15, **train: Any
) -> Config:
    """A run that goes on from the weights of ``before``, with other data and other steps."""
    return replace(
        before,
        name=name,
        model=before.model | {"dropout": dropout},
        data=replace(before.data, **data),
        train=replace(before.train, init=before.name, **train),
    )


CHAT_SECOND = _after(
    CHAT_FIRST,
    "chat-second",
    {"share": (0.3, 0.3, 0.3, 0.015, 0.03, 0.01, 0.03, 0.03, 30.0), "finish": ()},
    steps=450,
    batch_tokens=4_096,
    lr=4e-4,
    warmup=20,
    average=0.99,
    eval_every=150,
    save_every=100,
)
"""Leans on our own lines: the first does not know what it is."""

CHAT_THIRD = _after(
    CHAT_SECOND,
    "chat-third",
    {"share": (1.5, 0.7, 0.7, 0.1, 0.1, 0.1, 0.2, 0.2, 3.0)},
    dropout=0.2,
    steps=900,
    batch_tokens=8_192,
    lr=5e-4,
    warmup=100,
    smoothing=0.0,
    average=0.998,
    save_every=150,
)
"""Leans on the cleanest conversations, to speak well."""

_OURS = ("dailydialog/train.jsonl.gz", "own/small_talk.jsonl", "own/conversations.jsonl")

CHAT_FOURTH = _after(
    CHAT_THIRD,
    "chat-fourth",
    {"train": _OURS, "share": (0.4, 1.5, 6.0)},
    steps=5_500,
    batch_tokens=4_096,
    lr=8e-4,
    warmup=50,
    eval_every=500,
    save_every=500,
)
"""Leans on the conversations that we wrote, where what answers fits what was said."""

CHAT_FIFTH = _after(
    CHAT_FOURTH,
    "chat-fifth",
    {"share": (0.2, 1.0, 4.0), "augment": Augment(casual=0.3, no_source=0.1)},
    dropout=0.1,
    steps=3_000,
    lr=7e-4,
)
"""The same still more."""

CHAT = _after(
    CHAT_FIFTH,
    "chat",
    {"augment": Augment(casual=0.15, subjects=1.0, no_source=0.1)},
    dropout=0.1,
    steps=1_200,
    lr=5e-4,
    average=0.99,
)
"""The same, where people change the subject; what is shipped."""
