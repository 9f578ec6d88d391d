"""How much the best validation epoch flatters."""

import numpy as np
import pytest

from bital.errors import InvalidInput
from bital.study.statistics.bca import bca
from bital.study.statistics.optimism import optimism

VALIDATION = np.array([[0.5, 0.9, 0.7], [0.6, 0.7, 0.8], [0.9, 0.8, 0.9]])
TEST = np.array([[0.5, 0.6, 0.7], [0.4, 0.5, 0.6], [0.5, 0.6, 0.8]])


def test_by_hand() -> None:
    found = optimism(VALIDATION, TEST, "higher")
    np.testing.assert_array_equal(found.epochs, [2, 3, 1])
    assert found.last.mean == pytest.approx((0.2 + 0.2 + 0.1) / 3)
    assert found.same is not None
    assert found.same.mean == pytest.approx((0.3 + 0.2 + 0.4) / 3)
    assert found.same.interval.low == pytest.approx(bca(np.array([0.3, 0.2, 0.4])).low)
    assert found.diverged == 0


def test_lower_is_better() -> None:
    one, other = optimism(VALIDATION, TEST, "higher"), optimism(-VALIDATION, -TEST, "lower")
    assert other.last == one.last
    np.testing.assert_array_equal(other.epochs, one.epochs)


def test_the_last_test_score_alone() -> None:
    found = optimism(VALIDATION, TEST[:, -1], "higher")
    assert found.same is None
    assert found.last == optimism(VALIDATION, TEST, "higher").last


def test_choosing_among_noise_flatters() -> None:
    rng = np.random.default_rng(0)
    noise = rng.normal(0.9, 0.01, (2, 200, 30))
    found = optimism(noise[0], noise[1], "higher")
    # the expected largest of 30 standard normal values is 2.04
    assert found.last.mean == pytest.approx(0.0204, abs=0.002)
    assert found.last.interval.low < 0.0204 < found.last.interval.high


def test_diverged_runs_are_counted() -> None:
    validation, test = VALIDATION.copy(), TEST.copy()
    validation[0, 1:], test[0, 1:] = np.nan, np.nan
    validation[1] = np.nan
    found = optimism(validation, test, "higher")
    assert found.diverged == 2
    assert np.isnan(found.last.mean)
    np.testing.assert_array_equal(found.epochs, [1, 0, 1])


@pytest.mark.parametrize(
    ("validation", "test"), [((3,), (3,)), ((3, 0), (3,)), ((3, 4), (4,)), ((3, 4), (3, 5))]
)
def test_shapes(validation: tuple[int, ...], test: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match="validation must be seeds x epochs"):
        optimism(np.ones(validation), np.ones(test), "higher")
