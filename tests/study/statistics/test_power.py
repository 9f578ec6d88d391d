"""Power of the paired t test, against published values and simulation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import t

from bital.errors import InvalidInput
from bital.study.statistics.differences import subtract
from bital.study.statistics.overlap import Overlap
from bital.study.statistics.power import plan, power, seeds_needed


@pytest.mark.parametrize(
    ("size", "alpha", "seeds"),
    [(0.2, 0.05, 199), (0.5, 0.05, 34), (0.8, 0.05, 15), (0.5, 0.01, 51)],
)
def test_known_sample_sizes(size: float, alpha: float, seeds: int) -> None:
    assert seeds_needed(size, 1, 0.8, alpha) == seeds  # Cohen's small, medium, large effects


@settings(max_examples=25, deadline=None)
@given(st.floats(0.2, 5), st.floats(0.3, 0.95), st.sampled_from([None, Overlap(9, 1)]))
def test_is_the_fewest(size: float, wanted: float, overlap: Overlap | None) -> None:
    seeds = seeds_needed(size, 1, wanted, overlap=overlap)
    if seeds is None:
        assert power(size, 1, 100_000, overlap=overlap) < wanted
        return
    assert power(size, 1, seeds, overlap=overlap) >= wanted
    assert seeds == 2 or power(size, 1, seeds - 1, overlap=overlap) < wanted


def test_no_difference_is_found_at_the_level() -> None:
    assert power(0, 1, 7) == pytest.approx(0.05)
    assert seeds_needed(0, 1) is None


def test_only_the_ratio_and_not_the_sign_counts() -> None:
    assert power(-3, 6, 9) == pytest.approx(power(0.5, 1, 9))
    assert power(1e6, 1, 5) == 1


@pytest.mark.parametrize("size", [0.0, 0.5, 1, 2, 4, 8, 20])
@pytest.mark.parametrize("count", [2, 5, 100])
def test_is_the_share_of_simulated_samples(size: float, count: int) -> None:
    rng = np.random.default_rng(count)
    means = size + rng.normal(0, 1, 40_000) / np.sqrt(count)
    errors = np.sqrt(rng.chisquare(count - 1, 40_000) / (count - 1) / count)
    share = np.mean(np.abs(means / errors) > t.isf(0.025, count - 1))
    assert power(size, 1, count) == pytest.approx(share, abs=0.01)


def test_more_seeds_do_not_make_up_for_shared_rows() -> None:
    # the corrected standard error never falls below sqrt(1 / 3) = 0.58 standard deviations
    assert seeds_needed(1, 1, overlap=Overlap(3, 1)) is None
    assert seeds_needed(2, 1, overlap=Overlap(3, 1)) is not None


def test_plan_asks_for_both_differences() -> None:
    values = np.array([0.2, -0.1, 0.3, 0.1, -0.2])
    found = plan(subtract(values, np.zeros(5)), named=0.2)
    spread = values.std(ddof=1)
    assert found.seeds == 5
    assert found.observed == seeds_needed(values.mean(), spread)
    assert found.named == seeds_needed(0.2, spread)
    assert plan(subtract(values, np.zeros(5))).named is None


@pytest.mark.parametrize("wanted", [0, 1, 1.5, float("nan")])
def test_power_is_a_probability(wanted: float) -> None:
    with pytest.raises(InvalidInput, match="power must be above 0 and below 1"):
        seeds_needed(1, 1, wanted)


def test_equal_differences_need_no_plan() -> None:
    with pytest.raises(InvalidInput, match="std must be above 0; got 0"):
        plan(subtract(np.ones(3), np.zeros(3)))
    with pytest.raises(InvalidInput, match="at least 2 seeds; got 1"):
        power(1, 1, 1)
