"""The verdict: a study's scores handed to the statistics, whose own tests are beside it."""

from typing import Any

import numpy as np
import pytest
from scipy.stats import ttest_rel

from bital.study.compare import verdict
from bital.study.result import ArmResult, Column, Unit, Verdict
from bital.study.statistics.family import all_pairs, with_baseline, with_best
from bital.study.statistics.overlap import Overlap
from bital.study.statistics.power import seeds_needed
from bital.study.statistics.procedure import Procedure

ACCURACY = Column("test_accuracy", "test accuracy", "higher")
LOSS = Column("test_mae", "test MAE", "lower")
RNG = np.random.default_rng(4)
TABLE = {name: RNG.normal(0.9 + 0.01 * i, 0.01, 10) for i, name in enumerate("abcd")}


def arm(name: str, scores: object, key: str = "test_accuracy") -> ArmResult:
    return ArmResult(
        name=name,
        label=name,
        parameters=1,
        scores={key: np.asarray(scores, np.float64)},
        curves={},
        epochs=1,
        batch_size=32,
        optimizer="Adam, learning rate 0.001",
        summary="Dense 1",
        train_seconds=1.0,
        compile_seconds=1.0,
        packed=True,
    )


def judged(table: dict[str, Any], **asked: Any) -> Verdict:
    found = verdict(ACCURACY, [arm(name, scores) for name, scores in table.items()], **asked)
    assert found is not None
    return found


def test_with_the_best() -> None:
    found = judged(TABLE)
    procedure = Procedure()
    assert (found.reference, found.chosen, found.column) == ("d", False, "test_accuracy")
    assert found.procedure == procedure
    # As text: where there is no number, none is equal to it from Python 3.13 on.
    assert repr(found.comparisons) == repr(with_best(TABLE, procedure))
    assert repr(found.pairs) == repr(all_pairs(TABLE, procedure))
    assert found.comparisons[0].p == pytest.approx(ttest_rel(TABLE["a"], TABLE["d"]).pvalue)
    assert found.comparisons[0].reading == "worse"


def test_with_a_baseline_a_margin_and_overlap() -> None:
    overlap = Overlap(0.6, 0.2)
    found = judged(TABLE, baseline="b", margin=0.05, overlap=overlap)
    procedure = Procedure(margin=0.05, overlap=overlap)
    assert (found.reference, found.chosen, found.procedure) == ("b", True, procedure)
    assert found.comparisons == with_baseline(TABLE, "b", procedure)


def test_where_lower_is_better_the_lowest_is_best() -> None:
    low, high = np.array([1.0, 1.1, 0.9]), np.array([2.0, 2.2, 1.9])
    arms = [arm("high", high, "test_mae"), arm("low", low, "test_mae")]
    found = verdict(LOSS, arms)
    assert found is not None
    assert found.reference == "low"
    (one,) = found.comparisons
    assert one.mean > 0
    assert one.reading == "worse"


def test_seeds_that_would_tell_allow_for_the_number_of_tests() -> None:
    found = judged(TABLE, margin=0.02)
    apart = TABLE["a"] - TABLE["d"]
    spread = apart.std(ddof=1)
    assert found.plans["a"].observed == seeds_needed(apart.mean(), spread, alpha=0.05 / 6)
    assert found.plans["a"].named == seeds_needed(0.02, spread, alpha=0.05 / 6)
    chosen = judged(TABLE, baseline="d").plans["a"]
    assert chosen.observed == seeds_needed(apart.mean(), spread, alpha=0.05 / 3)


def test_diverged_runs_are_counted_and_lose() -> None:
    gone = np.where(np.arange(10) < 9, np.nan, TABLE["d"] + 1)
    found = judged({**TABLE, "gone": gone})
    assert found.diverged == {"gone": 9}
    assert found.reference == "d"
    one = next(c for c in found.comparisons if c.first == "gone")
    assert one.ahead == "second"
    assert "gone" not in found.plans
    assert found.probability_best["gone"] < 0.001
    assert judged({"a": TABLE["a"], "gone": gone}).comparisons[0].reading == "worse"
    assert judged({"a": TABLE["a"], "gone": gone}, baseline="gone").reference == "gone"


def test_equal_arms() -> None:
    found = judged({"a": TABLE["a"], "b": TABLE["a"]})
    assert found.reference == "a"  # the first of equals
    assert found.comparisons[0].reading == "not distinguishable"
    assert found.plans == {}
    assert found.probability_best == {"a": 0.5, "b": 0.5}


@pytest.mark.parametrize(
    ("arms", "baseline"),
    [
        ([], None),
        ([arm("only", [0.9, 0.8])], None),
        ([arm("a", [0.9]), arm("b", [0.8])], None),
        ([arm("a", [np.nan, np.nan]), arm("b", [np.nan, 0.1])], None),
        ([arm("a", [0.9, 0.8]), arm("b", [0.8, 0.7])], "c"),
    ],
    ids=["none", "one arm", "one seed", "all diverged", "baseline not finished"],
)
def test_nothing_to_compare_is_no_verdict(arms: list[ArmResult], baseline: str | None) -> None:
    assert verdict(ACCURACY, arms, baseline) is None


def test_runs_on_one_fold_are_averaged() -> None:
    units = [Unit(seed, fold, 0) for seed in range(3) for fold in range(5)]
    table = {name: RNG.normal(0.9, 0.01, 15) for name in "ab"}
    found = verdict(ACCURACY, [arm(name, scores) for name, scores in table.items()], units=units)
    assert found is not None
    means = {name: scores.reshape(3, 5).mean(axis=0) for name, scores in table.items()}
    assert found.pairs[0].p == pytest.approx(ttest_rel(means["a"], means["b"]).pvalue)
    table["a"][[0, 5]] = np.nan  # two runs on the first fold
    found = verdict(ACCURACY, [arm(name, scores) for name, scores in table.items()], units=units)
    assert found is not None
    assert found.diverged == {"a": 2}


def test_the_level_reaches_the_procedure() -> None:
    found = verdict(ACCURACY, [arm(name, scores) for name, scores in TABLE.items()], level=0.9)
    assert found is not None
    assert found.procedure.level == 0.9
