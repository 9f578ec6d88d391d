"""Shapes, and tensors made from nothing or from parts."""

from typing import Any

import keras
from keras import ops

from bital.compat.backend.state import variable
from bital.compat.symbolic.graph import is_symbolic

__all__ = [
    "arange",
    "asymmetric_spatial_2d_padding",
    "batch_flatten",
    "concatenate",
    "expand_dims",
    "eye",
    "flatten",
    "gather",
    "identity",
    "one_hot",
    "ones",
    "ones_like",
    "permute_dimensions",
    "repeat",
    "repeat_elements",
    "reshape",
    "resize_images",
    "resize_volumes",
    "reverse",
    "shape",
    "slice_",
    "spatial_2d_padding",
    "spatial_3d_padding",
    "squeeze",
    "stack",
    "temporal_padding",
    "tile",
    "transpose",
    "zeros",
    "zeros_like",
]  # fmt: skip


def shape(x: Any) -> Any:
    """Return the sizes: numbers, and symbolic tensors for those that a run decides."""
    return tuple(Size(at)(x) if n is None else n for at, n in enumerate(ops.shape(x)))


class Size(keras.Operation):
    """The size of one axis, when it is known.

    Args:
        axis: which.
    """

    def __init__(self, axis: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.axis = axis

    def call(self, x: Any) -> Any:
        """Return a number, as a tensor."""
        return ops.convert_to_tensor(ops.shape(x)[self.axis], dtype="int32")

    def compute_output_spec(self, x: Any) -> Any:
        """Return one number."""
        return keras.KerasTensor((), dtype="int32")


def reshape(x: Any, shape: Any) -> Any:
    """Return another shape."""
    sizes = tuple(-1 if n is None or is_symbolic(n) else n for n in shape)
    return ops.reshape(x, sizes)


def flatten(x: Any) -> Any:
    """Return one axis."""
    return ops.reshape(x, (-1,))


def batch_flatten(x: Any) -> Any:
    """Return (rows, the rest)."""
    rest = 1
    for size in x.shape[1:]:
        rest = -1 if size is None or rest == -1 else rest * size
    if rest == -1:
        return keras.layers.Flatten()(x)
    return ops.reshape(x, (-1, rest))


def expand_dims(x: Any, axis: int = -1, dim: Any = None) -> Any:
    """Add an axis of 1."""
    return ops.expand_dims(x, axis if dim is None else dim)


def squeeze(x: Any, axis: Any = None) -> Any:
    """Drop an axis of 1."""
    return ops.squeeze(x, axis=axis)


def concatenate(tensors: Any, axis: int = -1) -> Any:
    """Join along an axis."""
    return ops.concatenate(list(tensors), axis=axis)


def stack(x: Any, axis: int = 0) -> Any:
    """Join along a new axis."""
    return ops.stack(list(x), axis=axis)


def permute_dimensions(x: Any, pattern: Any) -> Any:
    """Return axes in another order."""
    return ops.transpose(x, tuple(pattern))


def transpose(x: Any) -> Any:
    """Return axes in reverse."""
    return ops.transpose(x)


def repeat(x: Any, n: int) -> Any:
    """Return (rows, n, columns) from (rows, columns)."""
    return ops.repeat(ops.expand_dims(x, 1), n, axis=1)


def repeat_elements(x: Any, rep: int, axis: int) -> Any:
    """Repeat each entry along an axis."""
    return ops.repeat(x, rep, axis=axis)


def tile(x: Any, n: Any) -> Any:
    """Repeat whole."""
    return ops.tile(x, n)


def reverse(x: Any, axes: Any) -> Any:
    """Turn around along axes."""
    return ops.flip(x, axis=axes if isinstance(axes, int) else tuple(axes))


def slice_(x: Any, start: Any, size: Any) -> Any:
    """Cut out; a size of -1 is the rest."""
    cut = tuple(
        slice(int(s), None if n == -1 else int(s) + int(n))
        for s, n in zip(start, size, strict=True)
    )
    return x[cut]


def gather(reference: Any, indices: Any) -> Any:
    """Return rows by number."""
    return ops.take(reference, ops.cast(indices, "int32"), axis=0)


def one_hot(indices: Any, num_classes: int, nb_classes: Any = None) -> Any:
    """Return rows of 0 with one 1."""
    return ops.one_hot(indices, num_classes if nb_classes is None else nb_classes)


def arange(start: Any, stop: Any = None, step: Any = 1, dtype: Any = "int32") -> Any:
    """Return evenly spaced numbers."""
    return ops.arange(start, stop, step, dtype=dtype)


def zeros(shape: Any, dtype: Any = None, name: Any = None) -> Any:
    """Return a variable of zeros."""
    return variable(ops.zeros(tuple(shape)), dtype=dtype, name=name)


def ones(shape: Any, dtype: Any = None, name: Any = None) -> Any:
    """Return a variable of ones."""
    return variable(ops.ones(tuple(shape)), dtype=dtype, name=name)


def eye(size: Any, dtype: Any = None, name: Any = None) -> Any:
    """Return a variable with ones on its diagonal."""
    sizes = (size, size) if isinstance(size, int) else tuple(size)
    return variable(ops.eye(*sizes), dtype=dtype, name=name)


def zeros_like(x: Any, dtype: Any = None, name: Any = None) -> Any:
    """Return zeros in a tensor's shape."""
    return ops.zeros_like(x, dtype=dtype)


def ones_like(x: Any, dtype: Any = None, name: Any = None) -> Any:
    """Return ones in a tensor's shape."""
    return ops.ones_like(x, dtype=dtype)


def identity(x: Any, name: Any = None) -> Any:
    """Return the same."""
    return x if is_symbolic(x) else ops.convert_to_tensor(x)


def temporal_padding(x: Any, padding: Any = (1, 1)) -> Any:
    """Put zeros around steps."""
    return ops.pad(x, ((0, 0), tuple(padding), (0, 0)))


def spatial_2d_padding(x: Any, padding: Any = ((1, 1), (1, 1)), data_format: Any = None) -> Any:
    """Put zeros around rows and columns."""
    return _padded(x, padding, data_format)


def spatial_3d_padding(
    x: Any, padding: Any = ((1, 1), (1, 1), (1, 1)), data_format: Any = None
) -> Any:
    """Put zeros around a volume."""
    return _padded(x, padding, data_format)


def asymmetric_spatial_2d_padding(
    x: Any, top_pad: int = 1, bottom_pad: int = 1, left_pad: int = 1, right_pad: int = 1,
    dim_ordering: Any = None,
) -> Any:  # fmt: skip
    """Put zeros around rows and columns (Keras 1)."""
    return _padded(x, ((top_pad, bottom_pad), (left_pad, right_pad)), dim_ordering)


def resize_images(
    x: Any, height_factor: int, width_factor: int, data_format: Any = None,
    interpolation: str = "nearest",
) -> Any:  # fmt: skip
    """Return larger images."""
    return keras.layers.UpSampling2D(
        (height_factor, width_factor), data_format=data_format, interpolation=interpolation
    )(x)


def resize_volumes(x: Any, depth: int, height: int, width: int, data_format: Any = None) -> Any:
    """Return larger volumes."""
    return keras.layers.UpSampling3D((depth, height, width), data_format=data_format)(x)


def _padded(x: Any, padding: Any, data_format: Any) -> Any:
    pairs = [(n, n) if isinstance(n, int) else tuple(n) for n in padding]
    layout = data_format or keras.config.image_data_format()
    first = layout in ("channels_first", "th")
    return ops.pad(x, ((0, 0), (0, 0), *pairs) if first else ((0, 0), *pairs, (0, 0)))
