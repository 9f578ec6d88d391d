"""TensorFlow's types: of numbers, tensors, shapes and variables."""

from typing import Any

import jax
import keras
import numpy as np
from keras import KerasTensor, ops

from bital.compat.notes import note
from bital.compat.tensors import Shape
from bital.compat.text.words import is_text, text


class DType(str):
    """The name of a number type, with TensorFlow's attributes."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """The name."""
        return str(self)

    @property
    def as_numpy_dtype(self) -> Any:
        """NumPy's type."""
        return np.dtype(str(self)).type

    @property
    def is_floating(self) -> bool:
        """Whether it has fractions."""
        return "float" in self

    @property
    def is_integer(self) -> bool:
        """Whether it is whole."""
        return "int" in self

    @property
    def base_dtype(self) -> "DType":
        """Itself."""
        return self

    @property
    def max(self) -> Any:
        """The largest number."""
        kind = np.dtype(str(self))
        return np.finfo(kind).max if kind.kind == "f" else np.iinfo(kind).max

    @property
    def min(self) -> Any:
        """The smallest number."""
        kind = np.dtype(str(self))
        return np.finfo(kind).min if kind.kind == "f" else np.iinfo(kind).min


DTYPES = {
    name: DType(name)
    for name in (
        "float16", "bfloat16", "float32", "float64", "int8", "int16", "int32", "int64", "uint8",
        "uint16", "uint32", "uint64", "bool", "string", "complex64",
    )
}  # fmt: skip


class _TensorType(type):
    def __instancecheck__(cls, instance: Any) -> bool:
        return isinstance(instance, jax.Array | KerasTensor)


class Tensor(metaclass=_TensorType):
    """What `isinstance` knows tensors by: arrays and symbolic tensors."""


class TensorShape(Shape):
    """A shape, from a list or tuple."""

    def __new__(cls, dims: Any = ()) -> "TensorShape":
        """Return the shape of sizes."""
        return super().__new__(cls, tuple(dims))

    def concatenate(self, other: Any) -> "TensorShape":
        """Return both, one after the other."""
        return TensorShape((*self, *other))


class SparseTensor:
    """Entries by their places, of a tensor that is 0 elsewhere.

    Args:
        indices: places (entries, axes).
        values: entries.
        dense_shape: of the tensor.
    """

    def __init__(self, indices: Any, values: Any, dense_shape: Any) -> None:
        self.indices, self.values = constant(indices), constant(values)
        self.dense_shape = TensorShape(int(n) for n in dense_shape)

    @property
    def shape(self) -> TensorShape:
        """Of the tensor."""
        return self.dense_shape


def to_dense(sp_input: Any, default_value: Any = None, **_: Any) -> Any:
    """Return the whole tensor (`tf.sparse.to_dense`)."""
    whole = ops.full(tuple(sp_input.dense_shape), default_value or 0, dtype=sp_input.values.dtype)
    return ops.scatter_update(whole, sp_input.indices, sp_input.values)


def from_dense(tensor: Any, name: Any = None) -> SparseTensor:
    """Return a tensor's entries that are not 0 (`tf.sparse.from_dense`)."""
    array: Any = np.asarray(tensor)
    places = np.argwhere(array)
    return SparseTensor(places, array[tuple(places.T)], array.shape)


class TensorSpec:
    """A shape and a type."""

    def __init__(self, shape: Any = None, dtype: Any = "float32", name: Any = None) -> None:
        self.shape = TensorShape(shape or ())
        self.dtype, self.name = dtype, name

    def __repr__(self) -> str:
        return f"TensorSpec(shape={tuple(self.shape)}, dtype={self.dtype}, name={self.name})"


class Variable(keras.Variable):
    """A tensor that may be assigned.

    Args:
        initial_value: a number, an array, or a function that returns one.
        trainable: whether tapes count it as a source without being told.
        dtype: of its numbers.
    """

    def __init__(
        self, initial_value: Any = None, trainable: Any = None, validate_shape: bool = True,
        caching_device: Any = None, name: Any = None, variable_def: Any = None, dtype: Any = None,
        import_scope: Any = None, constraint: Any = None, shape: Any = None, **more: Any,
    ) -> None:  # fmt: skip
        value = initial_value() if callable(initial_value) else initial_value
        made = constant(value, dtype)
        super().__init__(
            made,
            dtype=keras.backend.standardize_dtype(made.dtype),
            trainable=trainable is not False,
            name=name.replace("/", "_").split(":")[0] if name else None,
        )
        if constraint is not None:
            self.constraint = constraint

    @property
    def initializer(self) -> None:
        """What a session ran; a variable has its value already."""

    def __getitem__(self, key: Any) -> Any:
        found = self.value[key]
        _picked[:] = [found, self, key]
        return found

    def scatter_nd_update(self, indices: Any, updates: Any, name: Any = None) -> Any:
        """Replace entries by a number for each of the first axes."""
        self.assign(ops.scatter_update(self.value, constant(indices), constant(updates)))
        return self

    def sparse_read(self, indices: Any, name: Any = None) -> Any:
        """Return rows."""
        return ops.take(self.value, constant(indices), axis=0)


_picked: list[Any] = []


def assign_part(array: Any, value: Any) -> Any:
    """Replace the part of a variable that an array was just picked from: `v[0, 1].assign(42)`."""
    if not _picked or _picked[0] is not array:
        raise AttributeError(
            "A tensor has no assign; only a variable, or a part of one that was just picked, has. "
            "Make it a tf.Variable."
        )
    _, variable, key = _picked
    variable.assign(variable.value.at[key].set(constant(value)))
    return variable


def constant(value: Any, dtype: Any = None, shape: Any = None, name: Any = None) -> Any:
    """Return a tensor: of Python's numbers float32 or int32, of an array its own type."""
    if isinstance(value, list | tuple) and any(
        isinstance(one, jax.Array | KerasTensor | keras.Variable)
        for one in keras.tree.flatten(value)
    ):
        value = ops.stack([constant(one) for one in value])
    if not isinstance(value, jax.Array | KerasTensor | keras.Variable):
        array = np.asarray(value)
        if array.dtype.kind in "USO":
            return text(array) if is_text(array) else array
        if dtype is None and not hasattr(value, "dtype") and array.dtype.kind == "f":
            array = array.astype(np.float32)
        elif dtype is None and array.dtype == np.int64 and not hasattr(value, "dtype"):
            array = array.astype(np.int32)
        value = array
    made = ops.convert_to_tensor(value, dtype=_kind(dtype))
    if shape is not None:
        made = ops.broadcast_to(made, tuple(shape)) if made.ndim == 0 else ops.reshape(made, shape)
    return made


def _kind(dtype: Any) -> Any:
    if dtype is None:
        return None
    if str(dtype) == "float64" and not jax.config.read("jax_enable_x64"):
        note("float64", "float32, which is what Keras on JAX computes in")
    return keras.backend.standardize_dtype(str(dtype) if isinstance(dtype, str) else dtype)
