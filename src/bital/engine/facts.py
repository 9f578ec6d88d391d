"""Keras objects, functions and classes as facts: text that another process can compare."""

import dis
import re
import sys
import sysconfig
import warnings
from functools import partial
from hashlib import blake2b
from pathlib import Path
from types import CodeType, FunctionType, MethodType
from typing import Any

import jax
import keras
import numpy as np

from bital.engine.anatomy import anatomy

_HASHED = 2**24  # bytes of each array that tell one dataset from another
_LIBRARIES = tuple(sysconfig.get_paths()[name] for name in ("stdlib", "purelib", "platlib"))
_OWN = str(Path(__file__).parents[1])
_RECORDED_ELSEWHERE = {"name", "_name", "loss", "optimizer", "_metrics", "_losses", "history"}
_SKIPPED = {"registered_name", "build_config", "module"}
_LONGEST = 80  # characters of a value; longer ones are shown by their beginning and a hash


class Facts:
    """A flat dict of facts: what a setting is called, and its value as text.

    Values of variables, initializers and names of layers are no facts. A function or a class of
    the program's own is its name, its code, and the values that it reads from outside.
    """

    def __init__(self) -> None:
        self.found: dict[str, str] = {}
        self._numbers: dict[int, int] = {}
        self._kept: list[Any] = []  # an object that is gone could lend its id to another

    def add(self, name: str, value: Any) -> None:
        """Record a value of any kind under a name."""
        if value is None or isinstance(value, (bool, int, float, complex, str, bytes)):
            self._write(name, repr(value))
        elif isinstance(value, (np.ndarray, np.generic, jax.Array)):
            self._array(name, value)
        elif isinstance(value, dict):
            self._mapping(name, value)
        elif isinstance(value, (list, tuple)):
            for index, item in enumerate(value):
                self.add(f"{name}[{index}]", item)
            if not value:
                self._write(name, repr(value))
        elif isinstance(value, (set, frozenset)):
            plain = all(isinstance(item, (bool, int, float, str)) for item in value)
            self._write(name, repr(sorted(map(repr, value))) if plain else f"{len(value)} values")
        elif isinstance(value, partial):
            self.add(name, value.func)
            self.add(f"{name}.args", [list(value.args), value.keywords])
        elif isinstance(value, FunctionType) and _is_library(value):
            self._write(name, f"{value.__module__}.{value.__qualname__}")
        elif id(value) in self._numbers:
            self._write(name, f"object {self._numbers[id(value)]} again")
        else:
            self._numbers[id(value)] = len(self._numbers)
            self._kept.append(value)
            self._object(name, value)

    def _write(self, name: str, text: str) -> None:
        if len(text) > _LONGEST:
            text = f"{text[: _LONGEST // 2]}... ({_digest(text.encode())})"
        self.found[name] = text

    def _array(self, name: str, value: Any) -> None:
        array = np.asarray(value)
        if array.ndim == 0 and not array.dtype.hasobject:
            self._write(name, repr(array.item()))
        else:
            self._write(name, f"{array.dtype}{list(array.shape)} {fingerprint(array)}")

    def _mapping(self, name: str, value: dict[Any, Any]) -> None:
        if "value" in value and value.keys() <= {"value", "defaults", "closure"}:
            # A lambda with its file and line; it is a fact itself.
            self._write(name, "a lambda")
            return
        counted = {"name"} if "trainable" in value or "dtype" in value else set()
        for key, item in value.items():
            if key in _SKIPPED | counted or str(key).endswith("initializer"):
                continue
            # In a name Keras counts how many there are in the process.
            plain = re.sub(r"_\d+$", "", item) if key == "name" and type(item) is str else item
            self.add(f"{name}.{key}", plain)
        if not value:
            self._write(name, "{}")

    def _object(self, name: str, value: Any) -> None:
        if isinstance(value, MethodType):
            self.add(name, value.__func__)
            self.add(f"{name}.self", value.__self__)
        elif isinstance(value, type):
            self._class(name, value)
        elif isinstance(value, FunctionType):
            self._function(name, value)
        elif isinstance(getattr(value, "__wrapped__", None), FunctionType):  # jax.jit's
            self.add(name, value.__wrapped__)
        elif callable(value) and hasattr(value, "__qualname__"):
            self._write(name, value.__qualname__)
        else:
            self._instance(name, value)

    def _instance(self, name: str, value: Any) -> None:
        """Record an object: its class, its configuration, and what it holds of the program's."""
        self._class(name, type(value))
        self._configuration(name, value)
        own, roles = any(map(_is_own_class, type(value).__mro__)), _roles(type(value))
        for key, item in sorted(getattr(value, "__dict__", {}).items()):
            parts = item if isinstance(item, (list, tuple)) else [item]
            plain = own and key not in roles and all(map(_is_plain, parts))
            if key in _RECORDED_ELSEWHERE:
                continue
            if plain or any(map(_is_programs, parts)):
                self.add(f"{name}.{key}", item)

    def _configuration(self, name: str, value: Any) -> None:
        if isinstance(value, keras.Model) or not hasattr(value, "get_config"):
            return
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # Keras warns of lambdas in a file
                settings = dict(value.get_config())
        except (NotImplementedError, TypeError, ValueError):  # a class may have none
            return
        if isinstance(value, keras.optimizers.Optimizer):
            for key in ("name", "learning_rate", "inner_optimizer"):
                settings.pop(key, None)
        self.add(name, settings)

    def _class(self, name: str, kind: type) -> None:
        self._write(name, kind.__qualname__)
        if kind in self._kept:
            return
        self._kept.append(kind)
        for base in filter(_is_own_class, kind.__mro__):
            for key, item in sorted(vars(base).items()):
                function = getattr(item, "__func__", getattr(item, "fget", item))
                if isinstance(function, FunctionType) and not _is_library(function):
                    self.add(f"{name}.{key}()", function)
                elif isinstance(item, (bool, int, float)) and not key.startswith("__"):
                    self.add(f"{name}.{key}", item)

    def _function(self, name: str, function: FunctionType) -> None:
        self._write(name, f"{function.__qualname__}, code {_digest(_code(function.__code__))}")
        if function.__defaults__ or function.__kwdefaults__:
            self.add(f"{name}.defaults", [function.__defaults__, function.__kwdefaults__])
        for key, cell in zip(
            function.__code__.co_freevars, function.__closure__ or (), strict=True
        ):
            try:
                if key != "__class__":
                    self.add(f"{name}.{key}", cell.cell_contents)
            except ValueError:  # not filled yet
                continue
        for key in sorted(_globals(function.__code__)):
            item = function.__globals__.get(key)
            if isinstance(item, (bool, int, float, str)) or _is_programs(item):
                self.add(f"{name}.{key}", item)


