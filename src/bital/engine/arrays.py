"""Arrays as Keras's own adapter would hand them to the model, all rows at once."""

import math
from collections.abc import Hashable
from typing import Any

import jax
import keras
import numpy as np
from keras.src.trainers.data_adapters.array_data_adapter import (
    ArrayDataAdapter,
    can_convert_arrays,
)

_ALIGNMENT = 64
_NARROWED = {"int64": np.int32, "uint64": np.uint32, "float64": np.float32}


def are_arrays(*structures: Any) -> bool:
    """Whether every leaf is something Keras slices by row: an array, a data frame, a tensor."""
    leaves = [leaf for leaf in keras.tree.flatten(structures) if leaf is not None]
    return bool(leaves) and can_convert_arrays(structures)


def normalised(x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None) -> Any:
    """Return what `as_keras_reads` returns, its 64-bit integers made 32-bit ones."""
    return narrowed(as_keras_reads(x, y, sample_weight, class_weight))


def as_keras_reads(
    x: Any, y: Any = None, sample_weight: Any = None, class_weight: Any = None
) -> Any:
    """Return (x, y, sample_weight) packed as Keras packs a batch, every row in it.

    Keras's adapter is asked once for one batch of all rows, so that pandas, float64, class weights
    and the rest come out exactly as `fit` would have them. Arrays that Keras reads where they lie
    lie where they lay, so that a later change of them is seen; 64-bit integers are still there.

    Returns:
        A pytree of NumPy or JAX arrays with rows first; or None where a leaf is sparse, ragged or
        not numeric, which Keras's own iterator feeds batch by batch.
    """
    adapter = ArrayDataAdapter(
        x, y, sample_weight, batch_size=None, steps=1, shuffle=False, class_weight=class_weight
    )
    batch = next(iter(adapter.get_jax_iterator()))
    return batch if all(map(_dense, keras.tree.flatten(batch))) else None


def narrowed(batch: Any) -> Any:
    """Return a batch with its 64-bit numbers made 32-bit ones, which JAX would do and warn of."""
    return jax.tree.map(_narrow, batch)


def native(structure: Any) -> Any:
    """Return arrays in this machine's order of bytes; all else as it is."""

    def converted(leaf: Any) -> Any:
        if not isinstance(leaf, np.ndarray) or leaf.dtype.isnative:
            return leaf
        return leaf.astype(leaf.dtype.newbyteorder("="))

    return keras.tree.map_structure(converted, structure)


def to_device(arrays: Any) -> Any:
    """Return the arrays on the default device."""
    return jax.device_put(arrays)


def room_for(shape: tuple[int, ...], dtype: Any) -> np.ndarray:
    """Return an array not filled in, which JAX on a CPU reads where it lies.

    It copies arrays that do not begin at a multiple of 64 bytes.
    """
    size = math.prod(shape)
    space = np.empty(size + _ALIGNMENT, dtype)
    start = -space.ctypes.data % _ALIGNMENT // space.itemsize
    return space[start : start + size].reshape(shape)


def layout(arrays: Any) -> Hashable:
    """Return structure, shapes and dtypes: what a compiled program is made for."""
    leaves, tree = jax.tree.flatten(arrays)
    # As text: a sparse array's part of the structure cannot be hashed.
    return str(tree), tuple((leaf.shape, leaf.dtype) for leaf in leaves)


def places(arrays: Any) -> Hashable:
    """Return where arrays have been put on purpose: a compiled program takes them nowhere else."""
    if jax.device_count() == 1:
        return ()
    leaves = jax.tree.leaves(arrays)
    return tuple(a.sharding if getattr(a, "committed", False) else None for a in leaves)


def count_rows(arrays: Any) -> int:
    """Return the number of rows of normalised arrays."""
    return int(jax.tree.leaves(arrays)[0].shape[0])


def first_rows(arrays: Any, count: int | None) -> Any:
    """Return the first rows, to build a model with; all of them with None."""
    return jax.tree.map(lambda a: a[:count], arrays)


def _dense(leaf: Any) -> bool:
    if leaf is None:
        return True
    return isinstance(leaf, (np.ndarray, jax.Array)) and leaf.dtype.kind in "biufV"


def _narrow(leaf: Any) -> Any:
    narrow = _NARROWED.get(str(leaf.dtype))
    if narrow is np.float32 and jax.config.read("jax_enable_x64"):
        return leaf  # whoever let JAX compute in float64 set Keras to it
    return leaf.astype(narrow) if narrow else leaf
