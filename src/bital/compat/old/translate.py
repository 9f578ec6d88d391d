"""Arguments as a table says, with a note of each that was old."""

from collections.abc import Iterable, Mapping
from functools import wraps
from inspect import signature
from typing import Any

from bital.compat.notes import note
from bital.compat.old.arguments import DROP, Argument


def translated(
    table: Iterable[Argument], given: Mapping[str, Any], known: Iterable[str] = ()
) -> dict[str, Any]:
    """Return keyword arguments by today's names.

    Args:
        table: what is old; an entry whose new name is no argument ("a.b", "f(x=...)") is left to
            the shim that knows what to do.
        given: as the program has them.
        known: names that today's function takes itself, which an entry must not take away.
    """
    out = dict(given)
    keep = set(known)
    for argument in table:
        if argument.old not in out or " + " in argument.old:
            continue
        value = out[argument.old]
        if argument.old == argument.new or argument.old in keep:
            if argument.value is not None:
                out[argument.old] = argument.value(value)
            continue
        if argument.new != DROP and not argument.new.isidentifier():
            continue
        del out[argument.old]
        note(f"{argument.old}=", f"{argument.new}=" if argument.new else _reason(argument))
        if argument.new != DROP and argument.new not in out:
            out[argument.new] = argument.value(value) if argument.value else value
    return out


def patched_init(cls: type, adapt: Any) -> Any:
    """Return an `__init__` that gives `adapt`'s arguments to the class's own.

    Args:
        cls: the class.
        adapt: takes (args, kwargs) and returns them as today's.
    """
    own = cls.__init__  # type: ignore[misc]

    @wraps(own)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        args, kwargs = adapt(args, kwargs)
        own(self, *args, **kwargs)

    # Keras reads the names of positional arguments from here, without following __wrapped__.
    __init__.__signature__ = signature(own)  # type: ignore[attr-defined]
    return __init__


def names_of(function: Any) -> list[str]:
    """Return the names of a function's arguments, without `self`."""
    return [name for name in signature(function).parameters if name != "self"]


def _reason(argument: Argument) -> str:
    return f"leave it out ({argument.remark})" if argument.remark else "leave it out"
