"""One arm's scores over seeds, in a few numbers."""

from dataclasses import dataclass
from math import nan

import numpy as np
from jaxtyping import Float

from bital.study.statistics.bca import bca
from bital.study.statistics.interval import UNKNOWN, Interval


@dataclass(frozen=True)
class Summary:
    """Where one arm's scores lie; all NaN when a run diverged.

    A mean or median over the survivors would flatter an arm, so there is none: `diverged` says why.
    """

    mean: float
    std: float
    """sample standard deviation (ddof=1); NaN with one seed"""
    median: float
    interval: Interval
    """of the mean, by `bca`; unknown with one seed"""
    runs: int
    diverged: int
    """runs that ended in NaN or infinity"""


def summarise(scores: Float[np.ndarray, " seeds"], level: float = 0.95) -> Summary:
    """Summarise one arm.

    Args:
        scores: one value per seed; NaN or infinite where the run diverged.
        level: confidence level of the interval.

    Returns:
        Its location, spread and number of diverged runs.
    """
    values = np.asarray(scores, dtype=np.float64)
    lost = int(np.count_nonzero(~np.isfinite(values)))
    if lost or not values.size:
        return Summary(nan, nan, nan, UNKNOWN, values.size, lost)
    std = float(values.std(ddof=1)) if values.size > 1 else nan
    mean, median = float(values.mean()), float(np.median(values))
    return Summary(mean, std, median, bca(values, level), values.size, 0)
