"""Many arms, compared as one family so that its findings share one error rate."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations
from math import isnan

import numpy as np
from jaxtyping import Float

from bital.errors import InvalidInput, UnknownName
from bital.study.statistics.comparison import Comparison, compare
from bital.study.statistics.holm import holm
from bital.study.statistics.procedure import Procedure

Scores = Mapping[str, Float[np.ndarray, " seeds"]]
"""of every arm by name, one value per seed; NaN or infinite where the run diverged. An arm may have
fewer than others: they share the first ones"""


def with_baseline(scores: Scores, baseline: str, procedure: Procedure) -> tuple[Comparison, ...]:
    """Compare every other arm with one chosen before the scores were seen.

    Holm's correction counts the other arms.

    Raises:
        UnknownName: no arm has the baseline's name.
        InvalidInput: as `compare`, or fewer than two arms.
    """
    if baseline not in scores:
        raise UnknownName("baseline", baseline, scores)
    return _family(scores, [(name, baseline) for name in scores if name != baseline], procedure)


def all_pairs(scores: Scores, procedure: Procedure) -> tuple[Comparison, ...]:
    """Compare each arm with each that comes after it; Holm's correction counts all pairs."""
    return _family(scores, list(combinations(scores, 2)), procedure)


def with_best(scores: Scores, procedure: Procedure) -> tuple[Comparison, ...]:
    """Compare every other arm with the one that came out best.

    The best of many is best partly by luck, so that testing the others against it as if it had
    been chosen beforehand finds too much. Holm's correction therefore counts all pairs, among
    which these comparisons are, whichever arm came out best.

    Raises:
        InvalidInput: as `all_pairs`, or no arm without a diverged run.
    """
    first = best_mean(scores, procedure)
    if first is None:
        raise InvalidInput(
            "a best arm needs one whose runs all finished; every arm has a diverged run. "
            "Lower the learning rate, or compare with a baseline."
        )
    pairs = [(b, a) if a == first else (a, b) for a, b in combinations(scores, 2)]
    return tuple(c for c in _family(scores, pairs, procedure) if c.second == first)


def best_mean(scores: Scores, procedure: Procedure) -> str | None:
    """Name the arm of the best mean, the first on a tie.

    One with a diverged run, or with fewer runs than others, is never best.
    """
    sign, most = (
        1 if procedure.better == "higher" else -1,
        max(map(len, scores.values()), default=0),
    )
    whole = {name: s for name, s in scores.items() if len(s) == most and np.isfinite(s).all()}
    means = {name: sign * np.mean(s) for name, s in whole.items()}
    return max(means, key=lambda name: float(means[name])) if means else None


def shared(
    one: Float[np.ndarray, " seeds"], other: Float[np.ndarray, " others"]
) -> tuple[Float[np.ndarray, " shared"], Float[np.ndarray, " shared"]]:
    """Return the scores of the seeds that two arms share, which are the first."""
    count = min(len(one), len(other))
    return one[:count], other[:count]


def _family(
    scores: Scores, pairs: Sequence[tuple[str, str]], procedure: Procedure
) -> tuple[Comparison, ...]:
    if not pairs:
        raise InvalidInput(f"a comparison needs at least two arms; got {len(scores)}.")
    alone = []
    for first, second in pairs:
        one, other = shared(scores[first], scores[second])
        alone.append(compare((first, one), (second, other), procedure))
    # A pair without an equivalence test claims no equivalence, whatever its place in the order.
    same = [1.0 if isnan(one.equivalence_p) else one.equivalence_p for one in alone]
    return tuple(
        replace(
            one,
            adjusted_p=p,
            adjusted_equivalence_p=one.equivalence_p if isnan(one.equivalence_p) else q,
        )
        for one, p, q in zip(alone, holm([one.p for one in alone]), holm(same), strict=True)
    )
