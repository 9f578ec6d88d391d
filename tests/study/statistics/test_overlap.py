"""The variance of a mean over runs that share rows."""

import pytest

from bital.errors import InvalidInput
from bital.study.statistics.overlap import Overlap, variance_of_mean


def test_independent_runs_have_one_over_n() -> None:
    assert variance_of_mean(8, None) == 1 / 8


def test_tenfold_cross_validation_ten_times_over() -> None:
    # Bouckaert and Frank (2004): 1 / 100 + 1 / 9
    assert variance_of_mean(100, Overlap(train=9, test=1)) == pytest.approx(0.01 + 1 / 9)


@pytest.mark.parametrize("sizes", [(0.0, 0.2), (0.8, 0.0), (-1, 1), (float("nan"), 1)])
def test_shares_are_above_zero(sizes: tuple[float, float]) -> None:
    with pytest.raises(InvalidInput, match="each above 0; got"):
        Overlap(*sizes)
