"""How large a difference is beside its spread over seeds."""

from dataclasses import dataclass
from math import exp, isnan, lgamma, log, nan, sqrt

from bital.study.statistics.differences import Differences
from bital.study.statistics.interval import UNKNOWN, Interval
from bital.study.statistics.overlap import variance_of_mean

LARGE = 1_000.0
"""t from which only the estimated deviation makes the size uncertain, and nct ceases to converge"""


@dataclass(frozen=True)
class Effect:
    """A standardized mean difference of paired scores."""

    size: float
    """mean difference / standard deviation of differences (Cohen's d_z), times Hedges' factor;
    NaN with two seeds or where all differences are equal"""
    interval: Interval
    """of the true mean / true standard deviation"""


def effect(differences: Differences, level: float = 0.95) -> Effect:
    """Measure the effect size d_z without its small-sample bias, and its interval.

    The interval inverts the noncentral t distribution.

    Source: Cohen (1988), "Statistical Power Analysis", section 2.3.5; Hedges (1981),
    "Distribution theory for Glass's estimator of effect size", J. Educational Statistics 6;
    Cumming and Finch (2001), Educational and Psychological Measurement 61.
    """
    if differences.std == 0:
        return Effect(nan, UNKNOWN)
    freedom = differences.seeds - 1
    statistic = differences.mean / differences.error
    scale = sqrt(variance_of_mean(differences.seeds, differences.overlap))
    tail = (1 - level) / 2
    low, high = (scale * _noncentrality(statistic, freedom, p) for p in (1 - tail, tail))
    return Effect(hedges(freedom) * differences.mean / differences.std, Interval(low, high))


def hedges(freedom: int) -> float:
    """Return the factor that takes the bias from a standardized mean; NaN for one degree."""
    if freedom < 2:
        return nan
    return exp(lgamma(freedom / 2) - lgamma((freedom - 1) / 2) - log(freedom / 2) / 2)


def _noncentrality(statistic: float, freedom: int, p: float) -> float:
    """Return the noncentrality under which `statistic` is the p-quantile of t."""
    from scipy.optimize import brentq
    from scipy.special import chdtri
    from scipy.stats import nct

    if abs(statistic) > LARGE:
        spread = float(chdtri(freedom, p if statistic > 0 else 1 - p)) / freedom
        return statistic * sqrt(spread)

    def excess(noncentrality: float) -> float:
        below = float(nct.cdf(statistic, freedom, noncentrality))
        if isnan(below):  # far out, where it is 0 or 1
            below = 1.0 if statistic > noncentrality else 0.0
        return below - p

    reach = 4.0
    low = high = statistic
    while excess(low := low - reach) < 0:
        reach *= 2
    reach = 4.0
    while excess(high := high + reach) > 0:
        reach *= 2
    return float(brentq(excess, low, high, xtol=1e-6))
