"""One named, complete training configuration a checkpoint.

A new recipe is one entry in ``RECIPES``; ``python -m s2s train NAME --data DIR`` runs it.
"""

from __future__ import annotations

from collections.abc import Iterable

from s2s.config import Config, DataConfig, RerankOptions, SearchOptions, TrainConfig

_EN_FR = DataConfig(
    train=("tatoeba_en_fr/all.tsv.gz", "debian_en_fr/train.tsv.gz"),
    share=(1.0, 0.25),
    columns={"src": "en", "tgt": "fr"},
    split=0.02,
    casual=0.1,
)

_SUMMARIES = {
    "samsum": "dialogue",
    "dialogsum": "dialogue",
    "google_compression": "compression",
    "reuters21578_headlines": "headline",
    "debian_synopsis": "software",
    "aeslc": "subject",
}


def _summary_files(part: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{name}/{part}.jsonl.gz" for name in names)


_LUONG = {"cell": "gru", "attention": "general", "query": "current"}

RECIPES: dict[str, Config] = {
    config.name: config
    for config in (
        Config(
            name="translate-en-fr-bahdanau",
            title="English → French · Bahdanau GRU with attention",
            src_language="English",
            tgt_language="French",
            architecture="rnn",
            model={
                "cell": "gru",
                "attention": "additive",
                "query": "previous",
                "dropout": 0.2,
            },
            data=_EN_FR,
            train=TrainConfig(steps=7_000, lr=2e-3, warmup=300, eval_every=500),
            search=SearchOptions(beam=5, alpha=0.8),
        ),
        Config(
            name="translate-en-fr-lstm",
            title="English → French · LSTM without attention",
            src_language="English",
            tgt_language="French",
            architecture="rnn",
            model={
                "cell": "lstm",
                "bidirectional": False,
                "reverse_source": True,
                "encoder_layers": 2,
                "decoder_layers": 2,
                "hidden": 384,
                "attention": "none",
                "bridge": "copy",
                "dropout": 0.2,
            },
            data=_EN_FR,
            train=TrainConfig(steps=1_700, lr=2e-3, warmup=300, eval_every=500),
            search=SearchOptions(beam=5, alpha=0.6),
        ),
        Config(
            name="summarize-pointer",
            task="summarization",
            title="Summaries · GRU that can copy (pointer-generator)",
            src_language="English",
            tgt_language="English",
            architecture="rnn",
            model=_LUONG | {"copy": True, "dropout": 0.3},
            data=DataConfig(
                train=_summary_files("train", _SUMMARIES),
                valid=_summary_files("valid", _SUMMARIES),
                test=_summary_files(
                    "test", ("samsum", "google_compression", "reuters21578_headlines", "aeslc")
                ),
                kinds={
                    file: kind
                    for name, kind in _SUMMARIES.items()
                    for part in ("train", "valid", "test")
                    for file in _summary_files(part, [name])
                },
                free=0.3,
                max_src=400,
                max_tgt=100,
            ),
            train=TrainConfig(steps=6_000, lr=2e-3, warmup=300, eval_every=1000, word_dropout=0.05),
            search=SearchOptions(beam=5, alpha=1.5, block_ngram=3),
        ),
        Config(
            name="chat",
            task="dialogue",
            title="Small talk · GRU with attention over the conversation",
            src_language="English",
            tgt_language="English",
            architecture="rnn",
            model=_LUONG | {"dropout": 0.2},
            data=DataConfig(
                train=(
                    "dailydialog/train.jsonl.gz",
                    "synthetic_persona_chat/valid.jsonl.gz",
                    "self_dialogue/train.jsonl.gz",
                ),
                share=(1.0, 1.0, 0.15),
                valid=("dailydialog/valid.jsonl.gz",),
                test=("dailydialog/test.jsonl.gz",),
                blank=0.1,
                casual=0.1,
                max_src=160,
                max_tgt=60,
            ),
            train=TrainConfig(steps=4_500, lr=2e-3, warmup=300, eval_every=500),
            search=SearchOptions(beam=10, groups=10, diversity=1.5, alpha=2.0, block_ngram=3),
            rerank=RerankOptions(mutual=0.6),
        ),
        Config(
            name="translate-own",
            title="Your own pairs · Bahdanau GRU with attention",
            architecture="rnn",
            data=DataConfig(train=("train.tsv",)),
            train=TrainConfig(steps=5_000),
        ),
    )
}
