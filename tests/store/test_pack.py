"""Nests of arrays come back to the bit, and the same nest is the same bytes."""

import io
from typing import Any

import ml_dtypes
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from bital.errors import InvalidInput
from bital.store.pack import pack, unpack

from .test_canonical import LEAF, TEXT

DTYPES = (
    hnp.integer_dtypes()
    | hnp.floating_dtypes(sizes=(16, 32, 64))
    | hnp.unsigned_integer_dtypes()
    | hnp.complex_number_dtypes(sizes=(64, 128))
    | hnp.boolean_dtypes()
    | hnp.unicode_string_dtypes(max_len=3)
)
ARRAYS = hnp.arrays(DTYPES, hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4))
NESTS = st.recursive(
    ARRAYS | LEAF,
    lambda n: st.lists(n, max_size=3) | st.dictionaries(TEXT, n, max_size=3),
    max_leaves=6,
)


def same(a: Any, b: Any) -> bool:
    if isinstance(a, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list):
        return len(a) == len(b) and all(map(same, a, b))
    if isinstance(a, np.ndarray):
        bits = a.tobytes() == b.tobytes() if a.flags.c_contiguous else bool((a == b).all())
        return a.dtype == b.dtype and a.shape == b.shape and bits
    return repr(a) == repr(b)


@settings(max_examples=60, deadline=None)
@given(NESTS)
def test_what_is_packed_comes_back_the_same(value: Any) -> None:
    data = pack(value)
    assert same(value, unpack(data))
    assert pack(value) == data


@pytest.mark.parametrize("dtype", [ml_dtypes.bfloat16, ml_dtypes.float8_e4m3fn])
def test_types_that_only_jax_has(dtype: Any) -> None:
    array = np.arange(-3, 3).astype(dtype).reshape(2, 3)
    back = unpack(pack({"k": array}))["k"]
    assert back.dtype == array.dtype
    assert back.tobytes() == array.tobytes()


def test_keras_and_jax_arrays_are_taken() -> None:
    import jax.numpy as jnp

    back = unpack(pack({"x": jnp.ones((2, 2), jnp.bfloat16)}))["x"]
    assert back.dtype == jnp.bfloat16
    assert back.shape == (2, 2)


def test_numpy_reads_it_too() -> None:
    value = {"가중치": [np.ones(3), np.zeros((2, 2), np.int8)], "epochs": 3}
    with np.load(io.BytesIO(pack(value))) as file:
        np.testing.assert_array_equal(file["가중치/0"], np.ones(3))
        assert file["가중치/1"].dtype == np.int8


def test_paths_that_look_alike_are_kept_apart() -> None:
    value = {"a/b": np.zeros(1), "a": {"b": np.ones(1)}, "": np.ones(2), "x\0": np.ones(3)}
    assert same(value, unpack(pack(value)))
    value = {"x.npy": np.zeros(1), "x": np.ones(1), "nest.json": np.ones(2), "../up": np.ones(4)}
    assert same(value, unpack(pack(value)))


def test_strides_do_not_matter() -> None:
    array = np.arange(12.0).reshape(3, 4)
    assert same({"x": array[:, ::2]}, unpack(pack({"x": array[:, ::2]})))
    assert same({"x": array.T}, unpack(pack({"x": array.T})))


@pytest.mark.parametrize(
    ("value", "told"),
    [
        (np.array([object()]), "Python objects"),
        ({"a": {1, 2}}, "is a set"),
        ({"$array": 1}, "is taken"),
        ({3: np.ones(1)}, "keys must be text"),
    ],
)
def test_what_cannot_be_packed_is_told(value: Any, told: str) -> None:
    with pytest.raises(InvalidInput, match=told):
        pack(value)


def test_other_bytes_are_told() -> None:
    good = pack({"a": np.arange(9)})
    for bad in (b"", b"PK", good[: len(good) // 2], good.replace(b"nest", b"rest")):
        with pytest.raises(InvalidInput, match="must be what bital packed"):
            unpack(bad)
