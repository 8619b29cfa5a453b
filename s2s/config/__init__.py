"""Every option of a run: how to search, which data, how to train, and all of it with a name.

An architecture's own options stand beside its class (``config_class``). How options are checked,
listed and overridden: ``s2s.options``.
"""

from s2s.config.data import Augment, DataConfig
from s2s.config.run import Config
from s2s.config.search import RerankOptions, SearchOptions
from s2s.config.training import TrainConfig
from s2s.options import (
    bounds,
    choices,
    describe,
    from_dict,
    help_of,
    override,
    schema,
    to_dict,
)

__all__ = [
    "Augment",
    "Config",
    "DataConfig",
    "RerankOptions",
    "SearchOptions",
    "TrainConfig",
    "bounds",
    "choices",
    "describe",
    "from_dict",
    "help_of",
    "override",
    "schema",
    "to_dict",
]
