"""Where a study's runs are kept, as the study sees it; `bital.store.shelf.Shelf` is one."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple, Protocol

from bital.study.outcome import Outcome


class Key(NamedTuple):
    """What produces a run, and all that finds it again; plain values."""

    spec: Mapping[str, Any]
    """how the arm is fitted"""
    data: str
    """fingerprint of all rows"""
    code: str
    """version of the code, the arm's builder included"""
    seed: int
    split: Mapping[str, Any]
    """which rows train, validate and test"""


class Shelf(Protocol):
    """Finds runs and keeps them."""

    def code(self, *builders: Callable[..., Any]) -> str:
        """Return the version of the code, builders included.

        Raises:
            InvalidInput: a builder holds what cannot be told apart from others of its type.
        """

    def find(self, keys: Sequence[Key]) -> list[Outcome | None]:
        """Return each run's outcome, or None where there is none yet."""

    def save(self, name: str, found: Sequence[tuple[Key, Outcome]], parameters: int) -> None:
        """Keep runs of one arm with all they left: all of them or, where that fails, none.

        Args:
            name: of the arm.
            found: what they left.
            parameters: weights of its model.

        Raises:
            StoreFailure: the store is locked, full or gone.
        """
