"""Functions of `tf` that make, shape, join and pick."""

import builtins
from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
from jax._src import core
from keras import KerasTensor, ops

from bital.compat.facade.types import constant


def convert_to_tensor(value: Any, dtype: Any = None, name: Any = None, **_: Any) -> Any:
    """Return a tensor."""
    return constant(value, dtype)


def is_tensor(x: Any) -> bool:
    """Whether a value is a tensor or variable."""
    return isinstance(x, jax.Array | KerasTensor | keras.Variable)


def zeros(shape: Any, dtype: Any = "float32", name: Any = None) -> Any:
    """Return zeros."""
    return ops.zeros(_sizes(shape), dtype=str(dtype or "float32"))


def ones(shape: Any, dtype: Any = "float32", name: Any = None) -> Any:
    """Return ones."""
    return ops.ones(_sizes(shape), dtype=str(dtype or "float32"))


def fill(dims: Any, value: Any, name: Any = None) -> Any:
    """Return one value everywhere."""
    return ops.broadcast_to(constant(value), _sizes(dims))


def zeros_like(input: Any, dtype: Any = None, **_: Any) -> Any:
    """Return zeros in a tensor's shape."""
    return ops.zeros_like(constant(input), dtype=str(dtype) if dtype else None)


def ones_like(input: Any, dtype: Any = None, **_: Any) -> Any:
    """Return ones in a tensor's shape."""
    return ops.ones_like(constant(input), dtype=str(dtype) if dtype else None)


def eye(num_rows: int, num_columns: Any = None, batch_shape: Any = None, dtype: Any = "float32",
        name: Any = None) -> Any:  # fmt: skip
    """Return ones on the diagonal."""
    return ops.eye(num_rows, num_columns, dtype=str(dtype))


def range(start: Any, limit: Any = None, delta: Any = 1, dtype: Any = None, **_: Any) -> Any:
    """Return evenly spaced numbers."""
    if limit is None:
        start, limit = 0, start
    whole = all(_is_whole(n) for n in (start, limit, delta))
    kind = str(dtype or ("int32" if whole else "float32"))
    if whole and not core.trace_ctx.is_top_level():
        return np.arange(start, limit, delta, dtype=kind)  # a loop over it is known to a compiler
    return ops.arange(start, limit, delta, dtype=kind)


def _is_whole(number: Any) -> bool:
    kind = getattr(number, "dtype", None)
    return isinstance(number, int) if kind is None else np.issubdtype(kind, np.integer)


def linspace(start: Any, stop: Any, num: int, **_: Any) -> Any:
    """Return evenly spaced numbers, the last one included."""
    return ops.linspace(float(start), float(stop), int(num))


def shape(input: Any, out_type: Any = None, name: Any = None) -> Any:
    """Return the shape: numbers in a tuple where one is not known, else a tensor."""
    sizes = ops.shape(input)
    if isinstance(input, KerasTensor) or any(not isinstance(n, int) for n in sizes):
        return sizes
    return _Sizes(_Count(n) for n in sizes)


class _Count(int):
    """A number that is known, with a tensor's method."""

    def numpy(self) -> Any:
        """Return NumPy's number."""
        return np.int32(self)


class _Sizes(tuple[int, ...]):
    """A shape whose entries are numbers, with a tensor's methods."""

    def numpy(self) -> Any:
        """Return an array."""
        return np.asarray(self, dtype=np.int32)

    def __getitem__(self, key: Any) -> Any:
        found = tuple.__getitem__(self, key)
        return _Sizes(found) if isinstance(key, builtins.slice) else found


def size(input: Any, **_: Any) -> Any:
    """Return the number of entries."""
    found = ops.size(_given(input))
    return _Count(found) if isinstance(found, int) else found


def rank(input: Any, name: Any = None) -> Any:
    """Return the number of axes."""
    return _Count(len(input.shape))


def reshape(tensor: Any, shape: Any, name: Any = None) -> Any:
    """Return another shape."""
    return ops.reshape(_given(tensor), _sizes(shape))


def transpose(a: Any, perm: Any = None, **_: Any) -> Any:
    """Return axes in another order."""
    return ops.transpose(_given(a), None if perm is None else tuple(perm))


def expand_dims(input: Any, axis: Any = None, name: Any = None, **old: Any) -> Any:
    """Add an axis of 1."""
    return ops.expand_dims(_given(input), old.get("dim", axis))


def squeeze(input: Any, axis: Any = None, **old: Any) -> Any:
    """Drop axes of 1."""
    axis = old.get("squeeze_dims", axis)
    return ops.squeeze(_given(input), tuple(axis) if isinstance(axis, list) else axis)


def concat(values: Any, axis: int = 0, name: Any = None) -> Any:
    """Join along an axis."""
    return ops.concatenate([_given(v) for v in values], axis=axis)


