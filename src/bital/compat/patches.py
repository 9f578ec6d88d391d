"""Changes made to other packages, each of them undone by one call."""

from collections.abc import Callable
from typing import Any

_ABSENT = object()


class Patches:
    """Attributes that were set, with what was there before."""

    def __init__(self) -> None:
        self._before: list[tuple[Any, str, Any]] = []
        self._calls: list[Callable[[], Any]] = []

    def __bool__(self) -> bool:
        return bool(self._before)

    def set(self, owner: Any, name: str, value: Any) -> None:
        """Set an attribute of a module or class until `undo()`."""
        self._before.append((owner, name, vars(owner).get(name, _ABSENT)))
        setattr(owner, name, value)

    def remove(self, owner: Any, name: str) -> None:
        """Take an attribute away until `undo()`."""
        self._before.append((owner, name, vars(owner)[name]))
        delattr(owner, name)

    def then(self, call: Callable[[], Any]) -> None:
        """Call something on `undo()`."""
        self._calls.append(call)

    def undo(self) -> None:
        """Put back what was there, the last change first."""
        while self._calls:
            self._calls.pop()()
        while self._before:
            owner, name, before = self._before.pop()
            if before is _ABSENT:
                delattr(owner, name)
            else:
                setattr(owner, name, before)
