"""Toys: two small networks that differ in one thing, trained in a minute on one core.

Data: ``python -m s2s toy reverse --out DIR``, or 20 lines of one's own.
"""

from __future__ import annotations

from dataclasses import replace

from s2s.config import Config, DataConfig, SearchOptions, TrainConfig
from s2s.data.toys import TRAIN, VALID

_ATTENTION = Config(
    name="toy-attention",
    title="Toy · GRU with attention",
    task="rewriting",
    architecture="rnn",
    model={
        "embedding": 48,
        "hidden": 96,
        "attention_size": 48,
        "dropout": 0.0,
    },
    data=DataConfig(
        train=(TRAIN,), valid=(VALID,), test=(VALID,), vocab=600, max_src=96, max_tgt=96
    ),
    train=TrainConfig(
        steps=800,
        batch_tokens=256,
        lr=5e-3,
        warmup=20,
        smoothing=0.0,
        clip=0.5,
        average=0.9,
        eval_every=40,
        eval_sentences=60,
        save_every=100,
        log_every=5,
        device="cpu",
        precision="fp32",
        threads=1,
    ),
    search=SearchOptions(beam=4),
)

TOYS = (
    _ATTENTION,
    replace(
        _ATTENTION,
        name="toy-plain",
        title="Toy · GRU without attention",
        model={"embedding": 48, "hidden": 96, "attention": "none", "dropout": 0.0},
    ),
)
