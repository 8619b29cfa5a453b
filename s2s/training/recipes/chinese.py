"""English ↔ Chinese, one Transformer a direction."""

from __future__ import annotations

from s2s.config import Augment, Config, DataConfig, SearchOptions, TrainConfig

# file → how often an epoch sees its pairs, and how often in the last part of the training
_FILES = {
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

# how people type, and other weekdays, are known of English sources only
_VARIANTS = {
    "en": Augment(
        casual=0.15,
        capitals=0.04,
        typos=0.05,
        names=0.5,
        numbers=0.3,
        calendar=0.7,
        templates=60,
    ),
    "zh": Augment(names=0.5, numbers=0.3, templates=60),
}


def _config(src: str, tgt: str, title: str, steps: int) -> Config:
    return Config(
        name=f"translate-{src}-{tgt}-transformer",
        title=title,
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
        data=DataConfig(
            train=tuple(_FILES),
            share=tuple(share for share, _ in _FILES.values()),
            finish=tuple(finish for _, finish in _FILES.values()),
            finish_from=0.8,
            held_out=(
                "ntrex/test.tsv.gz",
                "flores200/devtest.tsv.gz",
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
            augment=_VARIANTS[src],
        ),
        train=TrainConfig(
            steps=steps,
            batch_tokens=16_384,
            lr=1.5e-3,
            warmup=300,
            eval_every=1_500,
            save_every=1_500,
            eval_sentences=200,
        ),
        search=SearchOptions(beam=5, alpha=1.0),
    )


ENGLISH_CHINESE = (
    _config("en", "zh", "English → Chinese · Transformer", 3_636),
    _config("zh", "en", "Chinese → English · Transformer", 3_583),
)
