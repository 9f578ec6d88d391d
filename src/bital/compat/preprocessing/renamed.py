"""Arguments that a function was given by other names once."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from bital.compat.files.tables import DATA_FORMATS
from bital.compat.notes import note

F = TypeVar("F", bound=Callable[..., Any])


def renamed(**names: str) -> Callable[[F], F]:
    """Let a function take arguments by their old names too.

    Args:
        names: today's name under each old one; `dim_ordering` has its values translated as well.

    Returns:
        A decorator.
    """

    def decorate(function: F) -> F:
        @wraps(function)
        def called(*args: Any, **kwargs: Any) -> Any:
            for old in names.keys() & kwargs.keys():
                today = names[old]
                note(f"{old}=", f"{today}=")
                value = kwargs.pop(old)
                kwargs[today] = DATA_FORMATS.get(value) if old == "dim_ordering" else value
            return function(*args, **kwargs)

        return called  # type: ignore[return-value]

    return decorate
