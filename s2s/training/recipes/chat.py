"""Small talk: a long run on every conversation at hand, then a short one that leans on our own lines."""

from __future__ import annotations

from dataclasses import replace

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

# the same files as in the last hour of learning to talk: our own lines above all
_LAST = (0.3, 0.3, 0.3, 0.015, 0.03, 0.01, 0.03, 0.03, 30.0)

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
"""From nothing; ``CHAT`` goes on from its weights."""

CHAT = replace(
    CHAT_FIRST,
    name="chat",
    data=replace(CHAT_FIRST.data, share=_LAST, finish=()),
    train=replace(
        CHAT_FIRST.train,
        init=CHAT_FIRST.name,
        steps=450,
        batch_tokens=4_096,
        lr=4e-4,
        warmup=20,
        average=0.99,
        eval_every=150,
        save_every=100,
    ),
)
