"""Two one-sided tests, against SciPy's one-sided t and the interval they stand for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ttest_1samp

from bital.study.statistics.differences import subtract
from bital.study.statistics.equivalence import tost
from bital.study.statistics.overlap import Overlap
from bital.study.statistics.student import t_interval

VALUES = np.random.default_rng(2).normal(0.1, 1, 12)


def test_is_the_larger_one_sided_p() -> None:
    lower = ttest_1samp(VALUES, -0.7, alternative="greater").pvalue
    upper = ttest_1samp(VALUES, 0.7, alternative="less").pvalue
    assert tost(subtract(VALUES, 0 * VALUES), 0.7) == pytest.approx(max(lower, upper))


@given(st.floats(0.01, 3), st.sampled_from([None, Overlap(4, 1)]))
def test_is_the_90_percent_interval_within_the_margin(
    margin: float, overlap: Overlap | None
) -> None:
    differences = subtract(VALUES, 0 * VALUES, overlap)
    span = t_interval(differences, 0.9)
    inside = -margin < span.low and span.high < margin
    assert (tost(differences, margin) < 0.05) == inside


def test_equal_differences_are_as_sure_as_their_signs() -> None:
    zeros = np.zeros(5)
    assert tost(subtract(zeros, zeros), 0.1) == 2**-5
    assert tost(subtract(zeros + 0.05, zeros), 0.1) == 2**-5
    assert tost(subtract(zeros + 0.2, zeros), 0.1) == 1
