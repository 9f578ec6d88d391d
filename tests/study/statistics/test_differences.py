"""Scores subtracted seed by seed."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bital.errors import InvalidInput
from bital.study.statistics.differences import Differences, subtract
from bital.study.statistics.overlap import Overlap

SCORES = st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=12).map(np.array)


def test_mean_deviation_and_error() -> None:
    found = subtract(np.array([3.0, 5.0, 10.0]), np.array([1.0, 1.0, 1.0]))
    assert (found.seeds, found.mean) == (3, 5.0)
    assert found.std == pytest.approx(np.sqrt(13))
    assert found.error == pytest.approx(np.sqrt(13 / 3))


def test_overlap_widens_the_error() -> None:
    values = np.array([1.0, 2.0, 4.0])
    assert Differences(values, Overlap(2, 1)).error == pytest.approx(
        values.std(ddof=1) * np.sqrt(1 / 3 + 1 / 2)
    )


def test_rounding_is_no_spread() -> None:
    found = subtract(np.array([0.3, 0.2, 0.9]), np.array([0.2, 0.1, 0.8]))
    assert np.ptp(np.array([0.3, 0.2, 0.9]) - np.array([0.2, 0.1, 0.8])) > 0
    assert found.std == 0
    assert found.mean == pytest.approx(0.1)


@given(SCORES, st.floats(-1e6, 1e6))
def test_an_arm_differs_from_itself_by_nothing(scores: np.ndarray, shift: float) -> None:
    found = subtract(scores, scores)
    assert (found.mean, found.std, found.error) == (0, 0, 0)
    assert subtract(scores + shift, scores).std <= 1e-9 * (1 + np.abs(scores).max() + abs(shift))


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        ([1.0, 2.0], [1.0, 2.0, 3.0], r"got shapes \(2,\) and \(3,\)\. Run both arms"),
        ([[1.0, 2.0]], [[1.0, 2.0]], "one score for each shared seed"),
        ([1.0], [2.0], r"needs at least 2 seeds; got 1\. Run more seeds"),
        ([], [], "needs at least 2 seeds; got 0"),
        ([1.0, np.nan], [1.0, 2.0], "a run diverged"),
    ],
)
def test_what_cannot_be_paired(first: list[float], second: list[float], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        subtract(np.array(first), np.array(second))
