"""Sign-flip and signed-rank tests, against SciPy's and by counting."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bital.errors import InvalidInput
from bital.study.statistics.permutation import least_seeds, sign_flip, signed_ranks, wilcoxon

RNG = np.random.default_rng(5)
WHOLE = st.lists(st.integers(-20, 20), min_size=1, max_size=9)


@given(WHOLE)
def test_sign_flip_by_counting(values: list[int]) -> None:
    array = np.array(values, np.float64)
    sums = [abs(np.dot(signs, values)) for signs in product((-1, 1), repeat=len(values))]
    assert sign_flip(array) == np.mean(np.array(sums) >= abs(sum(values)))
    assert sign_flip(array) == sign_flip(-array)


@pytest.mark.parametrize("count", [3, 6, 12, 20])
def test_the_smallest_p(count: int) -> None:
    assert sign_flip(np.arange(1.0, count + 1)) == 2 / 2**count


def test_sums_that_differ_by_rounding_are_equal() -> None:
    assert sign_flip(np.array([0.1, 0.2, 0.3])) == 0.25
    assert sign_flip(np.array([0.1, 0.2, -0.3])) == 1.0


def test_many_differences_are_drawn_with_the_observed_one_added() -> None:
    values = RNG.normal(0.5, 1, 30)
    near = stats.ttest_1samp(values, 0).pvalue
    assert sign_flip(values) == pytest.approx(near, abs=0.01)
    assert sign_flip(values, seed=1) == pytest.approx(sign_flip(values), abs=0.003)
    assert sign_flip(np.ones(40)) == 1 / 100_000


@pytest.mark.parametrize("count", [5, 8, 15])
def test_wilcoxon_is_scipys_where_nothing_is_tied(count: int) -> None:
    values = RNG.normal(0.3, 1, count)
    assert wilcoxon(values) == pytest.approx(stats.wilcoxon(values, method="exact").pvalue)


def test_zeros_are_dropped_ties_share_and_infinity_is_last() -> None:
    ranks = signed_ranks(np.array([0.0, -2.0, 2.0, 1.0, np.inf, -np.inf]))
    np.testing.assert_array_equal(ranks, [-2.5, 2.5, 1, 4.5, -4.5])
    assert wilcoxon(np.zeros(5)) == 1
    assert wilcoxon(np.array([0.0, 1, 2, 3, 4, 5, np.inf])) == 2 / 2**6


def test_least_seeds() -> None:
    assert least_seeds(0.05) == 6
    assert 2 / 2 ** least_seeds(0.01) <= 0.01 < 2 / 2 ** (least_seeds(0.01) - 1)


@pytest.mark.parametrize("test", [sign_flip, wilcoxon])
def test_nothing_to_permute(test: object) -> None:
    with pytest.raises(InvalidInput, match="needs at least 1 seed; got 0"):
        test(np.array([]))  # type: ignore[operator]
