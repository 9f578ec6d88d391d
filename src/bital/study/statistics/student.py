"""Student's t on paired differences."""

from math import nan

from bital.study.statistics.differences import Differences
from bital.study.statistics.interval import UNKNOWN, Interval


def paired_t(differences: Differences) -> float:
    """Return the two-sided p-value of the paired t test, n - 1 degrees of freedom.

    The false-positive rate is the level for normal differences, and near it for symmetric ones,
    at every number of seeds; two arms of one distribution have symmetric differences. With
    `overlap` this is the corrected resampled t test.

    Source: Student (1908), "The probable error of a mean", Biometrika 6; `overlap.py`.

    Returns:
        The p-value; 1 for differences that are all 0, NaN for others that are all equal, of which
        t cannot judge.
    """
    from scipy.special import stdtr

    if differences.error == 0:
        return nan if differences.mean else 1.0
    statistic = abs(differences.mean) / differences.error
    return float(2 * stdtr(differences.seeds - 1, -statistic))


def t_interval(differences: Differences, level: float) -> Interval:
    """Return the interval of the mean difference that belongs to `paired_t`.

    Returns:
        The interval; unknown where differences are all equal and not 0.
    """
    from scipy.special import stdtrit

    if differences.error == 0 and differences.mean:
        return UNKNOWN
    reach = float(stdtrit(differences.seeds - 1, (1 + level) / 2)) * differences.error
    return Interval(differences.mean - reach, differences.mean + reach)