def fingerprint(arrays: Any) -> str:
    """Return a hash of arrays' shapes and of rows spread over them."""
    found = blake2b(digest_size=16)
    for array in jax.tree.leaves(arrays):
        found.update(repr((array.shape, str(array.dtype))).encode())
        step = max(1, array.nbytes // _HASHED)
        rows = array[::step] if array.ndim else array
        found.update(np.ascontiguousarray(rows).tobytes())
    return found.hexdigest()


def _digest(body: bytes) -> str:
    return blake2b(body, digest_size=6).hexdigest()


def _code(code: CodeType) -> bytes:
    """Return what code does, without its file and its lines."""
    constants = [
        _code(c)
        if isinstance(c, CodeType)
        else repr(sorted(map(repr, c)))
        if isinstance(c, frozenset)
        else repr(c)
        for c in code.co_consts
    ]
    return code.co_code + repr((code.co_names, code.co_varnames, constants)).encode()


def _globals(code: CodeType) -> set[str]:
    """Return the global names that code reads."""
    found = {i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}
    return found.union(*(_globals(c) for c in code.co_consts if isinstance(c, CodeType)))


def _is_library(function: FunctionType) -> bool:
    """Whether a function's code comes with a library or with bital, not with the program."""
    return function.__code__.co_filename.startswith((*_LIBRARIES, _OWN, "<frozen"))


def _is_own_class(kind: type) -> bool:
    """Whether a class comes with the program, a notebook's cells included."""
    path = getattr(sys.modules.get(kind.__module__), "__file__", None)
    if path is None:
        return kind.__module__ == "__main__"
    return not path.startswith((*_LIBRARIES, _OWN))


def _roles(kind: Any) -> dict[str, str]:
    return anatomy(kind).roles


def _is_plain(value: Any) -> bool:
    return value is None or isinstance(value, (bool, int, float, str, np.ndarray, np.generic))


def _is_programs(value: Any) -> bool:
    """Whether a value is a function, a class or an instance of a class of the program's own."""
    if isinstance(value, FunctionType):
        return not _is_library(value)
    if isinstance(value, (keras.layers.Layer, keras.callbacks.Callback)):
        return False  # they are recorded in their own places
    kind = value if isinstance(value, type) else type(value)
    return any(map(_is_own_class, kind.__mro__))
