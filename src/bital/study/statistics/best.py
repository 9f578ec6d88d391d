"""Which arm would come out first if the seeds were drawn again."""

from typing import Literal

import numpy as np

from bital.errors import InvalidInput
from bital.study.statistics.differences import check_pairs, check_seeds
from bital.study.statistics.family import Scores
from bital.study.statistics.resampling import weights


def probability_best(scores: Scores, better: Literal["higher", "lower"]) -> dict[str, float]:
    """Return how often each arm has the best mean when whole seeds are drawn with replacement.

    Seeds are drawn for all arms at once, so what seeds share stays shared. An arm cannot be best
    in a draw with a diverged run of its own; a draw in which every arm has one counts for nobody.
    With few seeds the bootstrap is surer than it should be: five seeds say "about", not "95 %".

    Args:
        scores: at least two seeds of at least one arm, the same for each.
        better: which scores are better.

    Returns:
        A share of 9,999 draws by name; ties are shared out.

    Source: Efron and Tibshirani (1993), "An Introduction to the Bootstrap", chapter 8 (paired
    units are resampled together).
    """
    if not scores:
        raise InvalidInput("the best arm can be told of at least one arm; got none.")
    table = list(scores.values())
    for arm in table:
        check_pairs(arm, table[0])
    check_seeds(len(table[0]))
    values = np.stack(table, axis=1)  # (seeds, arms)
    lost = ~np.isfinite(values)
    draws = weights(len(values))
    means = draws @ np.where(lost, 0.0, values if better == "higher" else -values)
    means = np.where(draws @ lost > 0, -np.inf, means)
    top = means.max(axis=1, keepdims=True)
    rounding = 1e-12 * np.abs(values[~lost]).max(initial=0.0)
    winners = (means >= top - rounding) & np.isfinite(means)
    shares = winners / np.maximum(winners.sum(axis=1, keepdims=True), 1)
    return {name: float(share) for name, share in zip(scores, shares.mean(axis=0), strict=True)}
