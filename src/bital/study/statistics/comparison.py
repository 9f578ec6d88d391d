"""One arm beside another."""

from dataclasses import dataclass
from math import inf, nan
from typing import Literal

import numpy as np
from jaxtyping import Float

from bital.study.statistics.differences import Differences, check_pairs, check_seeds, subtract
from bital.study.statistics.effect import Effect, effect
from bital.study.statistics.equivalence import tost
from bital.study.statistics.interval import UNKNOWN, Interval
from bital.study.statistics.permutation import least_seeds, sign_flip, signed_ranks, wilcoxon
from bital.study.statistics.procedure import Method, Procedure
from bital.study.statistics.student import paired_t, t_interval

Reading = Literal["better", "worse", "not distinguishable", "equivalent"]


@dataclass(frozen=True)
class Comparison:
    """First arm against second, paired over seeds."""

    first: str
    second: str
    ahead: Literal["first", "second", "neither"]
    """the better one of these runs, surely or not"""
    mean: float
    """of the differences first - second; NaN where a run of either diverged"""
    interval: Interval
    """of the mean difference by Student's t, for this comparison alone; unknown where a run
    diverged or all differences are equal and not 0"""
    effect: Effect
    method: Method
    """the test behind `p`: the one asked for, but "wilcoxon" where a run diverged and "sign_flip"
    where all differences are equal"""
    p: float
    """two-sided p-value of no difference, for this comparison alone"""
    equivalence_p: float
    """p-value of a difference as large as the margin; NaN without margin or where a run diverged"""
    adjusted_p: float
    """`p` by Holm's method over the family"""
    adjusted_equivalence_p: float
    """`equivalence_p` by Holm's method over the family"""
    level: float
    """confidence level of the intervals; 1 - level is the family's error rate"""

    @property
    def distinguishable(self) -> bool:
        """Whether the family's error rate lets first be called better or worse."""
        return self.reading in ("better", "worse")

    @property
    def reading(self) -> Reading:
        """First is ... than, from or to second; a difference within the margin is no matter."""
        alpha = 1 - self.level + 1e-12
        if self.adjusted_equivalence_p <= alpha:
            return "equivalent"
        if self.ahead == "neither" or not self.adjusted_p <= alpha:
            return "not distinguishable"
        return "better" if self.ahead == "first" else "worse"


def compare(
    first: tuple[str, Float[np.ndarray, " seeds"]],
    second: tuple[str, Float[np.ndarray, " seeds"]],
    procedure: Procedure,
) -> Comparison:
    """Compare two arms, as a family of one comparison; `family` compares more.

    A diverged run is worse than any that finished. Where there is one, no mean exists, and the
    arms are compared by signed ranks, in which it has the last place (worst-rank analysis:
    Lachin, 1999, Controlled Clinical Trials 20); ranks are not corrected for overlap.

    Args:
        first: name of an arm and its scores, one per seed; NaN or infinite where a run diverged.
        second: of the other; the same seeds in the same order.
        procedure: how.

    Raises:
        InvalidInput: shapes that differ, or fewer seeds than the method needs.
    """
    (name, scores), (other, others) = first, second
    check_pairs(scores, others)
    least = 2 if procedure.method == "t" else least_seeds(procedure.alpha)
    check_seeds(len(scores), least, f"the {procedure.method} test at level {procedure.level:g}")
    if not (np.isfinite(scores).all() and np.isfinite(others).all()):
        ranks = signed_ranks(_worst_last(scores, others, procedure.better))
        p, balance = (sign_flip(ranks) if len(ranks) else 1.0), float(ranks.sum())
        method: Method = "wilcoxon"
        mean, interval, size, equal = nan, UNKNOWN, Effect(nan, UNKNOWN), nan
    else:
        differences = subtract(scores, others, procedure.overlap)
        p, method = _test(differences, procedure.method)
        mean = balance = differences.mean
        interval = t_interval(differences, procedure.level)
        size = effect(differences, procedure.level)
        equal = nan if procedure.margin is None else tost(differences, procedure.margin)
    up = balance if procedure.better == "higher" else -balance
    ahead: Literal["first", "second", "neither"] = (
        "first" if up > 0 else "second" if up < 0 else "neither"
    )
    return Comparison(
        name, other, ahead, mean, interval, size, method, p, equal, p, equal, procedure.level
    )


def _test(differences: Differences, method: Method) -> tuple[float, Method]:
    if method == "wilcoxon":
        return wilcoxon(differences.values), method
    if method == "sign_flip" or (differences.std == 0 and differences.mean):
        # Of equal differences t would be infinitely sure after two seeds.
        return sign_flip(differences.values), "sign_flip"
    return paired_t(differences), method


def _worst_last(
    scores: Float[np.ndarray, " seeds"],
    others: Float[np.ndarray, " seeds"],
    better: Literal["higher", "lower"],
) -> Float[np.ndarray, " seeds"]:
    """Subtract with diverged runs infinitely bad; two that diverged on one seed are equal."""
    worst = -inf if better == "higher" else inf
    lost, others_lost = ~np.isfinite(scores), ~np.isfinite(others)
    left, right = np.where(lost, 0.0, scores), np.where(others_lost, 0.0, others)
    apart = np.where(lost, worst, np.where(others_lost, -worst, left - right))
    return np.where(lost & others_lost, 0.0, apart)
