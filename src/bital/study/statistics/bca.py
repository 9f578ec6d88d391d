"""The bootstrap interval of one arm's mean."""

from math import sqrt

import numpy as np
from jaxtyping import Float

from bital.study.statistics.interval import UNKNOWN, Interval
from bital.study.statistics.resampling import RESAMPLES, weights


def bca(
    scores: Float[np.ndarray, " seeds"], level: float = 0.95, resamples: int = RESAMPLES
) -> Interval:
    """Return the bias-corrected and accelerated bootstrap interval of a mean, expanded.

    For few seeds the plain BCa interval is too narrow: it divides by n instead of n - 1 and uses
    normal quantiles where t's are due. Both are made up for by asking it for the wider tails
    Phi(-sqrt(n / (n - 1)) t), as for the percentile interval.

    Args:
        scores: finite, one per seed.
        level: above 0 and below 1.
        resamples: bootstrap samples; the same are drawn every time.

    Returns:
        The interval; unknown for fewer than two seeds; of no length where all scores are equal.

    Source: Efron (1987), "Better bootstrap confidence intervals", JASA 82, equation 2.3;
    Hesterberg (2015), "What teachers should know about the bootstrap", The American
    Statistician 69, section 4.1 for the expansion.
    """
    from scipy.special import ndtr, ndtri, stdtrit

    count = len(scores)
    if count < 2:
        return UNKNOWN
    mean = float(np.mean(scores))
    apart = np.asarray(scores, np.float64) - mean
    largest = float(np.abs(apart).max())
    if largest <= 1e-12 * np.abs(scores).max():
        return Interval(mean, mean)
    shape = apart / largest  # squares of tiny numbers are 0
    means = np.sort(weights(count, resamples) @ apart)
    rounding = 1e-12 * largest  # the mean of all rows is 0 but for this
    below = np.mean(means < -rounding)
    bias = float(ndtri(below + np.mean(np.abs(means) <= rounding) / 2))
    acceleration = float((shape**3).sum() / (6 * (shape**2).sum() ** 1.5))
    tail = sqrt(count / (count - 1)) * float(stdtrit(count - 1, (1 + level) / 2))
    ends = [bias + (bias + z) / (1 - acceleration * (bias + z)) for z in (-tail, tail)]
    low, high = np.quantile(means, ndtr(ends))
    return Interval(mean + float(low), mean + float(high))
