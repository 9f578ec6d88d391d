"""The bootstrap interval, against SciPy's BCa asked for the same tails."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from bital.study.statistics.bca import bca

SCORES = st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=12).map(np.array)


@pytest.mark.parametrize("count", [5, 10, 20])
def test_scipys_at_the_expanded_level(count: int) -> None:
    rng = np.random.default_rng(count)
    scores = rng.exponential(size=count)
    tail = np.sqrt(count / (count - 1)) * stats.t.ppf(0.95, count - 1)
    theirs = stats.bootstrap(
        (scores,), np.mean, confidence_level=1 - 2 * stats.norm.sf(tail), n_resamples=60_000,
        method="BCa", random_state=np.random.default_rng(0),
    ).confidence_interval  # fmt: skip
    found = bca(scores, 0.9, 60_000)
    near = 0.05 * scores.std()
    assert (found.low, found.high) == pytest.approx((theirs.low, theirs.high), abs=near)


@given(SCORES)
def test_lies_within_the_scores_and_is_the_same_each_time(scores: np.ndarray) -> None:
    found = bca(scores)
    slack = 1e-9 * (1 + np.abs(scores).max())
    assert scores.min() - slack <= found.low <= found.high <= scores.max() + slack
    assert bca(scores) == found


@given(SCORES, st.floats(0.1, 10), st.floats(-100, 100))
def test_follows_unit_and_origin(scores: np.ndarray, scale: float, shift: float) -> None:
    scores = np.round(scores, 3)
    one, other = bca(scores), bca(scale * scores + shift)
    slack = 1e-6 * (1 + np.abs(scores).max()) * (1 + scale + abs(shift))
    assert other.low == pytest.approx(scale * one.low + shift, abs=slack)
    assert other.high == pytest.approx(scale * one.high + shift, abs=slack)


def test_leans_to_the_long_tail() -> None:
    scores = np.array([1.0, 1.1, 1.2, 1.3, 3.0])
    found = bca(scores)
    assert found.high - scores.mean() > 1.5 * (scores.mean() - found.low)


def test_degenerate_samples() -> None:
    assert np.isnan(bca(np.array([0.5])).low)
    assert np.isnan(bca(np.array([])).low)
    same = bca(np.full(5, 0.97))
    assert same.low == same.high == pytest.approx(0.97)
