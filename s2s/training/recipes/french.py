"""English → French: three architectures, one tokenizer and one mixture, so that they compare."""

from __future__ import annotations

from s2s.config import Augment, Config, DataConfig, SearchOptions, TrainConfig

# file → how often an epoch sees its pairs, and how often in the last part of the training: less
# parliament and law there, so that not everything is said as to a chairman
_FILES = {
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

_DATA = DataConfig(
    train=tuple(_FILES),
    share=tuple(share for share, _ in _FILES.values()),
    finish=tuple(finish for _, finish in _FILES.values()),
    finish_from=0.85,
    held_out=(
        "ntrex/test.tsv.gz",
        "flores200/devtest.tsv.gz",
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
    tokenizer="own/en-fr.model",
    max_src=128,
    max_tgt=128,
    augment=Augment(
        casual=0.1,
        capitals=0.04,
        typos=0.05,
        names=0.3,
        numbers=0.3,
        calendar=0.7,
        templates=60,
    ),
)

ENGLISH_FRENCH = (
    Config(
        name="translate-en-fr-transformer",
        title="English → French · Transformer",
        architecture="transformer",
        model={
            "size": 384,
            "heads": 6,
            "encoder_layers": 6,
            "decoder_layers": 3,
            "feed_forward": 1536,
            "dropout": 0.1,
        },
        data=_DATA,
        train=TrainConfig(
            steps=9_211,
            batch_tokens=32_768,
            lr=1.4e-3,
            warmup=600,
            eval_every=2_500,
            save_every=1_500,
            eval_sentences=200,
        ),
        search=SearchOptions(beam=5, alpha=0.8),
        src_language="en",
        tgt_language="fr",
    ),
    Config(
        name="translate-en-fr-bahdanau",
        title="English → French · Bahdanau GRU with attention",
        architecture="rnn",
        model={"cell": "gru", "attention": "additive", "query": "previous", "dropout": 0.15},
        data=_DATA,
        train=TrainConfig(
            steps=4_900,
            batch_tokens=32_768,
            lr=2e-3,
            warmup=300,
            eval_every=612,
            save_every=612,
            eval_sentences=200,
        ),
        search=SearchOptions(beam=5, alpha=0.8),
        src_language="en",
        tgt_language="fr",
    ),
    Config(
        name="translate-en-fr-lstm",
        title="English → French · LSTM without attention",
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
        data=_DATA,
        train=TrainConfig(
            steps=4_900,
            batch_tokens=32_768,
            lr=2e-3,
            warmup=300,
            eval_every=612,
            save_every=612,
            eval_sentences=200,
        ),
        search=SearchOptions(beam=5, alpha=0.6),
        src_language="en",
        tgt_language="fr",
    ),
)
