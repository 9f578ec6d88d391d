"""What the trace of a Keras model depends on, written down: equal keys, equal programs."""

from collections import OrderedDict, defaultdict
from collections.abc import Callable, Hashable, Iterable
from functools import partial
from hashlib import blake2b
from itertools import chain
from types import FunctionType, MethodType, ModuleType
from typing import Any

import jax
import keras
import numpy as np
from keras.src.ops.symbolic_arguments import SymbolicArguments
from keras.src.utils.tracking import TrackedDict, TrackedList, TrackedSet

from bital.engine.anatomy import IDLE, NAME, NAMES, anatomy
from bital.engine.originals import editions, functions_are_original
from bital.engine.settings import settings
from bital.models.functional import Variables

LARGEST_CONSTANT = 2**20
"""bytes; larger ones make no key, since they are read anew for every model"""


class Structure:
    """A tuple of thousands of values, hashed once."""

    def __init__(self, *parts: Hashable) -> None:
        self._parts, self._hash = parts, hash(parts)

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Structure) and self._parts == other._parts


def structural_key(model: keras.Model, *, by_name: bool = False) -> Structure | None:
    """Return a key that only models with the same trace have, or None where that is not certain.

    A trace follows from Keras's code, from the objects that can be reached from the model and from
    global settings. The key is all of these objects, as a walk finds them, each with its class and
    its attributes or, when met again, the number it was met under: a layer called twice and two
    equal layers differ. Values of variables are left out, and so is what `anatomy.py` lists.

    Args:
        model: built.
        by_name: whether rows come in a dict, out of which inputs and outputs pick by their names.
            Otherwise, and for every other layer, a name is part of the key only where it shows in
            the logs or something else picks by it.

    Returns:
        A key; None for any class, function or value that is not Keras's own or whose part in a
        trace is not known: subclasses, a user's functions, patched methods, a mesh.
    """
    surroundings = settings()
    if surroundings is None or not _is_keras(type(model)) or not functions_are_original():
        return None
    walk = _Walk(model)
    try:
        walk.visit(model)
    except (_Foreign, ValueError, RuntimeError):  # an empty cell, a deleted array
        return None
    names = walk.names if walk.by_name else []
    if by_name:
        inputs = [tensor.name for tensor in getattr(model, "inputs", None) or ()]
        names = [*names, *inputs, *getattr(model, "output_names", ())]
    return Structure(surroundings, tuple(walk.tokens), tuple(names))


class _Foreign(Exception):
    """Met what may change a trace in ways that a key does not see."""


class _Mark:
    """A token that no value of a model is equal to."""


_AGAIN, _NAME, _END = _Mark(), _Mark(), _Mark()
_PLAIN = frozenset({bool, int, bytes})


