"""Values, functions and Keras's objects as plain text that another process writes the same."""

import hashlib
from collections.abc import Mapping
from types import CodeType, FunctionType, MethodType
from typing import Any

import jax
import keras
import numpy as np

# Where Keras's configurations keep names that it counts within a process: dense, dense_1.
_NAMING = ("name", "keras_history", "input_layers", "output_layers")
_DEEPEST = 60


def described(value: Any, names: Mapping[str, str] | None = None) -> Any:
    """Return a nest of numbers, texts, lists and dicts with text keys that says what a value is.

    A function counts by its module, name, compiled code, defaults and closure; an object of Keras
    by its class and configuration without initializers; an array by its bytes; any other object by
    its class. Two values that act alike are described alike in every process with one program.

    Args:
        value: what to describe.
        names: what to write for each counted name of a layer or an optimizer.
    """
    return _Describer(names or {}).describe(value, 0)


class _Describer:
    """Describes one value; it keeps away from values that hold themselves."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self._names = names
        self._open: set[int] = set()

    def describe(self, value: Any, depth: int) -> Any:
        if value is None or isinstance(value, (bool, int, float, str)):
            return value
        if isinstance(value, (np.generic, np.ndarray, jax.Array, keras.Variable)):
            return _array(value)
        if id(value) in self._open or depth > _DEEPEST:
            return "again"
        self._open.add(id(value))
        try:
            return self._nested(value, depth + 1)
        finally:
            self._open.discard(id(value))

    def _nested(self, value: Any, depth: int) -> Any:
        if isinstance(value, Mapping):
            kept = {str(k): v for k, v in value.items() if not str(k).endswith("initializer")}
            return {k: self._entry(k, v, depth) for k, v in kept.items()}
        if isinstance(value, (list, tuple)):
            return [self.describe(item, depth) for item in value]
        if isinstance(value, MethodType):
            return [self.describe(value.__func__, depth), self.describe(value.__self__, depth)]
        if isinstance(value, FunctionType):
            return self._function(value, depth)
        if isinstance(value, type):
            return _class(value)
        if hasattr(value, "get_config"):
            return self._configured(value, depth)
        return _class(type(value))

    def _entry(self, key: str, value: Any, depth: int) -> Any:
        if key in _NAMING:
            value = keras.tree.map_structure(
                lambda item: self._names.get(item, item) if isinstance(item, str) else item, value
            )
        return self.describe(value, depth)

    def _function(self, function: FunctionType, depth: int) -> Any:
        cells = [_held(cell) for cell in function.__closure__ or ()]
        return {
            "function": f"{function.__module__}.{function.__qualname__}",
            "code": _code(function.__code__),
            "holds": self.describe([function.__defaults__, function.__kwdefaults__, cells], depth),
        }

    def _configured(self, value: Any, depth: int) -> Any:
        try:
            config = value.get_config()
        except Exception:  # noqa: BLE001 - a user's class may raise anything
            config = {k: v for k, v in vars(value).items() if k[0] != "_" and _tells(v)}
        return {"class": _class(type(value)), **self._nested(config, depth)}


def _tells(value: Any) -> bool:
    """Return whether an attribute is a setting: plain, a function, or a part with settings."""
    if isinstance(value, (bool, int, float, str, FunctionType)):
        return True
    return hasattr(value, "get_config") and not isinstance(value, keras.Layer)


def _class(kind: type) -> str:
    """Return a class's name and, unless it is Keras's or Python's, a hash of its methods."""
    name = f"{kind.__module__}.{kind.__qualname__}"
    if kind.__module__.partition(".")[0] in ("keras", "builtins", "bital", "numpy", "jax"):
        return name
    methods = [
        _code(value.__code__) for value in vars(kind).values() if isinstance(value, FunctionType)
    ]
    return f"{name} {_hash(*methods)}" if methods else name


def _code(code: CodeType) -> str:
    """Return a hash of compiled code without line numbers and file names."""
    constants = [
        _code(c)
        if isinstance(c, CodeType)
        else f"{type(c).__name__} {sorted(c, key=repr)!r}"
        if isinstance(c, frozenset)
        else repr(c)
        for c in code.co_consts
    ]
    return _hash(code.co_code.hex(), *code.co_names, *code.co_varnames, *constants)


def _held(cell: Any) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # an empty cell
        return None


def _array(value: Any) -> Any:
    array = np.asarray(value.value if isinstance(value, keras.Variable) else value)
    if array.ndim == 0 and array.dtype.kind in "biuf":
        return array.item()
    return f"{array.dtype}{list(array.shape)} {_hash(array.tobytes().hex())}"


def _hash(*parts: str) -> str:
    return hashlib.blake2b("\0".join(parts).encode(), digest_size=8).hexdigest()
