"""Two ends between which a quantity is believed to be."""

from dataclasses import dataclass
from math import nan


@dataclass(frozen=True)
class Interval:
    """A confidence interval; both ends NaN where the sample does not give one."""

    low: float
    high: float


UNKNOWN = Interval(nan, nan)
