"""One arm beside another, diverged runs and ties included."""

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from bital.errors import InvalidInput
from bital.study.statistics.comparison import Comparison, compare
from bital.study.statistics.overlap import Overlap
from bital.study.statistics.permutation import sign_flip, wilcoxon
from bital.study.statistics.procedure import Procedure

RNG = np.random.default_rng(11)
BASE = RNG.normal(0.9, 0.05, 12)
GOOD = BASE + 0.02 + RNG.normal(0, 0.005, 12)


def against(first: Any, second: Any, **settings: Any) -> Comparison:
    arms = np.asarray(first, np.float64), np.asarray(second, np.float64)
    return compare(("a", arms[0]), ("b", arms[1]), Procedure(**settings))


def test_the_t_test_and_what_belongs_to_it() -> None:
    found = against(GOOD, BASE, level=0.9)
    theirs = stats.ttest_rel(GOOD, BASE)
    low, high = theirs.confidence_interval(0.9)
    assert (found.first, found.second, found.method, found.ahead) == ("a", "b", "t", "first")
    assert found.p == found.adjusted_p == pytest.approx(theirs.pvalue)
    assert (found.interval.low, found.interval.high) == pytest.approx((low, high))
    assert found.mean == pytest.approx((GOOD - BASE).mean())
    assert found.reading == "better"
    assert found.distinguishable
    assert np.isnan(found.equivalence_p)


def test_other_methods_on_demand() -> None:
    assert against(GOOD, BASE, method="sign_flip").p == sign_flip(GOOD - BASE)
    assert against(GOOD, BASE, method="wilcoxon").p == wilcoxon(GOOD - BASE)


def test_readings() -> None:
    assert against(BASE, GOOD).reading == "worse"
    assert against(BASE, GOOD, better="lower").reading == "better"
    assert against(GOOD, BASE, overlap=Overlap(1, 50)).reading == "not distinguishable"
    assert against(GOOD, BASE, margin=0.1).reading == "equivalent"
    assert not against(GOOD, BASE, margin=0.1).distinguishable
    assert against(GOOD, BASE, margin=0.001).reading == "better"


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([None, 0.01]), st.integers(0, 3))
def test_turning_a_comparison_round_turns_its_reading(
    seed: int, margin: float | None, lost: int
) -> None:
    rng = np.random.default_rng(seed)
    a, b = rng.normal(0, 1, (2, 8)) * 0.02
    a[rng.permutation(8)[:lost]] = np.nan
    one, other = against(a, b, margin=margin), against(b, a, margin=margin)
    turned = {"better": "worse", "worse": "better"}
    assert other.reading == turned.get(one.reading, one.reading)
    assert other.p == one.p
    mirrored = against(-a, -b, margin=margin, better="lower")
    assert mirrored.reading == one.reading
    if not lost:
        assert (other.interval.low, other.interval.high) == pytest.approx(
            (-one.interval.high, -one.interval.low)
        )


def test_equal_differences_are_judged_by_their_signs() -> None:
    few, many = np.linspace(0.5, 0.9, 3), np.linspace(0.5, 0.9, 6)
    found = against(few + 0.1, few)
    assert (found.method, found.p, found.reading) == ("sign_flip", 0.25, "not distinguishable")
    assert np.isnan(found.interval.low)
    assert against(many + 0.1, many).reading == "better"


def test_equal_arms() -> None:
    found = against(BASE, BASE, margin=0.01)
    assert (found.mean, found.p, found.ahead) == (0, 1, "neither")
    assert (found.interval.low, found.interval.high) == (0, 0)
    assert found.reading == "equivalent"
    assert against(BASE, BASE).reading == "not distinguishable"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
@pytest.mark.parametrize("better", ["higher", "lower"])
def test_a_diverged_run_is_worse_than_any_other(bad: float, better: str) -> None:
    poor = BASE + (-0.1 if better == "higher" else 0.1)
    lost = BASE.copy()
    lost[:10] = bad
    found = against(lost, poor, better=better)
    assert (found.method, found.reading) == ("wilcoxon", "worse")
    assert np.isnan([found.mean, found.interval.low, found.effect.size]).all()
    ranks = np.r_[[-7.5] * 10, [1.5] * 2]  # ten tie for the last places, two are better by 0.1
    assert found.p == sign_flip(ranks)


def test_one_diverged_run_of_many_does_not_decide() -> None:
    lost = GOOD.copy()
    lost[0] = np.nan
    assert against(lost, BASE).reading == "better"
    lost[:4] = np.nan
    assert against(lost, BASE).reading == "not distinguishable"


def test_runs_that_diverged_on_the_same_seed_are_equal() -> None:
    nothing = np.full(8, np.nan)
    found = against(nothing, nothing, margin=0.1)
    assert (found.p, found.ahead, found.reading) == (1, "neither", "not distinguishable")


@pytest.mark.parametrize(
    ("count", "settings", "said"),
    [
        (1, {}, "the t test at level 0.95 needs at least 2 seeds; got 1. Run more seeds."),
        (5, {"method": "sign_flip"}, "the sign_flip test at level 0.95 needs at least 6 seeds"),
        (7, {"method": "wilcoxon", "level": 0.99}, "needs at least 8 seeds; got 7"),
    ],
)
def test_fewer_seeds_than_a_test_needs(count: int, settings: Any, said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        against(np.arange(count), np.arange(count) ** 2, **settings)
