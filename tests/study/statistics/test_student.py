"""The paired t test and its interval, against SciPy's."""

import numpy as np
import pytest
from scipy.stats import t, ttest_rel

from bital.study.statistics.differences import subtract
from bital.study.statistics.overlap import Overlap
from bital.study.statistics.student import paired_t, t_interval


@pytest.mark.parametrize("count", [2, 3, 5, 10, 40])
@pytest.mark.parametrize("level", [0.8, 0.95])
def test_scipys(count: int, level: float) -> None:
    a, b = np.random.default_rng(count).normal(0.9, 0.02, (2, count))
    theirs = ttest_rel(a, b)
    found = t_interval(subtract(a, b), level)
    assert paired_t(subtract(a, b)) == pytest.approx(theirs.pvalue)
    assert (found.low, found.high) == pytest.approx(tuple(theirs.confidence_interval(level)))


def test_the_corrected_resampled_t_by_hand() -> None:
    values = np.array([0.02, 0.01, 0.03, 0.00, 0.02])
    statistic = values.mean() / (values.std(ddof=1) * np.sqrt(1 / 5 + 0.2 / 0.6))
    found = subtract(values, np.zeros(5), Overlap(train=0.6, test=0.2))
    assert paired_t(found) == pytest.approx(2 * t.sf(statistic, 4))
    low, high = t.interval(0.9, 4, values.mean(), values.mean() / statistic)
    assert t_interval(found, 0.9).low == pytest.approx(low)
    assert t_interval(found, 0.9).high == pytest.approx(high)


def test_equal_differences() -> None:
    zeros = np.zeros(4)
    assert paired_t(subtract(zeros, zeros)) == 1
    assert (t_interval(subtract(zeros, zeros), 0.95).low) == 0
    assert np.isnan(paired_t(subtract(zeros + 1, zeros)))
    assert np.isnan(t_interval(subtract(zeros + 1, zeros), 0.95).high)
