"""`tf.math`, and what of it has a name in `tf` itself."""

from typing import Any

from keras import ops

from bital.compat.facade.absent import absent
from bital.compat.facade.types import constant

__getattr__ = absent("tf.math")

abs = ops.absolute
add, subtract, multiply, negative = ops.add, ops.subtract, ops.multiply, ops.negative
divide, truediv, floordiv, floormod, mod = (
    ops.divide,
    ops.true_divide,
    ops.floor_divide,
    ops.mod,
    ops.mod,
)
sqrt, rsqrt, square, exp, expm1, log, log1p = (
    ops.sqrt,
    ops.rsqrt,
    ops.square,
    ops.exp,
    ops.expm1,
    ops.log,
    ops.log1p,
)
sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, atan2 = (
    ops.sin, ops.cos, ops.tan, ops.arcsin, ops.arccos, ops.arctan, ops.sinh, ops.cosh, ops.tanh,
    ops.arctan2,
)  # fmt: skip
floor, ceil, sign, sigmoid, softplus, erf = (
    ops.floor, ops.ceil, ops.sign, ops.sigmoid, ops.softplus, ops.erf,
)  # fmt: skip
maximum, minimum = ops.maximum, ops.minimum
equal, not_equal = ops.equal, ops.not_equal
greater, greater_equal, less, less_equal = (
    ops.greater, ops.greater_equal, ops.less, ops.less_equal,
)  # fmt: skip
logical_and, logical_or, logical_not = ops.logical_and, ops.logical_or, ops.logical_not
is_nan, is_inf, is_finite = ops.isnan, ops.isinf, ops.isfinite
real, imag, angle = ops.real, ops.imag, ops.angle


def round(x: Any, name: Any = None) -> Any:
    """Round half to even."""
    return ops.round(x)


def pow(x: Any, y: Any, name: Any = None) -> Any:
    """Return powers."""
    return ops.power(x, y)


def cast(x: Any, dtype: Any, name: Any = None) -> Any:
    """Return another type."""
    return ops.cast(x, "bool" if dtype is bool else str(getattr(dtype, "__name__", dtype)))


def argmax(input: Any, axis: Any = 0, output_type: Any = None, **old: Any) -> Any:
    """Return where the largest is, along the first axis unless told otherwise."""
    found = ops.argmax(constant(input), axis=old.get("dimension", axis))
    return found if output_type is None else ops.cast(found, str(output_type))


def argmin(input: Any, axis: Any = 0, output_type: Any = None, **old: Any) -> Any:
    """Return where the smallest is, along the first axis unless told otherwise."""
    found = ops.argmin(constant(input), axis=old.get("dimension", axis))
    return found if output_type is None else ops.cast(found, str(output_type))


def top_k(input: Any, k: int = 1, sorted: bool = True, name: Any = None) -> Any:
    """Return the k largest along the last axis and where they are."""
    return ops.top_k(constant(input), k, sorted=sorted)


def in_top_k(targets: Any, predictions: Any, k: int, name: Any = None) -> Any:
    """Whether the class is among the k likeliest."""
    return ops.in_top_k(ops.cast(targets, "int32"), predictions, k)


def add_n(inputs: Any, name: Any = None) -> Any:
    """Return the sum of tensors."""
    total = inputs[0]
    for one in inputs[1:]:
        total = ops.add(total, one)
    return total


def accumulate_n(inputs: Any, **more: Any) -> Any:
    """Return the sum of tensors."""
    return add_n(inputs)


def multiply_no_nan(x: Any, y: Any, name: Any = None) -> Any:
    """Return the product, 0 where `y` is."""
    return ops.where(ops.equal(y, 0), ops.zeros_like(x), ops.multiply(x, y))


def divide_no_nan(x: Any, y: Any, name: Any = None) -> Any:
    """Return the quotient, 0 where `y` is."""
    safe = ops.where(ops.equal(y, 0), ops.ones_like(y), y)
    return ops.where(ops.equal(y, 0), ops.zeros_like(ops.divide(x, safe)), ops.divide(x, safe))


def squared_difference(x: Any, y: Any, name: Any = None) -> Any:
    """Return (x - y) squared."""
    return ops.square(ops.subtract(x, y))


