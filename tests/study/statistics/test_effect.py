"""Effect size and its interval, against known values and SciPy's noncentral t."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import nct

from bital.study.statistics.differences import subtract
from bital.study.statistics.effect import effect, hedges
from bital.study.statistics.overlap import Overlap


def test_hedges_factor() -> None:
    # 1 - 3 / (4 df - 1) is Hedges' own approximation
    for freedom in (5, 9, 19, 100):
        assert hedges(freedom) == pytest.approx(1 - 3 / (4 * freedom - 1), rel=0.003)
    assert hedges(2) == pytest.approx(np.sqrt(1 / np.pi))  # Gamma(1) / Gamma(1/2)
    assert np.isnan(hedges(1))


@settings(max_examples=30, deadline=None)
@given(
    st.floats(-30, 30), st.integers(2, 30), st.sampled_from([0.8, 0.95]),
    st.sampled_from([None, Overlap(3, 1)]),
)  # fmt: skip
def test_interval_inverts_the_noncentral_t(
    shift: float, count: int, level: float, overlap: Overlap | None
) -> None:
    noise = np.random.default_rng(count).normal(0, 1, count)
    differences = subtract(noise + shift, np.zeros(count), overlap)
    found = effect(differences, level)
    statistic = differences.mean / differences.error
    unit = differences.error / differences.std
    tail = (1 - level) / 2
    assert nct.cdf(statistic, count - 1, found.interval.low / unit) == pytest.approx(
        1 - tail, abs=1e-4
    )
    assert nct.cdf(statistic, count - 1, found.interval.high / unit) == pytest.approx(
        tail, abs=1e-4
    )


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("count", [2, 5, 30])
def test_very_large_effects_go_on_where_large_ones_end(sign: int, count: int) -> None:
    noise = np.random.default_rng(count).normal(0, 1, count)
    noise = (noise - noise.mean()) / noise.std(ddof=1)

    def ends(statistic: float) -> list[float]:
        size = sign * statistic / np.sqrt(count)
        found = effect(subtract(noise + size, np.zeros(count))).interval
        return [found.low / statistic, found.high / statistic]

    assert ends(999) == pytest.approx(ends(1001), rel=0.01)
    assert ends(1e7) == pytest.approx(ends(1001), rel=0.01)


def test_size_is_hedges_times_cohens() -> None:
    values = np.array([1.0, 2.0, 3.0, 6.0])
    found = effect(subtract(values, np.zeros(4)))
    assert found.size == pytest.approx(hedges(3) * values.mean() / values.std(ddof=1))
    assert found.interval.low < found.size < found.interval.high


def test_mean_size_over_many_samples_is_the_true_one() -> None:
    rng = np.random.default_rng(0)
    samples = rng.normal(0.5, 1, (20_000, 5))
    sizes = hedges(4) * samples.mean(1) / samples.std(1, ddof=1)
    assert sizes.mean() == pytest.approx(0.5, abs=4 * sizes.std() / np.sqrt(len(sizes)))


def test_equal_differences_have_no_size() -> None:
    found = effect(subtract(np.ones(4), np.zeros(4)))
    assert np.isnan([found.size, found.interval.low, found.interval.high]).all()
