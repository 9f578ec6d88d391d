from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.preprocessing import StandardScaler

from bital.data import Dataset, load, scaled, split
from bital.errors import InvalidInput

from .made import regression

values = st.integers(-1000, 1000).map(lambda v: np.float32(v / 8))
tables = arrays(np.float32, st.tuples(st.integers(2, 12), st.integers(1, 4)), elements=values)


def table(x: np.ndarray, **changes: object) -> Dataset:
    return replace(regression(len(x)), x=x, **changes)


@given(tables, st.data())
def test_standard_equals_scikit_learn_fitted_on_the_rows(x: np.ndarray, data: st.DataObject):
    rows = np.array(data.draw(st.sets(st.integers(0, len(x) - 1), min_size=1).map(sorted)))
    wide = x.astype(np.float64)
    expected = StandardScaler().fit(wide[rows]).transform(wide)
    got = scaled(table(x), rows)
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, expected, rtol=1e-5, atol=1e-5)


@given(tables, st.floats(0.5, 1000))
def test_rows_held_out_do_not_leak_in(x: np.ndarray, shift: float):
    rows = np.arange(len(x) - 1)
    moved = x.copy()
    moved[-1] += np.float32(shift)
    np.testing.assert_array_equal(scaled(table(x), rows)[:-1], scaled(table(moved), rows)[:-1])


@given(st.floats(-1e6, 1e6, width=32), st.integers(2, 300))
def test_a_constant_column_is_zero(value: float, count: int):
    x = np.full((count, 1), value, dtype=np.float32)
    assert (scaled(table(x), np.arange(count)) == 0).all()


def test_unit_divides_by_the_peak_whatever_the_rows():
    x = np.array([0, 51, 255], dtype=np.uint8).reshape(3, 1, 1, 1)
    dataset = table(x, scaling="unit", peak=255.0)
    for rows in (np.arange(3), np.array([0]), np.array([], dtype=np.int32)):
        got = scaled(dataset, rows)
        assert got.shape == x.shape
        assert got.dtype == np.float32
        np.testing.assert_allclose(got.ravel(), [0, 0.2, 1], rtol=1e-6)


@pytest.mark.parametrize("rows", [[], [0, 3], [-1]])
def test_standard_refuses_rows_it_cannot_learn_from(rows: list[int]):
    with pytest.raises(InvalidInput, match="at least one row numbered 0 to 2"):
        scaled(regression(3), np.array(rows, dtype=np.int32))


def test_training_columns_of_real_data_have_mean_zero_and_deviation_one():
    dataset = load("breast_cancer")
    train = split(dataset, seed=0).train
    got = scaled(dataset, train)[train]
    np.testing.assert_allclose(got.mean(axis=0), 0, atol=1e-5)
    np.testing.assert_allclose(got.std(axis=0), 1, atol=1e-5)
