"""A cache that is bounded in bytes, and what a result weighs."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np

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


def weigh(value: Any, seen: set[int] | None = None) -> int:
    """About how many bytes a result holds; what it holds twice counts once (``seen``: ids)."""
    if isinstance(value, str):
        return 50 + len(value)
    if value is None or isinstance(value, (int, float)):
        return 30
    seen = set() if seen is None else seen
    if id(value) in seen:
        return 0
    seen.add(id(value))
    if isinstance(value, np.ndarray):
        return value.nbytes
    if is_dataclass(value):
        return 200 + sum(weigh(getattr(value, f.name), seen) for f in fields(value))
    if isinstance(value, dict):
        return 64 + sum(weigh(v, seen) for v in value.values())
    if isinstance(value, (tuple, list)):
        if value and isinstance(value[0], (int, float)):  # token ids and numbers, of one kind
            return 56 + 38 * len(value)
        return 56 + sum(weigh(v, seen) for v in value)
    return 64
