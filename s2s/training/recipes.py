"""One named, complete training configuration a checkpoint.

A new recipe is one entry in ``RECIPES``; ``python -m s2s train NAME --data DIR`` runs it.
"""

from __future__ import annotations

from collections.abc import Iterable

from s2s.config import Augment, Config, DataConfig, RerankOptions, SearchOptions, TrainConfig

_HELD_OUT = (
    "ntrex/test.tsv.gz",
    "flores200/devtest.tsv.gz",
)

# file → share of its pairs in an epoch, and in the last part of the training
_EN_FR_FILES = {
    "tatoeba_en_fr/all.tsv.gz": (2.0, 3.0),
    "europarl_en_fr/train.tsv.gz": (0.6, 0.25),
    "europarl_en_fr/more.tsv.gz": (0.4, 0.1),
    "games_en_fr/train.tsv.gz": (1.0, 1.0),
    "books_en_fr/train.tsv.gz": (1.0, 0.7),
    "stsb_mt_en_fr/all.tsv.gz": (1.5, 2.0),
    "web_docs_en_fr/train.tsv.gz": (1.0, 1.0),
    "debian_en_fr/train.tsv.gz": (0.4, 0.4),
    "desktop_help_en_fr/train.tsv.gz": (0.4, 0.3),
    "canada_laws_en_fr/train.tsv.gz": (0.3, 0.1),
    "names_en_fr/train.tsv.gz": (1.0, 1.0),
    "freedict_en_fr/train.tsv.gz": (1.0, 1.0),
    "own/phrases.en-fr.tsv": (4.0, 6.0),
    "own/templates.en-fr.tsv": (1.0, 1.0),
}

_EN_FR = DataConfig(
    train=tuple(_EN_FR_FILES),
    share=tuple(share for share, _ in _EN_FR_FILES.values()),
    finish=tuple(finish for _, finish in _EN_FR_FILES.values()),
    finish_from=0.85,
    held_out=(
        *_HELD_OUT,
        "wmt_news_en_fr/valid.tsv.gz",
        "word_alignment/en_fr.test.jsonl.gz",
        "debian_en_fr/valid.tsv.gz",
        "europarl_en_fr/valid.tsv.gz",
        "multi30k/val.tsv.gz",
        "multi30k/test_2016_flickr.tsv.gz",
    ),
    columns={"src": "en", "tgt": "fr"},
    split=0.02,
    vocab=12_000,
    max_src=128,
    max_tgt=128,
    augment=Augment(
        casual=0.1, capitals=0.04, typos=0.05, names=0.3, numbers=0.3, calendar=0.7, templates=60
    ),
)

_ZH_FILES = {
    "tatoeba_en_zh/all.tsv.gz": (2.0, 3.0),
    "3am_en_zh/train.tsv.gz": (1.0, 0.5),
    "games_en_zh/train.tsv.gz": (0.8, 0.5),
    "debian_en_zh/train.tsv.gz": (0.6, 0.4),
    "desktop_help_en_zh/train.tsv.gz": (1.0, 0.7),
    "stsb_mt_en_zh/all.tsv.gz": (2.0, 2.0),
    "names_en_zh/train.tsv.gz": (1.0, 1.0),
    "books_en_zh/train.tsv.gz": (1.0, 1.0),
    "own/phrases.en-zh.tsv": (6.0, 8.0),
    "own/templates.en-zh.tsv": (1.0, 1.0),
}


def _zh(src: str, tgt: str) -> DataConfig:
    return DataConfig(
        train=tuple(_ZH_FILES),
        share=tuple(share for share, _ in _ZH_FILES.values()),
        finish=tuple(finish for _, finish in _ZH_FILES.values()),
        finish_from=0.8,
        held_out=(
            *_HELD_OUT,
            "wmt_news_en_zh/valid.tsv.gz",
            "word_alignment/zh_en.test.jsonl.gz",
            "debian_en_zh/valid.tsv.gz",
            "3am_en_zh/val.tsv.gz",
            "3am_en_zh/test.tsv.gz",
        ),
        columns={"src": src, "tgt": tgt},
        split=0.04,
        vocab=12_000,
        max_src=128,
        max_tgt=128,
        augment=Augment(
            casual=0.15 if src == "en" else 0.0,
            capitals=0.04 if src == "en" else 0.0,
            typos=0.05 if src == "en" else 0.0,
            names=0.5,
            numbers=0.3,
            calendar=0.7 if src == "en" else 0.0,
            templates=60,
        ),
    )


_SUMMARIES = {
    "samsum": "dialogue",
    "dialogsum": "dialogue",
    "google_compression": "compression",
    "reuters21578_headlines": "headline",
    "debian_synopsis": "software",
    "aeslc": "subject",
    "inshorts_headlines": "headline",
    "canada_law_notes": "headline",
}


