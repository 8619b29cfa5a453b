"""A run as a whole, with a name."""

from __future__ import annotations

from dataclasses import field
from typing import Annotated, Any

from s2s.config.data import DataConfig
from s2s.config.search import RerankOptions, SearchOptions
from s2s.config.training import TrainConfig
from s2s.options import option, options

Language = Annotated[
    str,
    option(
        "ISO code of a language, en or pt-BR; empty: not said.",
        pattern=r"^([a-z]{2,3}(-[A-Za-z0-9]{2,8})*)?$",
        form="a language code such as en or pt-BR",
    ),
]


@options
class Config:
    """One complete, named training configuration; stands in a checkpoint as config.json."""

    name: Annotated[str, option("Name, also of the folder.", min_length=1, max_length=200)]
    task: Annotated[str, option("Kind of work, a key of TASKS.")] = "translation"
    architecture: Annotated[str, option("Kind of model, a key of MODELS.")] = "rnn"
    title: Annotated[str, option("What people read.", max_length=200)] = ""
    src_language: Language = ""
    tgt_language: Language = ""
    model: Annotated[dict[str, Any], option("The architecture's own options.")] = field(
        default_factory=dict
    )
    data: Annotated[DataConfig, option("Data.")] = DataConfig()
    train: Annotated[TrainConfig, option("Training.")] = TrainConfig()
    search: Annotated[SearchOptions, option("How this model searches unless told otherwise.")] = (
        SearchOptions()
    )
    rerank: Annotated[RerankOptions, option("How its outputs are ranked after the search.")] = (
        RerankOptions()
    )