def l2_normalize(x: Any, axis: Any = None, epsilon: float = 1e-12, name: Any = None) -> Any:
    """Divide by the length over axes."""
    squares = ops.sum(ops.square(x), axis=_axes(axis), keepdims=True)
    return ops.multiply(x, ops.rsqrt(ops.maximum(squares, epsilon)))


def reciprocal(x: Any, name: Any = None) -> Any:
    """Return 1 / x."""
    return ops.divide(1.0, x)


def cumsum(x: Any, axis: int = 0, exclusive: bool = False, reverse: bool = False, **_: Any) -> Any:
    """Return running sums."""
    given = ops.flip(x, axis) if reverse else x
    made = ops.cumsum(given, axis=axis)
    made = ops.subtract(made, given) if exclusive else made
    return ops.flip(made, axis) if reverse else made


def cumprod(x: Any, axis: int = 0, name: Any = None) -> Any:
    """Return running products."""
    return ops.cumprod(x, axis=axis)


def bincount(arr: Any, weights: Any = None, minlength: Any = 0, **_: Any) -> Any:
    """Count each whole number."""
    return ops.bincount(arr, weights=weights, minlength=minlength or 0)


def confusion_matrix(
    labels: Any, predictions: Any, num_classes: Any = None, weights: Any = None, dtype: Any = None,
    name: Any = None,
) -> Any:  # fmt: skip
    """Count (class, predicted class)."""
    labels, predictions = ops.cast(labels, "int32"), ops.cast(predictions, "int32")
    if num_classes is None:
        num_classes = int(max(ops.max(labels), ops.max(predictions))) + 1
    made = ops.segment_sum(
        ops.ones_like(labels) if weights is None else weights,
        labels * num_classes + predictions,
        num_segments=num_classes * num_classes,
    )
    return ops.cast(ops.reshape(made, (num_classes, num_classes)), str(dtype or "int32"))


def _reduction(function: Any, doc: str) -> Any:
    def reduce(
        input_tensor: Any, axis: Any = None, keepdims: Any = None, name: Any = None, **old: Any
    ) -> Any:
        axis = old.get("reduction_indices", axis)
        keep = bool(keepdims or old.get("keep_dims"))
        given = constant(input_tensor) if isinstance(input_tensor, list | tuple) else input_tensor
        return function(given, axis=_axes(axis), keepdims=keep)

    reduce.__doc__ = doc
    return reduce


def _axes(axis: Any) -> Any:
    if isinstance(axis, list | tuple):
        return tuple(int(n) for n in axis)
    return axis


reduce_sum = _reduction(ops.sum, "Return the sum over axes.")
reduce_prod = _reduction(ops.prod, "Return the product over axes.")
reduce_max = _reduction(ops.max, "Return the largest over axes.")
reduce_min = _reduction(ops.min, "Return the smallest over axes.")
reduce_std = _reduction(ops.std, "Return the standard deviation over axes.")
reduce_variance = _reduction(ops.var, "Return the variance over axes.")
reduce_any = _reduction(ops.any, "Whether any is true.")
reduce_all = _reduction(ops.all, "Whether all are true.")
reduce_logsumexp = _reduction(ops.logsumexp, "Return log(sum(exp(x))).")


def reduce_mean(
    input_tensor: Any, axis: Any = None, keepdims: Any = None, name: Any = None, **old: Any
) -> Any:
    """Return the mean over axes."""
    given = constant(input_tensor) if isinstance(input_tensor, list | tuple) else input_tensor
    axis = old.get("reduction_indices", axis)
    return ops.mean(given, axis=_axes(axis), keepdims=bool(keepdims or old.get("keep_dims")))


def reduce_euclidean_norm(input_tensor: Any, axis: Any = None, keepdims: bool = False) -> Any:
    """Return the length over axes."""
    return ops.sqrt(ops.sum(ops.square(input_tensor), axis=_axes(axis), keepdims=keepdims))


def segment_sum(data: Any, segment_ids: Any, name: Any = None) -> Any:
    """Return the sum of each segment."""
    return ops.segment_sum(data, segment_ids)


def count_nonzero(input: Any, axis: Any = None, **_: Any) -> Any:
    """Count what is not 0."""
    return ops.count_nonzero(input, axis=_axes(axis))
