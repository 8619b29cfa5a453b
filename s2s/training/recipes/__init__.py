"""One named, complete training configuration a checkpoint.

A new recipe is one entry in ``RECIPES``; ``python -m s2s train NAME --data DIR`` runs it.
"""

from __future__ import annotations

from s2s.config import Config, DataConfig, TrainConfig
from s2s.training.recipes.chat import (
    CHAT,
    CHAT_FIFTH,
    CHAT_FIRST,
    CHAT_FOURTH,
    CHAT_SECOND,
    CHAT_THIRD,
)
from s2s.training.recipes.chinese import ENGLISH_CHINESE
from s2s.training.recipes.french import ENGLISH_FRENCH
from s2s.training.recipes.summaries import SUMMARIES
from s2s.training.recipes.toys import TOYS

OWN_PAIRS = Config(
    name="translate-own",
    title="Your own pairs · Bahdanau GRU with attention",
    data=DataConfig(train=("train.tsv",)),
    train=TrainConfig(steps=5_000),
)

RECIPES: dict[str, Config] = {
    config.name: config
    for config in (
        *ENGLISH_FRENCH,
        *ENGLISH_CHINESE,
        *SUMMARIES,
        CHAT_FIRST,
        CHAT_SECOND,
        CHAT_THIRD,
        CHAT_FOURTH,
        CHAT_FIFTH,
        CHAT,
        OWN_PAIRS,
        *TOYS,
    )
}
