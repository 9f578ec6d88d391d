"""Arithmetic, reductions and comparisons."""

from functools import wraps
from typing import Any

import keras
from keras import ops
from keras.src.layers.merging.dot import batch_dot as _batch_dot

from bital.compat.symbolic.graph import is_symbolic

__all__ = [
    "abs_", "all_", "any_", "argmax", "argmin", "batch_dot", "cast", "clip", "cos", "cumprod",
    "cumsum", "dot", "equal", "exp", "greater", "greater_equal", "l2_normalize", "less",
    "less_equal", "log", "logsumexp", "max_", "maximum", "mean", "min_", "minimum", "not_equal",
    "pow_", "prod", "round_", "sign", "sin", "sqrt", "square", "std", "stop_gradient", "sum_",
    "tan", "var",
]  # fmt: skip


def _axes(axis: Any) -> Any:
    return tuple(axis) if isinstance(axis, list) else axis


def _number(x: Any) -> Any:
    x = _one(x)
    kind = getattr(x, "dtype", None)
    if kind is not None and keras.backend.standardize_dtype(kind) == "bool":
        return ops.cast(x, keras.config.floatx())
    return x


def sum_(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the sum over axes."""
    return ops.sum(_number(x), axis=_axes(axis), keepdims=keepdims)


def mean(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the mean over axes; of truth values, how many are true."""
    return ops.mean(_number(x), axis=_axes(axis), keepdims=keepdims)


def prod(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the product over axes."""
    return ops.prod(_one(x), axis=_axes(axis), keepdims=keepdims)


def max_(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the largest over axes."""
    return ops.max(_one(x), axis=_axes(axis), keepdims=keepdims)


def min_(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the smallest over axes."""
    return ops.min(_one(x), axis=_axes(axis), keepdims=keepdims)


def std(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the standard deviation over axes."""
    return ops.std(_number(x), axis=_axes(axis), keepdims=keepdims)


def var(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the variance over axes."""
    return ops.var(_number(x), axis=_axes(axis), keepdims=keepdims)


def any_(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether any is true."""
    return ops.any(ops.cast(x, "bool"), axis=_axes(axis), keepdims=keepdims)


def all_(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Whether all are true."""
    return ops.all(ops.cast(x, "bool"), axis=_axes(axis), keepdims=keepdims)


def logsumexp(x: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return log(sum(exp(x)))."""
    return ops.logsumexp(x, axis=_axes(axis), keepdims=keepdims)


def argmax(x: Any, axis: int = -1) -> Any:
    """Return where the largest is."""
    return ops.argmax(x, axis=axis)


def argmin(x: Any, axis: int = -1) -> Any:
    """Return where the smallest is."""
    return ops.argmin(x, axis=axis)


def cumsum(x: Any, axis: int = 0) -> Any:
    """Return running sums."""
    return ops.cumsum(x, axis=axis)


def cumprod(x: Any, axis: int = 0) -> Any:
    """Return running products."""
    return ops.cumprod(x, axis=axis)


def dot(x: Any, y: Any) -> Any:
    """Multiply as NumPy's `dot`: the last axis of `x` by the last but one of `y`."""
    return ops.dot(x, y)


def batch_dot(x: Any, y: Any, axes: Any = None) -> Any:
    """Multiply row by row."""
    return _batch_dot(x, y, axes)


def cast(x: Any, dtype: Any) -> Any:
    """Return another type."""
    return ops.cast(_one(x), dtype)


def _one(x: Any) -> Any:
    """Return as one tensor a list with symbolic tensors, as `K.shape` and `K.gradients` give it."""
    if isinstance(x, tuple | list) and any(is_symbolic(n) for n in x):
        return ops.stack([ops.convert_to_tensor(n) if isinstance(n, int) else n for n in x])
    return x


def clip(x: Any, min_value: Any = None, max_value: Any = None) -> Any:
    """Return values within bounds."""
    low = float("-inf") if min_value is None else min_value
    high = float("inf") if max_value is None else max_value
    if isinstance(low, int | float) and isinstance(high, int | float) and high < low:
        high = low
    return ops.clip(x, low, high)


def l2_normalize(x: Any, axis: Any = None) -> Any:
    """Divide by the length over axes."""
    squares = ops.sum(ops.square(x), axis=_axes(axis), keepdims=True)
    return ops.multiply(x, ops.rsqrt(ops.maximum(squares, 1e-12)))


def pow_(x: Any, a: Any) -> Any:
    """Return powers."""
    return ops.power(x, a)


def round_(x: Any) -> Any:
    """Round half to even."""
    return ops.round(x)


def sqrt(x: Any) -> Any:
    """Return the root; of what is below 0, 0."""
    return ops.sqrt(ops.maximum(_one(x), 0.0))


def stop_gradient(variables: Any) -> Any:
    """Return the same, through which no gradient flows."""
    if isinstance(variables, list | tuple):
        return [ops.stop_gradient(one) for one in variables]
    return ops.stop_gradient(variables)


def _entrywise(own: Any) -> Any:
    @wraps(own)
    def function(x: Any) -> Any:
        return own(_one(x))

    return function


abs_, sign, square = _entrywise(ops.abs), _entrywise(ops.sign), _entrywise(ops.square)
exp, log = _entrywise(ops.exp), _entrywise(ops.log)
cos, sin, tan = _entrywise(ops.cos), _entrywise(ops.sin), _entrywise(ops.tan)
maximum, minimum = ops.maximum, ops.minimum
equal, not_equal = ops.equal, ops.not_equal
greater, greater_equal, less, less_equal = (
    ops.greater,
    ops.greater_equal,
    ops.less,
    ops.less_equal,
)