def stack(values: Any, axis: int = 0, name: Any = None) -> Any:
    """Join along a new axis."""
    return ops.stack([_given(v) for v in values], axis=axis)


def unstack(value: Any, num: Any = None, axis: int = 0, name: Any = None) -> Any:
    """Return the entries along an axis."""
    return ops.unstack(value, num=num, axis=axis)


def split(value: Any, num_or_size_splits: Any, axis: int = 0, **_: Any) -> Any:
    """Cut along an axis, into so many parts or parts of these sizes."""
    if isinstance(num_or_size_splits, int):
        return ops.split(value, num_or_size_splits, axis=axis)
    ends = np.cumsum(np.asarray(num_or_size_splits))[:-1].tolist()
    return ops.split(value, ends, axis=axis)


def tile(input: Any, multiples: Any, name: Any = None) -> Any:
    """Repeat whole."""
    return ops.tile(_given(input), _sizes(multiples))


def repeat(input: Any, repeats: Any, axis: Any = None, name: Any = None) -> Any:
    """Repeat each entry."""
    return ops.repeat(_given(input), repeats, axis=axis)


def pad(tensor: Any, paddings: Any, mode: str = "CONSTANT", constant_values: Any = 0,
        name: Any = None) -> Any:  # fmt: skip
    """Put entries around."""
    widths = tuple((int(a), int(b)) for a, b in np.asarray(paddings))
    if mode.upper() == "CONSTANT":
        return ops.pad(tensor, widths, "constant", constant_values=constant_values)
    return ops.pad(tensor, widths, mode.lower())


def broadcast_to(input: Any, shape: Any, name: Any = None) -> Any:
    """Repeat along axes of 1."""
    return ops.broadcast_to(input, _sizes(shape))


def gather(params: Any, indices: Any, axis: int = 0, batch_dims: int = 0, **_: Any) -> Any:
    """Return entries by number."""
    indices = _given(indices)
    if batch_dims:
        return ops.vectorized_map(
            lambda pair: gather(pair[0], pair[1], axis=max(0, axis - 1), batch_dims=batch_dims - 1),
            (params, indices),
        )
    return ops.take(_given(params), indices, axis=axis)


def gather_nd(params: Any, indices: Any, **_: Any) -> Any:
    """Return entries by a number for each of the first axes."""
    indices = ops.convert_to_tensor(indices)
    return ops.convert_to_tensor(params)[tuple(jnp.moveaxis(indices, -1, 0))]


def scatter_nd(indices: Any, updates: Any, shape: Any, name: Any = None) -> Any:
    """Return zeros with entries added where told."""
    return ops.scatter(indices, updates, _sizes(shape))


def tensor_scatter_nd_update(tensor: Any, indices: Any, updates: Any, name: Any = None) -> Any:
    """Return the tensor with entries replaced."""
    return ops.scatter_update(tensor, indices, updates)


def slice(input_: Any, begin: Any, size: Any, name: Any = None) -> Any:
    """Cut out; a size of -1 is the rest."""
    cut = tuple(
        builtins.slice(int(b), None if n == -1 else int(b) + int(n))
        for b, n in zip(begin, size, strict=True)
    )
    return input_[cut]


def boolean_mask(tensor: Any, mask: Any, axis: int = 0, name: Any = None) -> Any:
    """Return the entries where the mask is true."""
    return jnp.compress(jnp.asarray(mask), ops.convert_to_tensor(tensor), axis=axis)


def where(condition: Any, x: Any = None, y: Any = None, name: Any = None) -> Any:
    """Return one or the other; alone, where it is true, as (places, axes)."""
    if x is None and y is None:
        return jnp.stack(jnp.nonzero(jnp.asarray(condition)), axis=-1)
    return ops.where(_given(condition), _given(x), _given(y))


def one_hot(indices: Any, depth: Any, on_value: Any = None, off_value: Any = None, axis: int = -1,
            dtype: Any = None, name: Any = None) -> Any:  # fmt: skip
    """Return 0s with one 1."""
    made = ops.one_hot(_given(indices), int(depth), axis=axis, dtype=str(dtype or "float32"))
    if on_value is None and off_value is None:
        return made
    low = 0.0 if off_value is None else off_value
    return made * ((1.0 if on_value is None else on_value) - low) + low


def clip_by_value(t: Any, clip_value_min: Any, clip_value_max: Any, name: Any = None) -> Any:
    """Return values within bounds."""
    return ops.clip(t, clip_value_min, clip_value_max)


def clip_by_norm(t: Any, clip_norm: Any, axes: Any = None, name: Any = None) -> Any:
    """Return the tensor no longer than told."""
    length = ops.sqrt(ops.sum(ops.square(t), axis=axes, keepdims=True))
    return t * ops.minimum(1.0, clip_norm / ops.maximum(length, 1e-12))


