"""`tf.strings`, on arrays of text."""

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import numpy as np

from bital.compat.facade.absent import absent
from bital.compat.facade.ragged import RaggedTensor, stack
from bital.compat.facade.types import constant
from bital.compat.text.words import Text, is_text, text

__getattr__ = absent("tf.strings")


def _each(function: Callable[[str], Any], input: Any) -> Any:
    if isinstance(input, RaggedTensor):
        return input.with_flat_values(_each(function, input.flat_values))
    array = text(input)
    made = np.array([function(str(one)) for one in np.asarray(array).ravel().tolist()])
    made = made.reshape(array.shape)
    return made.view(Text) if made.dtype.kind == "U" else constant(made)


def lower(input: Any, encoding: str = "", name: Any = None) -> Any:
    """Return small letters."""
    return _each(str.lower, input)


def upper(input: Any, encoding: str = "", name: Any = None) -> Any:
    """Return capital letters."""
    return _each(str.upper, input)


def strip(input: Any, name: Any = None) -> Any:
    """Return text without blanks around it."""
    return _each(str.strip, input)


def length(input: Any, unit: str = "BYTE", name: Any = None) -> Any:
    """Return the number of bytes, or of letters for "UTF8_CHAR"."""
    if unit == "UTF8_CHAR":
        return _each(len, input)
    return _each(lambda one: len(one.encode()), input)


def regex_replace(
    input: Any, pattern: str, rewrite: str, replace_global: bool = True, name: Any = None
) -> Any:
    """Return text with what fits a pattern replaced."""
    wanted, count = re.compile(str(pattern)), 0 if replace_global else 1
    return _each(lambda one: wanted.sub(str(rewrite), one, count=count), input)


def regex_full_match(input: Any, pattern: str, name: Any = None) -> Any:
    """Whether the whole text fits a pattern."""
    wanted = re.compile(str(pattern))
    return _each(lambda one: wanted.fullmatch(one) is not None, input)


def substr(input: Any, pos: int, len: int, unit: str = "BYTE", name: Any = None) -> Any:
    """Return a part of each text."""
    return _each(lambda one: one[int(pos) :][: int(len)], input)


def split(input: Any, sep: Any = None, maxsplit: int = -1, name: Any = None) -> Any:
    """Return parts: an array of those of one text, a ragged tensor of many."""
    array = text(input)
    parts = [np.array(str(one).split(sep, maxsplit), dtype=str).view(Text) for one in
             np.asarray(array).ravel().tolist()]  # fmt: skip
    return parts[0] if array.ndim == 0 else stack(parts)


def unicode_split(input: Any, input_encoding: str, **_: Any) -> Any:
    """Return letters: an array of those of one text, a ragged tensor of many."""
    array = text(input)
    parts = [np.array(list(str(one)), dtype=str).view(Text) for one in
             np.asarray(array).ravel().tolist()]  # fmt: skip
    return parts[0] if array.ndim == 0 else stack(parts)


bytes_split = unicode_split


def join(inputs: Any, separator: str = "", name: Any = None) -> Any:
    """Return texts joined, entry by entry."""
    arrays = np.broadcast_arrays(*[np.asarray(text(one)) for one in inputs])
    made = [str(separator).join(row) for row in zip(*(a.ravel() for a in arrays), strict=True)]
    return np.array(made).reshape(arrays[0].shape).view(Text)


def reduce_join(
    inputs: Any, axis: Any = None, keepdims: bool = False, separator: str = "", name: Any = None
) -> Any:
    """Return texts joined along an axis, or all of them."""
    if isinstance(inputs, RaggedTensor) and axis in (1, -1):
        return text([str(separator).join(np.asarray(row).tolist()) for row in inputs])
    array: Any = np.asarray(text(inputs))
    if axis is None:
        return text(str(separator).join(array.ravel().tolist()))
    made = np.apply_along_axis(lambda row: str(separator).join(row), axis, array.astype(object))
    made = np.asarray(made, dtype=str)
    return (np.expand_dims(made, axis) if keepdims else made).view(Text)


def to_number(input: Any, out_type: Any = "float32", name: Any = None) -> Any:
    """Return the numbers that texts spell."""
    kind = str(out_type)
    return constant(np.asarray(text(input)).astype(float).astype(kind))


def as_string(input: Any, precision: int = -1, name: Any = None, **_: Any) -> Any:
    """Return numbers as text."""
    array: Any = np.asarray(input)
    spoken = [
        f"{one:.{6 if precision < 0 else precision}f}" if array.dtype.kind == "f" else str(one)
        for one in array.ravel().tolist()
    ]
    return np.array(spoken, dtype=str).reshape(array.shape).view(Text)


def _axis(function: Any) -> Any:
    return lambda a, axis=None, **_: text(function(a, axis=axis))


ON_TEXT: dict[str, Callable[..., Any]] = {
    "expand_dims": _axis(np.expand_dims),
    "squeeze": _axis(np.squeeze),
    "reshape": lambda a, shape, **_: text(np.reshape(a, tuple(shape))),
    "identity": lambda a, **_: a,
    "gather": lambda a, indices, axis=0, **_: text(np.take(a, np.asarray(indices), axis=axis)),
    "concat": lambda values, axis=0, **_: text(np.concatenate([text(v) for v in values], axis)),
    "stack": lambda values, axis=0, **_: text(np.stack([text(v) for v in values], axis)),
    "tile": lambda a, multiples, **_: text(np.tile(a, tuple(multiples))),
    "equal": lambda a, b, **_: constant(np.asarray(text(a)) == np.asarray(text(b))),
    "not_equal": lambda a, b, **_: constant(np.asarray(text(a)) != np.asarray(text(b))),
    "convert_to_tensor": lambda a, *_, **__: text(a),
}
"""functions of `tf` that are NumPy's where they are given text"""


def of_text(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    """Return a function of `tf` that also takes text, where its name is in `ON_TEXT`."""
    if name not in ON_TEXT:
        return function

    @wraps(function)
    def call(first: Any, *args: Any, **kwargs: Any) -> Any:
        ours = isinstance(first, Text) or (type(first) is list and is_text(first))
        return (ON_TEXT[name] if ours else function)(first, *args, **kwargs)

    return call
