"""How many seeds would settle a comparison."""

from dataclasses import dataclass
from math import sqrt

from bital.errors import InvalidInput
from bital.study.statistics.differences import Differences, check_seeds
from bital.study.statistics.overlap import Overlap, variance_of_mean

MOST = 100_000
"""seeds beyond which nobody will wait"""


def power(
    difference: float,
    std: float,
    seeds: int,
    alpha: float = 0.05,
    overlap: Overlap | None = None,
) -> float:
    """Return how often the two-sided paired t test finds a true difference.

    Args:
        difference: true mean difference of paired scores.
        std: true standard deviation of paired differences, above 0.
        seeds: at least 2.
        alpha: level of the test; divide it by the number of comparisons to be on Holm's safe side.
        overlap: of the splits.

    Returns:
        A probability, from the noncentral t distribution.

    Source: Cohen (1988), "Statistical Power Analysis for the Behavioral Sciences", chapter 2.
    """
    from scipy.special import stdtrit
    from scipy.stats import nct

    check_seeds(seeds)
    if not std > 0:
        raise InvalidInput(f"std must be above 0; got {std}. Equal differences need no more seeds.")
    noncentrality = abs(difference) / (std * sqrt(variance_of_mean(seeds, overlap)))
    bound = float(stdtrit(seeds - 1, 1 - alpha / 2))
    right = float(nct.sf(bound, seeds - 1, noncentrality))
    # Beyond 6 the wrong side's share is below 1e-9, and nct gives NaN for it.
    return right if noncentrality > 6 else right + float(nct.cdf(-bound, seeds - 1, noncentrality))


def seeds_needed(
    difference: float,
    std: float,
    wanted: float = 0.8,
    alpha: float = 0.05,
    overlap: Overlap | None = None,
) -> int | None:
    """Return the fewest seeds with which the paired t test has the wanted power.

    Args:
        difference: true mean difference.
        std: standard deviation of paired differences, above 0.
        wanted: power, above 0 and below 1.
        alpha: level of the test.
        overlap: of the splits.

    Returns:
        At least 2; None where 100,000 would not do: no difference, or overlapping splits, whose
        shared rows more seeds do not make up for.
    """

    def enough(seeds: int) -> bool:
        return power(difference, std, seeds, alpha, overlap) >= wanted

    if not 0 < wanted < 1:
        raise InvalidInput(f"power must be above 0 and below 1; got {wanted}. Try 0.8.")
    if not enough(MOST):
        return None
    low, high = 1, 2
    while not enough(high):
        low, high = high, 2 * high
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return high


@dataclass(frozen=True)
class Plan:
    """Seeds a comparison would need, those it has included."""

    seeds: int
    """seeds it has"""
    observed: int | None
    """seeds that would tell the observed difference, were it the true one; None: no number"""
    named: int | None
    """seeds that would tell the difference the user named; None: no number, or none named"""


def plan(
    differences: Differences,
    named: float | None = None,
    wanted: float = 0.8,
    alpha: float = 0.05,
) -> Plan:
    """Say how many seeds would settle a comparison, by the spread seen so far.

    The observed difference is uncertain itself, so that `observed` is a rough guide; a difference
    that would matter, named beforehand, is the better question (Hoenig and Heisey, 2001, "The
    abuse of power", The American Statistician 55).

    Args:
        differences: what was seen, not all equal.
        named: smallest difference worth telling.
        wanted: power.
        alpha: level of the test.
    """
    spread, overlap = differences.std, differences.overlap
    needs = [
        None if size is None else seeds_needed(size, spread, wanted, alpha, overlap)
        for size in (differences.mean, named)
    ]
    return Plan(differences.seeds, *needs)