class _Walk:
    """A walk over all that can be reached from a model.

    Args:
        model: where it is about to start.
    """

    def __init__(self, model: keras.Model) -> None:
        self.tokens: list[Any] = []
        self.names: list[str | None] = []
        """what names would have been among the tokens"""
        self.by_name = False
        """whether something picks layers or variables by their names"""
        self._numbers: dict[int, int] = {}
        self._state = set(chain.from_iterable(Variables(model).identities()))

    def visit(self, value: Any) -> None:
        """Write a value down."""
        kind, write = type(value), self.tokens.append
        if value is None or kind is str:
            write(value)
        elif kind in _PLAIN:
            write(kind)  # True == 1 == 1.0
            write(value)
        elif kind is float:
            write(kind)
            write(value.hex())  # 0.0 == -0.0, and nan != nan
        elif kind is tuple:
            self._row(tuple, value)
        elif id(value) in self._numbers:
            write(_AGAIN)
            write(self._numbers[id(value)])
        else:
            self._numbers[id(value)] = len(self._numbers)
            writer = _WRITERS.get(kind)
            if writer is not None:
                writer(self, value)
            elif _is_keras(kind):
                self._object(value, kind)
            else:
                self._other(value, kind)

    def _row(self, kind: type, values: Iterable[Any]) -> None:
        items = tuple(values)
        self.tokens += (kind, len(items))
        for item in items:
            self.visit(item)

    def _mapping(self, mapping: dict[Any, Any]) -> None:
        kind = dict if type(mapping) is TrackedDict else type(mapping)
        self._row(kind, (part for pair in mapping.items() for part in pair))

    def _set(self, values: set[Any]) -> None:
        if not all(type(value) is str for value in values):
            raise _Foreign  # numbers may be addresses
        self._row(set, sorted(values))

    def _method(self, method: MethodType) -> None:
        self._row(MethodType, (method.__self__, method.__func__))

    def _partial(self, function: "partial[Any]") -> None:
        self._row(partial, (function.func, function.args, function.keywords))

    def _slice(self, span: slice) -> None:
        self._row(slice, (span.start, span.stop, span.step))

    def _function(self, function: FunctionType) -> None:
        """Write down a function: itself, or where it is a closure its code and what it closes."""
        module = function.__globals__.get("__name__")
        if not _is_keras_name(module):
            raise _Foreign
        if function.__closure__ is None:
            self.tokens.append(function)
            return
        cells = (cell.cell_contents for cell in function.__closure__)
        self.tokens += (module, function.__code__)
        self._row(FunctionType, (*cells, function.__defaults__, function.__kwdefaults__))

    def _object(self, value: Any, kind: type) -> None:
        """Write down an instance of a class of Keras's."""
        parts, made_as = anatomy(kind), editions(kind)
        if parts.hidden or made_as is None:
            raise _Foreign
        if parts.variable and id(value) not in self._state:
            raise _Foreign  # a trace takes its value for a constant
        self.by_name |= parts.by_name or (kind is SymbolicArguments and _has_a_dict(value))
        attributes = value._asdict() if parts.fields else vars(value)
        self.tokens += (kind, made_as)
        for name, item in attributes.items():
            role = parts.roles.get(name)
            if role == IDLE:
                continue
            self.tokens.append(name)
            if role == NAME or (role == NAMES and (item is None or len(item) == 1)):
                self.tokens.append(_NAME)
                self.names += [item] if role == NAME or item is None else item
            else:
                self.visit(item)
        self.tokens.append(_END)

    def _other(self, value: Any, kind: type) -> None:
        """Write down an array, a type or a module."""
        if isinstance(value, (np.ndarray, np.generic, jax.Array)):
            self._constant(value)
        elif isinstance(value, np.dtype):
            self.tokens += (kind, str(value))
        elif isinstance(value, (type, ModuleType)):
            if not _is_keras(value) and getattr(value, "__module__", "") != "builtins":
                raise _Foreign
            made_as = editions(value) if isinstance(value, type) else ()
            if made_as is None:
                raise _Foreign
            self.tokens += (value, made_as)
        else:
            raise _Foreign

    def _constant(self, value: Any) -> None:
        if isinstance(value, jax.core.Tracer) or value.nbytes > LARGEST_CONSTANT:
            raise _Foreign
        array = np.asarray(value)
        if array.dtype.hasobject:
            raise _Foreign
        kind = jax.Array if isinstance(value, jax.Array) else type(value)
        weak = getattr(value, "weak_type", False)
        digest = blake2b(array.tobytes(), digest_size=16).digest()
        self.tokens += (kind, str(array.dtype), array.shape, weak, digest)


_WRITERS: dict[type, Callable[[_Walk, Any], None]] = {
    **dict.fromkeys((list, TrackedList), lambda walk, items: walk._row(list, items)),
    **dict.fromkeys((dict, TrackedDict, OrderedDict, defaultdict), _Walk._mapping),
    **dict.fromkeys((set, frozenset, TrackedSet), _Walk._set),
    FunctionType: _Walk._function,
    MethodType: _Walk._method,
    partial: _Walk._partial,
    slice: _Walk._slice,
}


def _has_a_dict(arguments: Any) -> bool:
    """Whether a layer is called with a dict, out of which a model may pick by names."""
    return any(isinstance(item, dict) for item in (*arguments.args, *arguments.kwargs.values()))


def _is_keras(thing: Any) -> bool:
    """Whether a class or a module is Keras's."""
    return _is_keras_name(getattr(thing, "__module__", None) or getattr(thing, "__name__", None))


def _is_keras_name(module: Any) -> bool:
    return isinstance(module, str) and module.startswith("keras.src.")
