"""The verdict against SciPy's paired t interval, and on data where there is nothing to find."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from bital.study.compare import LEVEL, verdict
from bital.study.result import Column, VariantResult

ACCURACY = Column("test_accuracy", "test accuracy", "higher")
LOSS = Column("test_mae", "test MAE", "lower")


def variant(name: str, scores: object, key: str = "test_accuracy") -> VariantResult:
    return VariantResult(
        name=name,
        label=name,
        parameters=1,
        scores={key: np.asarray(scores, np.float64)},
        curves={},
        train_seconds=1.0,
        compile_seconds=1.0,
        packed=True,
    )


@pytest.mark.parametrize("count", [2, 3, 10, 40])
def test_intervals_are_scipys(count: int) -> None:
    rng = np.random.default_rng(count)
    table = {name: rng.normal(0.9, 0.02, count) for name in "abc"}
    found = verdict(ACCURACY, [variant(name, scores) for name, scores in table.items()])
    assert found is not None
    assert found.best == max(table, key=lambda name: table[name].mean())
    assert found.level == LEVEL == 0.95
    assert [d.variant for d in found.differences] == [n for n in table if n != found.best]
    for difference in found.differences:
        test = ttest_rel(table[difference.variant], table[found.best])
        low, high = test.confidence_interval(0.95)
        assert difference.mean == pytest.approx(
            (table[difference.variant] - table[found.best]).mean()
        )
        assert (difference.low, difference.high) == pytest.approx((low, high))
        assert difference.distinguishable == (test.pvalue < 0.05)


def test_where_lower_is_better_the_lowest_is_best() -> None:
    low, high = [1.0, 1.1, 0.9], [2.0, 2.2, 1.9]
    variants = [variant("high", high, "test_mae"), variant("low", low, "test_mae")]
    found = verdict(LOSS, variants)
    assert found is not None
    assert found.best == "low"
    (difference,) = found.differences
    assert difference.mean > 0
    assert difference.distinguishable


def test_a_single_pair_is_told_apart_by_mistake_5_times_in_100() -> None:
    rng = np.random.default_rng(0)
    trials, wrong, covered = 2000, 0, 0
    for _ in range(trials):
        # seeds differ much, variants not at all: pairing has to take the seeds' share out
        seeds = rng.normal(0.9, 0.05, 10)
        pair = [variant(name, seeds + rng.normal(0, 0.01, 10)) for name in "ab"]
        found = verdict(ACCURACY, pair)
        assert found is not None
        wrong += found.differences[0].distinguishable
        covered += found.differences[0].low <= 0 <= found.differences[0].high
    # 5 % of 2000 is 100, with a standard deviation of 10
    assert 60 <= wrong <= 140
    assert wrong + covered == trials


def test_diverged_variants_are_named_and_not_compared() -> None:
    variants = [
        variant("gone", [0.9, np.nan, 0.9]),
        variant("good", [0.8, 0.9, 0.85]),
        variant("endless", [0.1, np.inf, 0.2]),
        variant("poor", [0.5, 0.6, 0.4]),
    ]
    found = verdict(ACCURACY, variants)
    assert found is not None
    assert found.diverged == ("gone", "endless")
    assert found.best == "good"
    assert [d.variant for d in found.differences] == ["poor"]


@pytest.mark.parametrize(
    "variants",
    [
        [],
        [variant("only", [0.9, 0.8])],
        [variant("a", [0.9]), variant("b", [0.8])],
        [variant("a", [0.9, 0.8]), variant("b", [0.8, np.nan])],
        [variant("a", [np.nan, np.nan]), variant("b", [np.nan, 0.1])],
    ],
    ids=["none", "one variant", "one seed", "one finite", "none finite"],
)
def test_nothing_to_compare_is_no_verdict(variants: list[VariantResult]) -> None:
    assert verdict(ACCURACY, variants) is None


def test_equal_variants_are_not_distinguishable() -> None:
    found = verdict(ACCURACY, [variant("a", [0.9, 0.8, 0.7]), variant("b", [0.9, 0.8, 0.7])])
    assert found is not None
    assert found.best == "a"  # the first of equals
    assert not found.differences[0].distinguishable
    assert (found.differences[0].low, found.differences[0].high) == (0, 0)


def test_the_same_difference_on_every_seed_is_distinguishable() -> None:
    found = verdict(ACCURACY, [variant("a", [0.5, 0.75, 1.0]), variant("b", [0.25, 0.5, 0.75])])
    assert found is not None
    assert found.differences[0].distinguishable
    assert found.differences[0].low == found.differences[0].high == -0.25
