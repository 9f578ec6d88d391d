"""Compiled programs kept in memory, the least recently used forgotten first."""

from collections import OrderedDict
from collections.abc import Callable, Hashable
from threading import RLock
from typing import Any


class _Slot:
    """A program, or the place where one is being made."""

    def __init__(self) -> None:
        self.lock = RLock()
        self.program: Any = None
        self.made = False


class Programs:
    """Programs by key; may be used from several threads.

    Args:
        limit: most programs kept.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._slots: OrderedDict[Hashable, _Slot] = OrderedDict()
        # Reentrant: a collection while it is held may forget what a dead model owned.
        self._lock = RLock()

    def __len__(self) -> int:
        return len(self._slots)

    def get(self, key: Hashable, make: Callable[[], Any]) -> Any:
        """Return the program under `key`, from `make()` where there is none.

        Of several threads that ask for the same one, one makes it and the others wait.
        """
        with self._lock:
            slot = self._slots.setdefault(key, _Slot())
            self._slots.move_to_end(key)
            while len(self._slots) > self._limit:
                self._slots.popitem(last=False)
        with slot.lock:
            if not slot.made:
                try:
                    slot.program = make()
                except BaseException:
                    self.forget(key)
                    raise
                slot.made = True
        return slot.program

    def __contains__(self, key: Hashable) -> bool:
        return key in self._slots

    def forget(self, *keys: Hashable) -> None:
        """Forget programs; those in use stay in use."""
        with self._lock:
            for key in keys:
                self._slots.pop(key, None)

    def clear(self) -> None:
        """Forget all programs."""
        with self._lock:
            self._slots.clear()
