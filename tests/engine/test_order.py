"""The order of rows against Keras's own array adapter and epoch iterator."""

import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from keras.src.backend.jax.trainer import JAXEpochIterator

from bital.engine.order import Orders
from bital.engine.passes import whole_pass
from engine.parity import assert_same_numpy_state

EPOCHS = 4


def visited_by_keras(rows: int, batch: int, shuffle: Any, steps: int | None) -> list[list[int]]:
    """Row numbers of each epoch."""
    iterator = JAXEpochIterator(
        np.arange(rows), batch_size=batch, steps_per_epoch=steps, shuffle=shuffle
    )
    return [
        [int(row) for _, _, batches in iterator for row in next(batches)] for _ in range(EPOCHS)
    ]


def visited_by_bital(rows: int, batch: int, shuffle: Any, steps: int | None) -> list[list[int]]:
    whole = whole_pass(rows, batch)
    orders = Orders(whole, shuffle, steps, np.random)
    epochs = []
    for order in (orders.next() for _ in range(EPOCHS)):
        every = np.arange(rows) if order.rows is None else order.rows
        assert every.dtype == np.int32 or order.rows is None
        epochs.append(every[order.first * whole.batch : order.stop * whole.batch].tolist())
    return epochs


@settings(max_examples=150, deadline=None)
@given(
    rows=st.integers(1, 40),
    batch=st.integers(1, 12),
    shuffle=st.sampled_from([True, False, "batch"]),
    steps=st.none() | st.integers(1, 14),
)
def test_rows_come_in_the_order_of_keras(
    rows: int, batch: int, shuffle: Any, steps: int | None
) -> None:
    with warnings.catch_warnings(record=True) as theirs:
        warnings.simplefilter("always")
        np.random.seed(3)
        expected = visited_by_keras(rows, batch, shuffle, steps)
    with warnings.catch_warnings(record=True) as ours:
        warnings.simplefilter("always")
        np.random.seed(3)
        assert visited_by_bital(rows, batch, shuffle, steps) == expected
    assert len(ours) == len(theirs)


@pytest.mark.parametrize("steps", [None, 2])
@pytest.mark.parametrize("shuffle", [True, False, "batch"])
def test_as_much_is_drawn_as_by_keras(shuffle: Any, steps: int | None) -> None:
    states = []
    for visit in (visited_by_keras, visited_by_bital):
        np.random.seed(3)
        visit(37, 5, shuffle, steps)
        states.append(np.random.get_state())
    assert_same_numpy_state(states[1], states[0])


def test_every_row_comes_once_a_pass() -> None:
    orders = Orders(whole_pass(23, 5), True, None, np.random.RandomState(0))
    passes = [orders.next().rows for _ in range(3)]
    for rows in passes:
        assert rows is not None
        np.testing.assert_array_equal(np.sort(rows), np.arange(23))
    assert not np.array_equal(passes[0], passes[1])


def test_batches_keep_their_rows_when_only_they_are_shuffled() -> None:
    order = Orders(whole_pass(23, 5), "batch", None, np.random.RandomState(0)).next()
    assert order.rows is not None
    for start in range(0, 23, 5):
        stop = min(start + 5, 23)
        assert sorted(order.rows[start:stop]) == list(range(start, stop))


def test_a_generator_of_its_own_leaves_numpy_s_alone() -> None:
    np.random.seed(5)
    before = np.random.get_state()
    orders = Orders(whole_pass(10, 4), True, None, np.random.RandomState(1))
    orders.draw_for_build()
    orders.next()
    assert_same_numpy_state(np.random.get_state(), before)


def test_the_warning_counts_batches() -> None:
    orders = Orders(whole_pass(10, 4), False, 5, np.random)
    with pytest.warns(UserWarning, match=r"steps_per_epoch=5 .* 3 of 3"):
        assert orders.next() == (None, 0, 3)
