"""Arrays come out as Keras's adapter hands them to a model."""

from typing import Any

import jax
import jax.numpy as jnp
import keras
import numpy as np
import pytest
import scipy.sparse
from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter

from bital.engine.arrays import (
    are_arrays,
    count_rows,
    first_rows,
    normalised,
    room_for,
    to_device,
)

ROWS = 6
GRID = np.arange(24.0).reshape(ROWS, 4)
LABELS = np.arange(ROWS) % 3

GIVEN: dict[str, dict[str, Any]] = {
    "x": {"x": GRID},
    "float64": {"x": GRID, "y": LABELS.astype(np.float64)},
    "float16": {"x": GRID.astype(np.float16), "y": LABELS.astype(np.int32)},
    "bytes": {"x": GRID.astype(np.uint8), "y": LABELS.astype(bool)},
    "jax": {"x": jnp.asarray(GRID, jnp.bfloat16), "y": jnp.asarray(LABELS)},
    "list": {"x": [GRID, GRID[:, 0]], "y": [LABELS.astype(np.int32)]},
    "dict": {"x": {"b": GRID, "a": GRID[:, :1]}, "y": {"one": GRID, "two": GRID}},
    "sample_weight": {"x": GRID, "y": GRID, "sample_weight": GRID[:, 0]},
    "class_weight": {"x": GRID, "y": LABELS.astype(np.int32), "class_weight": {0: 2, 1: 1, 2: 5}},
    "class_weight_one_hot": {"x": GRID, "y": np.eye(3)[LABELS], "class_weight": {0: 2, 2: 5}},
    "one_weight_for_all_outputs": {"x": GRID, "y": [GRID, GRID], "sample_weight": GRID[:, 0]},
}


@pytest.mark.parametrize("case", GIVEN)
def test_normalised(case: str) -> None:
    given = GIVEN[case]
    adapter = ArrayDataAdapter(
        given["x"],
        given.get("y"),
        given.get("sample_weight"),
        batch_size=ROWS,
        class_weight=given.get("class_weight"),
    )
    expected = next(iter(adapter.get_jax_iterator()))
    ours = normalised(**given)
    keras.tree.assert_same_structure(ours, expected)
    for mine, theirs in zip(jax.tree.leaves(ours), jax.tree.leaves(expected), strict=True):
        assert mine.dtype == theirs.dtype
        np.testing.assert_array_equal(np.asarray(mine), np.asarray(theirs))
    assert count_rows(ours) == ROWS


def test_long_integers_are_narrowed_without_a_warning() -> None:
    _, y = normalised(GRID, LABELS.astype(np.int64))
    assert y.dtype == np.int32
    assert to_device(y).dtype == np.int32


def test_what_only_keras_takes_is_none() -> None:
    assert normalised(scipy.sparse.csr_matrix(GRID), LABELS.astype(np.int32)) is None


@pytest.mark.parametrize(
    ("structures", "expected"),
    [
        ((GRID, LABELS), True),
        ((GRID, None), True),
        (({"a": GRID},), True),
        ((jnp.asarray(GRID),), True),
        ((None, None), False),
        ((iter([GRID]), None), False),
        (([1.0, 2.0], [0, 1]), False),
        ((GRID, "labels"), False),
    ],
)
def test_are_arrays(structures: Any, expected: bool) -> None:
    assert are_arrays(*structures) is expected


def test_first_rows_of_every_leaf() -> None:
    part = first_rows(normalised({"a": GRID}, LABELS.astype(np.int32)), 2)
    assert {leaf.shape[0] for leaf in jax.tree.leaves(part)} == {2}


@pytest.mark.parametrize("dtype", ["float32", "uint8", "bool", "complex64"])
def test_what_is_gathered_is_read_where_it_lies(dtype: str) -> None:
    gathered = room_for((3, 5, 7), dtype)
    assert (gathered.shape, gathered.dtype) == ((3, 5, 7), dtype)
    gathered[...] = 1
    assert to_device(gathered).unsafe_buffer_pointer() == gathered.ctypes.data


@pytest.mark.parametrize("dtype", [object, "U3"])
def test_what_no_device_takes_can_be_gathered(dtype: type | str) -> None:
    gathered = room_for((2,), dtype)
    gathered[:] = ["abc", "d"]
    assert gathered.tolist() == ["abc", "d"]
