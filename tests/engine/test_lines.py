"""A replica's orders: what Keras draws, whenever they are drawn."""

import numpy as np
import pytest

from bital.engine.lines import Lines
from bital.engine.order import Orders, Shuffle
from bital.engine.passes import whole_pass

SPAN = whole_pass(10, 4)


@pytest.mark.parametrize("shuffle", [True, False, "batch"])
def test_orders_are_those_of_keras(shuffle: Shuffle) -> None:
    lines = Lines(np.random.RandomState(5), SPAN, shuffle)
    orders = Orders(SPAN, shuffle, None, np.random.RandomState(5))
    orders.draw_for_build()
    for count in (1, 3, 2):
        lines.ahead(count - 1)
        mine = lines.first(count)
        assert (mine.shape, mine.dtype) == ((count, 10), np.int32)
        for line in mine:
            expected = orders.next().rows
            np.testing.assert_array_equal(line, np.arange(10) if expected is None else expected)
        lines.drop(count)


def test_what_was_not_used_comes_again() -> None:
    lines = Lines(np.random.RandomState(5), SPAN, True)
    five = lines.first(5).copy()
    lines.drop(2)
    np.testing.assert_array_equal(lines.first(3), five[2:])


def test_rows_of_a_table() -> None:
    rows = np.array([30, 10, 20])
    lines = Lines(np.random.RandomState(5), whole_pass(3, 2), True, rows)
    plain = Lines(np.random.RandomState(5), whole_pass(3, 2), True)
    np.testing.assert_array_equal(lines.first(4), rows[plain.first(4)])
