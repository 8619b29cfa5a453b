"""A cache that is bounded in bytes, and what a result weighs."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields
from typing import Any

import numpy as np

from s2s.trace import Hypothesis, Result, Sentence, Trace

MOST = 256 * 2**20  # bytes of results


class Shelf:
    """A cache bounded in bytes; what was not asked for longest goes first."""

    def __init__(self, most: int = MOST) -> None:
        self.most, self.held = most, 0
        self._items: OrderedDict[Hashable, tuple[Any, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """The value of ``key``, made if it is not there. Two sessions may both make it."""
        with self._lock:
            if key in self._items:
                self._items.move_to_end(key)
                return self._items[key][0]
        value = make()
        size = weigh(value)
        with self._lock:
            if key not in self._items and size <= self.most:
                self._items[key] = value, size
                self.held += size
            while self.held > self.most:
                self.held -= self._items.popitem(last=False)[1][1]
        return value


def weigh(value: Any) -> int:
    """About how many bytes a result holds: its arrays, and something for the rest."""
    if isinstance(value, np.ndarray):
        return value.nbytes
    if isinstance(value, Result):
        return weigh(value.sentences)
    if isinstance(value, Sentence):
        return 2_000 + weigh(value.trace)
    if isinstance(value, (Trace, Hypothesis)) or hasattr(value, "__dataclass_fields__"):
        return 200 + sum(weigh(getattr(value, f.name)) for f in fields(value))
    if isinstance(value, dict):
        return 64 + sum(map(weigh, value.values()))
    if isinstance(value, (tuple, list)):
        return 56 + sum(map(weigh, value))
    return 64
