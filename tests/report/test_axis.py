import numpy as np
import pytest

from bital.report.axis import LEFT, RIGHT, axis


def test_ends_are_where_they_belong():
    along = axis([0.98, float("nan"), 0.96, float("inf")])
    assert (along.low, along.high) == (0.96, 0.98)
    assert (along.at(0.96), along.at(0.98)) == (LEFT, RIGHT)
    assert along.at(0.97) == pytest.approx((LEFT + RIGHT) / 2)


@pytest.mark.parametrize(
    ("ends", "ticks", "places"),
    [
        ((0.96, 0.9812), (0.96, 0.965, 0.97, 0.975, 0.98), 3),
        ((-0.03, 0.022), (-0.03, -0.02, -0.01, 0.0, 0.01, 0.02), 2),
        ((0, 1.2), (0.0, 0.25, 0.5, 0.75, 1.0), 2),
        ((2901.0, 3120.0), (2950.0, 3000.0, 3050.0, 3100.0), 0),
        ((1e-9, 5e-9), (1e-9, 2e-9, 3e-9, 4e-9, 5e-9), 9),
    ],
)
def test_ticks_are_round_and_told_apart(ends, ticks, places):
    along = axis(ends)
    assert along.ticks == pytest.approx(ticks)
    assert along.places == places
    written = [f"{tick:.{places}f}" for tick in along.ticks]
    assert len(set(written)) == len(written)


@pytest.mark.parametrize("values", [[], [np.nan], [0.5], [0.5, 0.5], [0.0, 0.0], [3, 3 + 1e-13]])
def test_nothing_to_span(values):
    assert axis(values) is None


def test_any_range_has_a_few_ticks():
    rng = np.random.default_rng(0)
    for _ in range(300):
        low, width = rng.normal() * 10.0 ** rng.integers(-6, 6), 10.0 ** rng.uniform(-6, 6)
        along = axis([low, low + width])
        assert 3 <= len(along.ticks) <= 9
        assert all(LEFT - 1e-6 <= along.at(tick) <= RIGHT + 1e-6 for tick in along.ticks)