def _summary_files(part: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(f"{name}/{part}.jsonl.gz" for name in names)


_LUONG = {"cell": "gru", "attention": "general", "query": "current"}

_SUMMARY_SHARES = dict(zip(_SUMMARIES, (1.5, 1.5, 1.0, 0.8, 0.6, 1.0, 1.0, 0.4), strict=True))

_CHAT_FILES = {
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

RECIPES: dict[str, Config] = {
    config.name: config
    for config in (
        Config(
            name="translate-en-fr-transformer",
            title="English → French · Transformer",
            src_language="en",
            tgt_language="fr",
            architecture="transformer",
            model={
                "size": 384,
                "heads": 6,
                "encoder_layers": 6,
                "decoder_layers": 3,
                "feed_forward": 1536,
                "dropout": 0.1,
            },
            data=_EN_FR,
            train=TrainConfig(
                steps=9_000,
                batch_tokens=32_768,
                lr=1.4e-3,
                warmup=600,
                average=0.998,
                eval_every=1500,
                save_every=1500,
                eval_sentences=200,
            ),
            search=SearchOptions(beam=5, alpha=0.8),
        ),
        Config(
            name="translate-en-fr-bahdanau",
            title="English → French · Bahdanau GRU with attention",
            src_language="en",
            tgt_language="fr",
            architecture="rnn",
            model={
                "cell": "gru",
                "attention": "additive",
                "query": "previous",
                "dropout": 0.15,
            },
            data=_EN_FR,
            train=TrainConfig(
                steps=4_500,
                batch_tokens=24_576,
                lr=2e-3,
                warmup=300,
                average=0.998,
                eval_every=1500,
                save_every=1500,
                eval_sentences=200,
            ),
            search=SearchOptions(beam=5, alpha=0.8),
        ),
        Config(
            name="translate-en-fr-lstm",
            title="English → French · LSTM without attention",
            src_language="en",
            tgt_language="fr",
            architecture="rnn",
            model={
                "cell": "lstm",
                "bidirectional": False,
                "reverse_source": True,
                "encoder_layers": 2,
                "decoder_layers": 2,
                "hidden": 512,
                "attention": "none",
                "bridge": "copy",
                "dropout": 0.15,
            },
            data=_EN_FR,
            train=TrainConfig(
                steps=4_500,
                batch_tokens=24_576,
                lr=2e-3,
                warmup=300,
                average=0.998,
                eval_every=1500,
                save_every=1500,
                eval_sentences=200,
            ),
            search=SearchOptions(beam=5, alpha=0.6),
        ),
        *(
            Config(
                name=f"translate-{src}-{tgt}-transformer",
                title=f"{title} · Transformer",
                src_language=src,
                tgt_language=tgt,
                architecture="transformer",
                model={
                    "size": 256,
                    "heads": 4,
                    "encoder_layers": 5,
                    "decoder_layers": 3,
                    "feed_forward": 1024,
                    "dropout": 0.2,
                },
                data=_zh(src, tgt),
                train=TrainConfig(
                    steps=4_500,
                    batch_tokens=16_384,
                    lr=1.5e-3,
                    warmup=300,
                    average=0.998,
                    eval_every=1500,
                    save_every=1500,
                    eval_sentences=200,
                ),
                search=SearchOptions(beam=5, alpha=1.0),
            )
            for src, tgt, title in (
                ("en", "zh", "English → Chinese"),
                ("zh", "en", "Chinese → English"),
            )
        ),
        Config(
            name="summarize-pointer",
            task="summarization",
            title="Summaries · GRU that can copy (pointer-generator)",
            src_language="en",
            tgt_language="en",
            architecture="rnn",
            model=_LUONG | {"copy": True, "dropout": 0.3, "hidden": 640, "embedding": 320},
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
                share=tuple(_SUMMARY_SHARES.values()),
                augment=Augment(any_kind=0.3, numbers=0.4, names=0.3),
                vocab=10_000,
                max_src=400,
                max_tgt=100,
            ),
            train=TrainConfig(
                steps=6_000,
                batch_tokens=32_768,
                lr=2e-3,
                warmup=300,
                average=0.998,
                eval_every=1500,
                save_every=1500,
                word_dropout=0.05,
                eval_sentences=200,
            ),
            search=SearchOptions(beam=5, alpha=1.5, block_ngram=3),
        ),
        Config(
            name="chat",
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
                train=tuple(_CHAT_FILES),
                share=tuple(share for share, _ in _CHAT_FILES.values()),
                finish=tuple(finish for _, finish in _CHAT_FILES.values()),
                finish_from=0.8,
                valid=("dailydialog/valid.jsonl.gz",),
                test=("dailydialog/test.jsonl.gz",),
                augment=Augment(no_source=0.1, casual=0.15),
                vocab=8_000,
                max_src=160,
                max_tgt=60,
            ),
            train=TrainConfig(
                steps=7_000,
                batch_tokens=32_768,
                lr=1.5e-3,
                warmup=300,
                average=0.998,
                eval_every=1500,
                save_every=1500,
                eval_sentences=500,
            ),
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
