"""One named, complete training configuration a checkpoint.

A new recipe is one entry in ``RECIPES``; ``python -m s2s train NAME --data DIR`` runs it.
"""

from __future__ import annotations

from s2s.config import Config, DataConfig, SearchOptions, TrainConfig

_EN_FR = DataConfig(
    train=("tatoeba_en_fr/all.tsv.gz", "debian_en_fr/train.tsv.gz"),
    share=(1.0, 0.25),
    columns={"src": "en", "tgt": "fr"},
    split=0.02,
    casual=0.1,
)

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
            search=SearchOptions(beam=5, alpha=0.6),
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
            name="translate-own",
            title="Your own pairs · Bahdanau GRU with attention",
            architecture="rnn",
            data=DataConfig(train=("train.tsv",)),
            train=TrainConfig(steps=5_000),
        ),
    )
}
