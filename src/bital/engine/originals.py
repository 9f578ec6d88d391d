"""Whether Keras's code is still its own, and which edition of it a class is."""

import sys
from types import FunctionType
from typing import Any

from bital.engine.keras_own import METHODS

_FUNCTIONS: list[tuple[dict[str, Any], str, FunctionType]] = []
_EDITIONS: dict[type, list["Edition"]] = {}
_OWN = {"keras", "bital", *sys.stdlib_module_names}


class Edition:
    """What a class has defined itself, from one change to the next."""

    def __init__(self, attributes: tuple[tuple[str, Any], ...]) -> None:
        self.attributes = attributes


def functions_are_original() -> bool:
    """Whether every function of Keras's modules is the one that this function first saw there."""
    if not _FUNCTIONS:
        _FUNCTIONS.extend(
            (vars(module), key, value)
            for name, module in list(sys.modules.items())
            if name.startswith("keras.src.")
            for key, value in vars(module).items()
            if isinstance(value, FunctionType) and value.__module__ == name
        )
    return all(names.get(key) is function for names, key, function in _FUNCTIONS)


def editions(kind: type) -> tuple[Edition, ...] | None:
    """Return the editions of a class of Keras's and its bases; None where a user has patched one.

    They are equal only as long as nothing about the class changes.
    """
    found = tuple(_edition(base) for base in kind.__mro__[:-1])
    return None if None in found else found  # type: ignore[return-value]


def _edition(kind: type) -> Edition | None:
    # bital.install() replaces what is called, not what is traced.
    now = tuple(item for item in vars(kind).items() if item[0] not in METHODS)
    known = _EDITIONS.setdefault(kind, [])
    for edition in known:
        if edition.attributes == now:
            return edition
    if not all(_is_own(value) for _, value in now):
        return None
    known.append(Edition(now))
    return known[-1]


def _is_own(value: Any) -> bool:
    """Whether an attribute of a class can be Keras's: nothing a user has defined."""
    function = getattr(value, "__func__", getattr(value, "fget", value))
    if not isinstance(function, FunctionType):
        return True
    root = str(function.__globals__.get("__name__")).partition(".")[0]
    return root in _OWN or root.startswith("namedtuple_")
