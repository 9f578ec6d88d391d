from math import inf, nan

import pytest

from bital.report.number import decimals, duration, fixed, percent, seconds, signed


@pytest.mark.parametrize(
    ("values", "spreads", "places"),
    [
        ([0.9], [0.0123], 3),
        ([0.9], [0.00000123], 4),  # capped
        ([3000.0], [151.0], 0),
        ([0.9, 0.8, 0.7], [0.012, 0.013, 0.0001], 3),  # the typical spread decides
        ([0.9], [0.0, nan], 4),  # no spread: four digits of the value
        ([29.5], [], 2),
        ([123456.0], [nan], 0),
        ([nan, inf], [nan], 4),
        ([], [], 4),
    ],
)
def test_decimals(values, spreads, places):
    assert decimals(values, spreads) == places


def test_numbers_are_written_for_people():
    assert fixed(1234567.891, 2) == "1,234,567.89"
    assert fixed(-0.0001, 3) == "0.000"
    assert signed(0.0041, 4) == "+0.0041"
    assert signed(-0.0120, 3) == "−0.012"
    assert signed(-0.0001, 3) == "0.000"
    assert percent(0.95) == "95 %"
    assert percent(0.995) == "99.5 %"


@pytest.mark.parametrize(
    ("wall", "text"), [(0.823, "0.82 s"), (31.66, "31.7 s"), (245.2, "4 min 5 s")]
)
def test_duration(wall, text):
    assert duration(wall) == text


def test_seconds_share_decimals():
    assert seconds([0.713, 14.24]) == ["0.7", "14.2"]
    assert seconds([]) == []
