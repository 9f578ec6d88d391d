"""How many digits a measured number deserves."""

from collections.abc import Iterable
from math import floor, isfinite, log10
from statistics import median

from bital.report.voice import ENGLISH, Voice

MOST_DECIMALS = 4


def decimals(values: Iterable[float], spreads: Iterable[float]) -> int:
    """Choose one number of decimals for a whole column, 0 to 4.

    The median spread is shown with two significant digits. Without any spread (one seed, or
    every run equal) the largest value is shown with four.

    >>> decimals([0.972, 0.951], [0.0081, 0.0093])
    4
    >>> decimals([2901.4, 3120.9], [151.0, 163.0])
    0
    >>> decimals([29.53], [])
    2
    """
    known = [spread for spread in spreads if isfinite(spread) and spread > 0]
    if known:
        return _clip(1 - floor(log10(median(known))))
    largest = max((abs(value) for value in values if isfinite(value)), default=0.0)
    return _clip(3 - floor(log10(largest))) if largest > 0 else MOST_DECIMALS


def fixed(value: float, places: int) -> str:
    """Write a number with so many decimals and thousands separators; no minus before zero.

    >>> fixed(12345.678, 1), fixed(-0.00001, 2)
    ('12,345.7', '0.00')
    """
    text = f"{value:,.{places}f}"
    return text if any(digit in text for digit in "123456789") else text.lstrip("-")


def signed(value: float, places: int) -> str:
    """Write a difference: as `fixed`, with its sign, as in "+0.0041" and "−0.0120"."""
    text = fixed(abs(value), places)
    if not any(digit in text for digit in "123456789"):
        return text
    return ("−" if value < 0 else "+") + text


def span(say: Voice, low: str, high: str) -> str:
    """Write a range, as in "0.96 to 0.98"."""
    return say("{low} to {high}", low=low, high=high)


def percent(level: float) -> str:
    """Write a confidence level, as in "95 %"."""
    return f"{100 * level:g} %"


def duration(seconds: float, say: Voice = ENGLISH) -> str:
    """Write a wall time, as in "0.82 s", "12.3 s" or "4 min 5 s"."""
    if seconds < 120:
        return say("{seconds} s", seconds=f"{seconds:.{2 if seconds < 10 else 1}f}")
    minutes, rest = divmod(round(seconds), 60)
    return say("{minutes} min {seconds} s", minutes=minutes, seconds=rest)


def seconds(values: Iterable[float]) -> list[str]:
    """Write a column of wall times with one number of decimals.

    >>> seconds([0.713, 14.24]), seconds([0.713])
    (['0.7', '14.2'], ['0.71'])
    """
    times = list(values)
    places = 1 if max(times, default=0.0) >= 10 else 2
    return [fixed(time, places) for time in times]


def _clip(places: int) -> int:
    return max(0, min(MOST_DECIMALS, places))
