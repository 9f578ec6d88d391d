"""Two arms' scores, subtracted seed by seed."""

from dataclasses import dataclass
from functools import cached_property
from math import sqrt

import numpy as np
from jaxtyping import Float

from bital.errors import InvalidInput
from bital.study.statistics.overlap import Overlap, variance_of_mean

ROUNDING = 1e-12
"""share of the largest score below which a spread is float rounding"""


@dataclass(frozen=True, eq=False)
class Differences:
    """First arm minus second, one value per shared seed, at least two and all finite.

    Raises:
        InvalidInput: fewer than two seeds, or a value that is not finite.
    """

    values: Float[np.ndarray, " seeds"]
    overlap: Overlap | None = None
    """how the runs' splits overlap; None for independent runs or one fixed test set"""

    def __post_init__(self) -> None:
        check_seeds(len(self.values))
        if not np.isfinite(self.values).all():
            raise InvalidInput(
                "differences must be finite; a run diverged. Compare such arms by ranks."
            )

    @cached_property
    def seeds(self) -> int:
        """Number of shared seeds."""
        return len(self.values)

    @cached_property
    def mean(self) -> float:
        """Mean difference."""
        return float(self.values.mean())

    @cached_property
    def std(self) -> float:
        """Sample standard deviation, ddof=1; exactly 0 where only rounding differs."""
        std = float(self.values.std(ddof=1))
        return std if std > ROUNDING * float(np.abs(self.values).max()) else 0.0

    @cached_property
    def error(self) -> float:
        """Standard error of the mean, corrected for overlap."""
        return self.std * sqrt(variance_of_mean(self.seeds, self.overlap))


def subtract(
    first: Float[np.ndarray, " seeds"],
    second: Float[np.ndarray, " seeds"],
    overlap: Overlap | None = None,
) -> Differences:
    """Subtract second from first, seed by seed; what is only rounding becomes 0.

    Raises:
        InvalidInput: as `Differences`, or lengths that differ.
    """
    check_pairs(first, second)
    values = np.asarray(first, np.float64) - np.asarray(second, np.float64)
    if np.isfinite(values).all() and len(values):
        scale = max(float(np.abs(first).max()), float(np.abs(second).max()))
        # 0.3 - 0.2 and 0.2 - 0.1 must be one value, or their "spread" would prove anything.
        values = values if np.ptp(values) > ROUNDING * scale else np.full_like(values, values[0])
        values = np.where(np.abs(values) > ROUNDING * scale, values, 0.0)
    return Differences(values, overlap)


def check_pairs(first: Float[np.ndarray, " seeds"], second: Float[np.ndarray, " seeds"]) -> None:
    """Raise unless both arms have one score per shared seed."""
    if np.ndim(first) != 1 or np.shape(first) != np.shape(second):
        raise InvalidInput(
            "paired arms must have one score for each shared seed; got shapes "
            f"{np.shape(first)} and {np.shape(second)}. Run both arms with the same seeds."
        )


def check_seeds(count: int, least: int = 2, what: str = "a comparison over seeds") -> None:
    """Raise unless there are as many seeds as a method needs."""
    if count < least:
        seeds = "1 seed" if least == 1 else f"{least} seeds"
        raise InvalidInput(f"{what} needs at least {seeds}; got {count}. Run more seeds.")
