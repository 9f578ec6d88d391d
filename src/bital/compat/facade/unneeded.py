"""Functions of TensorFlow's that have nothing to do here."""

from collections.abc import Callable
from typing import Any

from bital.compat.notes import note


def unneeded(name: str, instead: str = "leave it out") -> Callable[..., None]:
    """Return a function that takes any arguments and does nothing but tell what to do instead."""

    def function(*args: Any, **kwargs: Any) -> None:
        note(name, instead)

    return function
