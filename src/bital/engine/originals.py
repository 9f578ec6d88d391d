"""Whether Keras's code is still what it was: programs are shared only where nobody patched it."""

import sys
from types import FunctionType
from typing import Any

from bital.engine.keras_own import METHODS

_FUNCTIONS: list[tuple[dict[str, Any], str, FunctionType]] = []
_CLASSES: dict[type, tuple[Any, ...]] = {}


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


def is_original(kind: type) -> bool:
    """Whether a class of Keras's and its bases have only Keras's methods, as when first seen."""
    return all(_as_first_seen(base) for base in kind.__mro__[:-1])


def _as_first_seen(kind: type) -> bool:
    now = tuple(item for item in vars(kind).items() if item[0] not in METHODS)
    seen = _CLASSES.get(kind)
    if seen is not None:
        return seen == now
    if not all(_is_own(value) for _, value in now):
        return False
    _CLASSES[kind] = now
    return True


def _is_own(value: Any) -> bool:
    function = getattr(value, "__func__", getattr(value, "fget", value))
    if not isinstance(function, FunctionType):
        return True
    root = str(function.__globals__.get("__name__")).partition(".")[0]
    return root == "keras" or root in sys.stdlib_module_names or root.startswith("namedtuple_")
