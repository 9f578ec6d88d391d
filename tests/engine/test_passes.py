"""How rows divide into batches, against Keras's array adapter."""

import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from keras.src.trainers.data_adapters.array_data_adapter import ArrayDataAdapter

from bital.engine.passes import Pass, default_batch_size, limited, steps_of, whole_pass

rows = st.integers(1, 300)
counts = st.integers(1, 70)


@given(rows=rows, batch=st.none() | counts, steps=st.none() | counts)
def test_batches_are_keras_s(rows: int, batch: int | None, steps: int | None) -> None:
    adapter = ArrayDataAdapter(np.zeros((rows, 1)), batch_size=batch, steps=steps)
    size = default_batch_size(batch, steps, rows)
    assert size == adapter.batch_size
    whole = whole_pass(rows, size)
    assert whole.batches == adapter.num_batches
    assert whole.rows == rows
    assert 0 <= whole.tail < whole.batch <= size


@given(rows=rows, batch=counts, steps=counts)
def test_limited_keeps_the_first_batches(rows: int, batch: int, steps: int) -> None:
    whole = whole_pass(rows, batch)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        part = limited(whole, steps)
    assert part.batches == min(steps, whole.batches)
    assert part.rows == min(steps * whole.batch, rows)
    assert part.batch == whole.batch


@pytest.mark.parametrize(
    ("rows", "batch", "expected"),
    [(10, 4, Pass(4, 2, 2)), (8, 4, Pass(4, 2, 0)), (3, 32, Pass(3, 1, 0)), (5, 1, Pass(1, 5, 0))],
)
def test_whole_pass(rows: int, batch: int, expected: Pass) -> None:
    assert whole_pass(rows, batch) == expected


def test_too_many_steps_warn() -> None:
    with pytest.warns(UserWarning, match=r"steps=4 .* all 3 are used"):
        assert limited(Pass(4, 2, 2), 4) == Pass(4, 2, 2)


def test_steps_of_arrays() -> None:
    arrays = ({"a": np.zeros((10, 2)), "b": np.zeros((10,))}, np.zeros(10))
    assert steps_of(arrays, 4, None) == Pass(4, 2, 2)
    assert steps_of(arrays, 4, 2) == Pass(4, 2, 0)
    assert steps_of(arrays, None, 3) == Pass(4, 2, 2)
