"""Models that are given text."""

from collections.abc import Iterator
from functools import wraps
from inspect import signature
from typing import Any

import keras

from bital.compat.patches import Patches
from bital.compat.text.hashing import HashedCrossing, Hashing
from bital.compat.text.index import Index
from bital.compat.text.lookup import IntegerLookup, StringLookup
from bital.compat.text.vectorization import TextVectorization
from bital.compat.text.words import is_text, numbers

_LAYERS = (TextVectorization, StringLookup, IntegerLookup, Hashing, HashedCrossing)


def patch_text(patches: Patches) -> None:
    """Let layers that look words up do without TensorFlow, and inputs be text."""
    for cls in _LAYERS:
        patches.set(keras.layers, cls.__name__, cls)
    start = keras.layers.InputLayer
    patches.set(start, "__init__", _input_init(start.__init__))
    patches.set(keras.Model, "__call__", _call(keras.Model.__call__))


def _input_init(own: Any) -> Any:
    @wraps(own)
    def __init__(self: Any, *args: Any, **kwargs: Any) -> None:  # noqa: N807
        if kwargs.pop("ragged", None):
            raise NotImplementedError(
                "Input(ragged=True) cannot be had on JAX, which computes with rows of one length. "
                "Leave it out, give the model x.to_tensor(), and mask with "
                "Embedding(mask_zero=True) or Masking."
            )
        spoken = kwargs.get("dtype")
        spoken = str(getattr(spoken, "name", spoken))  # TensorFlow's own types have names
        if spoken == "string":
            kwargs["dtype"] = "int32"  # numbers stand for text
        own(self, *args, **kwargs)
        self.output._bital_text = spoken == "string"

    __init__.__signature__ = signature(own)  # type: ignore[attr-defined]
    return __init__


def _call(own: Any) -> Any:
    @wraps(own)
    def __call__(self: Any, *args: Any, **kwargs: Any) -> Any:  # noqa: N807
        if args and takes_text(self):
            args = (in_numbers(args[0]), *args[1:])
        return own(self, *args, **kwargs)

    return __call__


def takes_text(model: Any) -> bool:
    """Whether a model has a layer that looks up tokens."""
    return any(
        isinstance(layer, Index | Hashing | HashedCrossing) for layer in model._flatten_layers()
    )


def in_numbers(x: Any) -> Any:
    """Return inputs, text among them as the numbers that stand for it; rows as they come."""
    if is_text(x):
        return numbers(x)
    if isinstance(x, dict):
        return {name: in_numbers(one) for name, one in x.items()}
    if type(x) in (list, tuple):
        return type(x)(in_numbers(one) for one in x)
    if type(x).__module__ == "bital.compat.facade.dataset":
        return x.replaced(_row)
    if isinstance(x, Iterator):
        return (_row(row) for row in x)
    return x


def _row(row: Any) -> Any:
    """Return (inputs, targets, ...), or inputs alone."""
    return (in_numbers(row[0]), *row[1:]) if isinstance(row, tuple) else in_numbers(row)
