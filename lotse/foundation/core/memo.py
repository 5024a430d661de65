"""What a process keeps of its own work for a few seconds: no copy, no pickling, nothing shared."""

import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import Lock
from typing import Any, ClassVar, Generic, TypeVar
from weakref import WeakSet

T = TypeVar("T")


class Memo(Generic[T]):
    """The last `most` results, each for `seconds`. Whoever takes one must not change it.

    The key names everything the result depends on. Of many who ask for the same at once one
    works it out and the others wait for it.
    """

    every: ClassVar["WeakSet[Memo[Any]]"] = WeakSet()

    def __init__(self, *, seconds: float, most: int) -> None:
        self._seconds, self._most = seconds, most
        self._kept: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()
        self._lock = Lock()
        self._making: dict[Hashable, Lock] = {}
        self.every.add(self)

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """What is kept under the key, else what `make` returns; its errors are kept by nobody."""
        found = self._found(key)
        if found is not None:
            return found[1]
        with self._lock:
            making = self._making.setdefault(key, Lock())
        try:
            with making:
                found = self._found(key)
                if found is None:
                    found = (time.monotonic() + self._seconds, make())
                    self._keep(key, found)
        finally:
            with self._lock:
                self._making.pop(key, None)
        return found[1]

    def clear(self) -> None:
        """Forgets everything."""
        with self._lock:
            self._kept.clear()

    def _found(self, key: Hashable) -> tuple[float, T] | None:
        found = self._kept.get(key)
        return found if found is not None and found[0] > time.monotonic() else None

    def _keep(self, key: Hashable, found: tuple[float, T]) -> None:
        with self._lock:
            self._kept[key] = found
            self._kept.move_to_end(key)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)
            now = time.monotonic()
            for old in [name for name, (until, _made) in self._kept.items() if until <= now]:
                del self._kept[old]


def clear_all() -> None:
    """Every memo of the process forgets everything: between tests."""
    for one in Memo.every:
        one.clear()