def global_norm(t_list: Any, name: Any = None) -> Any:
    """Return the length of all tensors together."""
    return ops.sqrt(sum(ops.sum(ops.square(t)) for t in t_list if t is not None))


def clip_by_global_norm(t_list: Any, clip_norm: Any, use_norm: Any = None, name: Any = None) -> Any:
    """Return (the tensors, together no longer than told; their length)."""
    length = global_norm(t_list) if use_norm is None else use_norm
    scale = clip_norm / ops.maximum(length, clip_norm)
    return [None if t is None else t * scale for t in t_list], length


def matmul(a: Any, b: Any, transpose_a: bool = False, transpose_b: bool = False, **_: Any) -> Any:
    """Multiply matrices."""
    a = ops.swapaxes(a, -1, -2) if transpose_a else a
    b = ops.swapaxes(b, -1, -2) if transpose_b else b
    return ops.matmul(_given(a), _given(b))


def tensordot(a: Any, b: Any, axes: Any, name: Any = None) -> Any:
    """Multiply and sum over axes."""
    return ops.tensordot(a, b, axes=axes)


def einsum(equation: str, *inputs: Any, **_: Any) -> Any:
    """Multiply and sum as written."""
    return ops.einsum(equation, *inputs)


def norm(tensor: Any, ord: Any = "euclidean", axis: Any = None, keepdims: bool = False,
         name: Any = None) -> Any:  # fmt: skip
    """Return the length."""
    if ord in ("euclidean", 2):
        axes = tuple(axis) if isinstance(axis, list) else axis
        return ops.sqrt(ops.sum(ops.square(tensor), axis=axes, keepdims=keepdims))
    return ops.norm(tensor, ord=ord, axis=axis, keepdims=keepdims)


def reverse(tensor: Any, axis: Any, name: Any = None) -> Any:
    """Turn around along axes."""
    return ops.flip(_given(tensor), axis=tuple(axis) if isinstance(axis, list) else axis)


def roll(input: Any, shift: Any, axis: Any, name: Any = None) -> Any:
    """Shift around along an axis."""
    return ops.roll(input, shift, axis=axis)


def sort(values: Any, axis: int = -1, direction: str = "ASCENDING", name: Any = None) -> Any:
    """Return entries in order."""
    made = ops.sort(values, axis=axis)
    return ops.flip(made, axis=axis) if direction == "DESCENDING" else made


def argsort(values: Any, axis: int = -1, direction: str = "ASCENDING", **_: Any) -> Any:
    """Return where the entries in order are."""
    return ops.argsort(ops.negative(values) if direction == "DESCENDING" else values, axis=axis)


def unique(x: Any, out_idx: Any = None, name: Any = None) -> Any:
    """Return the different values in the order they come, and which each entry is."""
    flat: Any = np.asarray(x)
    _, first, inverse = np.unique(flat, return_index=True, return_inverse=True)
    order: Any = np.argsort(first)
    place = np.empty_like(order)
    place[order] = np.arange(len(order))
    return constant(flat[np.sort(first)]), constant(place[inverse].astype(np.int32))


def identity(input: Any, name: Any = None) -> Any:
    """Return the same."""
    return _given(input)


def stop_gradient(input: Any, name: Any = None) -> Any:
    """Return the same, through which no gradient flows."""
    return ops.stop_gradient(input)


def meshgrid(*args: Any, indexing: str = "xy", **_: Any) -> Any:
    """Return grids of coordinates."""
    return ops.meshgrid(*args, indexing=indexing)


def searchsorted(sorted_sequence: Any, values: Any, side: str = "left", **_: Any) -> Any:
    """Return where values belong."""
    return ops.searchsorted(sorted_sequence, values, side=side)


def sequence_mask(lengths: Any, maxlen: Any = None, dtype: Any = "bool", name: Any = None) -> Any:
    """Return which steps are within each length."""
    lengths = ops.convert_to_tensor(lengths)
    longest = int(ops.max(lengths)) if maxlen is None else maxlen
    made = ops.arange(longest) < ops.expand_dims(lengths, -1)
    return ops.cast(made, str(dtype))


def _given(value: Any) -> Any:
    whole = isinstance(value, list | tuple | int | float | np.ndarray | keras.Variable)
    return constant(value) if whole else value


def _sizes(shape: Any) -> tuple[Any, ...]:
    if isinstance(shape, int | np.integer):
        return (int(shape),)
    # A size of JAX's own, which stands for any number of rows, stays what it is.
    return tuple(-1 if n is None else int(n) if hasattr(n, "dtype") else n for n in shape)
