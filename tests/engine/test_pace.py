"""A call lasts about a quarter of a second, whatever a step costs."""

import pytest

from bital.engine.pace import PERIOD, Pace, capacity, cores


def test_the_first_call_is_short() -> None:
    assert 1 <= Pace().steps() <= 10


@pytest.mark.parametrize("seconds_per_step", [1e-5, 1e-3, 0.04])
def test_later_calls_last_one_period(seconds_per_step: float) -> None:
    pace = Pace()
    pace.record(4, 4 * seconds_per_step)
    assert pace.steps() * seconds_per_step == pytest.approx(PERIOD, rel=0.2)


def test_a_slow_step_is_still_taken() -> None:
    pace = Pace()
    pace.record(1, 30.0)
    assert pace.steps() == 1


def test_a_call_without_steps_teaches_nothing() -> None:
    pace = Pace()
    before = pace.steps()
    pace.record(0, 3.0)
    assert pace.steps() == before


def test_a_step_too_fast_for_the_clock_is_survived() -> None:
    pace = Pace()
    pace.record(10, 0.0)
    assert pace.steps() >= 1


def test_orders_of_one_call_fit_in_four_mebibytes() -> None:
    for rows in (1, 105, 5_000, 60_000, 2_000_000):
        assert 1 <= capacity(rows) <= 512
        assert capacity(rows) == 1 or 4 * rows * capacity(rows) <= 4 * 2**20


def test_there_is_a_core() -> None:
    assert cores() >= 1
