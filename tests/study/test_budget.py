"""A study by the clock: honest looks, and no time that is not there."""

from math import nan
from typing import Any

import keras
import numpy as np
import pytest

from bital.errors import InvalidInput
from bital.study import budget
from bital.study.budget import Clock, rounds, seconds_of, settled
from bital.study.run import run_design
from bital.study.splits import Holdout, KFold
from bital.study.statistics import comparison
from bital.study.statistics.effect import Effect
from bital.study.statistics.family import with_baseline, with_best
from bital.study.statistics.interval import UNKNOWN
from bital.study.statistics.procedure import Procedure

from .small import Memory, design, model, rows, wide

T = Procedure()


@pytest.mark.parametrize(
    ("given", "seconds"), [("90s", 90), ("10m", 600), ("1.5h", 5400), (2, 2), (0.5, 0.5)]
)
def test_times(given: Any, seconds: float) -> None:
    assert seconds_of(given) == seconds


@pytest.mark.parametrize("given", ["", "10", "10 days", "-1m", 0, -5, float("nan"), True, "0s"])
def test_what_is_no_time(given: Any) -> None:
    with pytest.raises(InvalidInput, match="time_budget must be"):
        seconds_of(given)


def test_rounds_are_of_five() -> None:
    assert rounds(range(12)) == [(0, 1, 2, 3, 4), (5, 6, 7, 8, 9), (10, 11)]


def test_only_what_is_clear_is_settled() -> None:
    rng = np.random.default_rng(0)
    seeds = rng.normal(0, 5, 10)
    table = {
        "far": seeds - 10 + rng.normal(0, 0.1, 10),
        "near": seeds - 0.1 + rng.normal(0, 0.2, 10),
        "best": seeds + rng.normal(0, 0.1, 10),
    }
    assert settled(table, T, None) == {"far"}
    assert settled(table, T, "near") == {"far"}
    assert settled(table, T, "far") == {"near", "best", "far"}  # nothing is open any more
    assert settled({"best": table["best"]}, T, None) == set()
    assert settled(table, Procedure(margin=100), None) == {"far", "near", "best"}  # equivalent


def looked_at(rng: np.random.Generator, baseline: str | None, arms: int, looks: int) -> bool:
    """Whether a study of equal arms, looked at every five seeds, ends with a finding."""
    seeds = rng.normal(0, 5, (1, 5 * looks))
    scores = dict(zip("abcdefgh", seeds + rng.normal(size=(arms, 5 * looks)), strict=False))
    had = dict.fromkeys(scores, 5 * looks)
    open_ = list(scores)
    for look in range(1, looks):
        clear = settled({name: scores[name][: 5 * look] for name in open_}, T, baseline)
        had |= dict.fromkeys(clear, 5 * look)
        open_ = [name for name in open_ if name not in clear]
        if len(open_) < 2:
            had |= dict.fromkeys(open_, 5 * look)
            break
    ended = {name: scores[name][:count] for name, count in had.items()}
    found = with_best(ended, T) if baseline is None else with_baseline(ended, baseline, T)
    return any(one.distinguishable for one in found)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave out effect sizes, which decide nothing and take most of the time."""
    monkeypatch.setattr(comparison, "effect", lambda *given: Effect(nan, UNKNOWN))


@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize(
    ("baseline", "arms", "low"), [("a", 2, 0.03), ("a", 4, 0.03), (None, 4, 0.0)]
)
def test_looks_leave_the_rate_of_false_findings(
    baseline: str | None, arms: int, low: float
) -> None:
    rng = np.random.default_rng(arms)
    trials = 500
    rate = np.mean([looked_at(rng, baseline, arms, looks=4) for _ in range(trials)])
    # The best mean is compared on the safe side; docs/statistics.md.
    assert low - 2 * np.sqrt(0.03 / trials) <= rate <= 0.07 + 1e-9


@pytest.mark.slow
@pytest.mark.usefixtures("quick")
@pytest.mark.parametrize("looks", [2, 4, 10])
@pytest.mark.parametrize(("baseline", "arms"), [("a", 2), ("a", 5), (None, 5)])
def test_looks_leave_the_rate_of_false_findings_at_length(
    baseline: str | None, arms: int, looks: int
) -> None:
    rng = np.random.default_rng(arms + looks)
    trials = 4_000
    rate = np.mean([looked_at(rng, baseline, arms, looks) for _ in range(trials)])
    assert (0.0 if baseline is None else 0.03) <= rate <= 0.07


class FakeTime:
    def __init__(self) -> None:
        self.now = 0.0

    def perf_counter(self) -> float:
        return self.now


def test_a_round_begins_only_where_it_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    time = FakeTime()
    monkeypatch.setattr(budget, "time", time)
    clock = Clock(100, 0.0)
    clock.begin()
    time.now = 40
    clock.end(10)  # 4 s a run
    assert clock.has_time(15)
    assert not clock.has_time(16)
    clock.begin()
    clock.end(0)  # everything was in the store
    assert not clock.has_time(16)


def still() -> keras.Model:
    """A model that begins at a loss of log 3 and stays there."""
    made = keras.Sequential([keras.Input((4,)), keras.layers.Dense(3, "softmax", False, "zeros")])
    loss = "sparse_categorical_crossentropy"
    made.compile(keras.optimizers.SGD(1e-9), loss, metrics=["accuracy"])
    return made


def test_time_goes_where_the_verdict_is_open() -> None:
    """An arm that does not learn is settled by the first look; the others get every seed."""
    shelf = Memory()
    arms = {"wide": wide, "wider": lambda: model(9), "still": still}
    asked = design(
        arms=arms,
        data=rows(180, noise=0.1),
        seeds=7,
        epochs=12,
        metric="test_loss",
        splits=Holdout(fixed=True),
    )
    result = run_design(asked, shelf=shelf, time_budget="10m")
    runs = {arm.name: len(arm.scores["test_loss"]) for arm in result.arms}
    assert runs == {"wide": 7, "wider": 7, "still": 5}
    assert len(result.units) == 7
    assert result.verdict is not None
    one = next(c for c in result.verdict.pairs if {c.first, c.second} == {"wide", "still"})
    assert one.distinguishable
    again = run_design(asked, shelf=shelf, time_budget="10m")
    assert again.reused == sum(runs.values())
    for first, other in zip(result.arms, again.arms, strict=True):
        np.testing.assert_array_equal(first.scores["test_loss"], other.scores["test_loss"])


def test_the_first_round_is_always_run() -> None:
    result = run_design(design(seeds=12), time_budget=0.001)
    assert [len(arm.scores["val_accuracy"]) for arm in result.arms] == [5, 5]
    assert not result.interrupted


def test_folds_get_no_more_seeds() -> None:
    with pytest.raises(InvalidInput, match="more seeds on the same folds say little more"):
        run_design(design(splits=KFold(3), metric="test_loss"), time_budget="10m")
