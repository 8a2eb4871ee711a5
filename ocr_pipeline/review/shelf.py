"""A shelf of limited room: what was not used for longest makes place for what is new."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Shelf(Generic[K, V]):
    """Values under keys, safe for several threads.

    Args:
        room: how much the values may take together.
        size: how much one value takes, in the unit of `room`.

    """

    def __init__(self, room: int, size: Callable[[V], int]) -> None:
        self._room, self._size = room, size
        self._used = 0
        self._values: OrderedDict[K, V] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: K) -> V | None:
        """The value under `key`, now the most recently used; None when it is not there."""
        with self._lock:
            value = self._values.get(key)
            if value is not None:
                self._values.move_to_end(key)
            return value

    def put(self, key: K, value: V) -> None:
        """Put a value under `key`; a value larger than the whole shelf is not kept."""
        taken = self._size(value)
        with self._lock:
            self._drop(key)
            if taken > self._room:
                return
            while self._used + taken > self._room:
                self._drop(next(iter(self._values)))
            self._values[key] = value
            self._used += taken

    def __len__(self) -> int:
        return len(self._values)

    def _drop(self, key: K) -> None:
        if key in self._values:
            self._used -= self._size(self._values.pop(key))
