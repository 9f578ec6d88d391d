"""Tests that ask how often chance alone would have dealt the signs so."""

import numpy as np
from jaxtyping import Float

from bital.study.statistics.differences import check_seeds

EXACT = 20
"""differences up to which all 2^n signs are tried"""
DRAWS = 99_999


def sign_flip(values: Float[np.ndarray, " seeds"], seed: int = 0) -> float:
    """Return the two-sided p-value of the sign-flip permutation test of a mean of 0.

    Every sign pattern is tried for up to 20 values, of which zeros count none; beyond, 99,999 are
    drawn and the observed one is added, so that p is never 0. The smallest p for n values is
    2 / 2^n: five can never reject at 0.05.

    Args:
        values: finite differences, at least one.
        seed: of the drawn patterns.

    Source: Fisher (1935), "The Design of Experiments", section 21; Phipson and Smyth (2010),
    "Permutation p-values should never be zero".
    """
    check_seeds(len(values), 1, "the sign-flip test")
    moving = np.abs(values[np.asarray(values) != 0])
    observed = abs(float(np.sum(values)))
    reached = observed - 1e-9 * float(moving.sum())  # equal sums differ by rounding
    if not len(moving):
        return 1.0
    if len(moving) <= EXACT:
        sums = np.array([moving[0]])  # the other half of the patterns mirrors this one
        for value in moving[1:]:
            sums = np.concatenate([sums + value, sums - value])
        return float(np.mean(np.abs(sums) >= reached))
    rng = np.random.default_rng(seed)
    signs = rng.integers(0, 2, (DRAWS, len(moving)), dtype=np.int8) * 2 - 1
    return float((1 + np.count_nonzero(np.abs(signs @ moving) >= reached)) / (1 + DRAWS))


def wilcoxon(values: Float[np.ndarray, " seeds"], seed: int = 0) -> float:
    """Return the two-sided p-value of the signed-rank test: the sign-flip test on ranks.

    Zeros are dropped, ties share their rank, and the distribution is exact with ties too.

    Args:
        values: differences; an infinite one ranks above every finite one.
        seed: of the drawn patterns beyond 20 values.

    Source: Wilcoxon (1945), "Individual comparisons by ranking methods", Biometrics 1.
    """
    check_seeds(len(values), 1, "the signed-rank test")
    ranks = signed_ranks(values)
    return sign_flip(ranks, seed) if len(ranks) else 1.0


def signed_ranks(values: Float[np.ndarray, " seeds"]) -> Float[np.ndarray, " moving"]:
    """Return the ranks of differences by size, from 1, with their signs; zeros are dropped."""
    from scipy.stats import rankdata

    moving = values[np.asarray(values) != 0]
    ranks: Float[np.ndarray, " moving"] = np.sign(moving) * rankdata(np.abs(moving))
    return ranks


def least_seeds(alpha: float) -> int:
    """Return the fewest seeds with which a permutation of signs can reject at a level."""
    return int(np.ceil(1 - np.log2(alpha)))
