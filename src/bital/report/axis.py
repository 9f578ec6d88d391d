"""A horizontal axis whose places are shares of a figure's width."""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil, floor, isfinite, log10

LEFT, RIGHT = 4.0, 96.0
"""per cent of the width between which values are drawn; ticks' numbers need the rest"""
TICKS = 4
"""about so many"""


@dataclass(frozen=True)
class Axis:
    """A range of values and the round numbers in it."""

    low: float
    high: float
    """above `low`"""
    ticks: tuple[float, ...]
    places: int
    """decimals that tell the ticks apart"""

    def at(self, value: float) -> float:
        """Return a finite value's place in per cent of the width."""
        return LEFT + (RIGHT - LEFT) * (value - self.low) / (self.high - self.low)


def axis(values: Iterable[float]) -> Axis | None:
    """Span the finite values; None where there are none or all are equal.

    >>> axis([0.96, 0.9812]).ticks
    (0.96, 0.965, 0.97, 0.975, 0.98)
    """
    known = [float(value) for value in values if isfinite(value)]
    if not known:
        return None
    low, high = min(known), max(known)
    if high - low <= 1e-12 * max(abs(low), abs(high)):
        return None
    step = _step((high - low) / TICKS)
    numbers = range(ceil(low / step - 1e-9), floor(high / step + 1e-9) + 1)
    places = max(0, -floor(log10(step) + 1e-9))
    places += round(step * 10**places, 9) % 1 > 0  # 0.25 has one more than 0.2
    return Axis(low, high, tuple(round(n * step, places) for n in numbers), places)


def _step(rough: float) -> float:
    """Return the round number next to a rough one: 1, 2, 2.5 or 5 times a power of ten."""
    power: float = 10.0 ** floor(log10(rough))
    return min((power * size for size in (1, 2, 2.5, 5, 10)), key=lambda step: abs(step - rough))
