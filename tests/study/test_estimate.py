"""Time left on a simulated clock: told honestly, and never going back on what is done."""

from collections.abc import Callable

import pytest

from bital.study import estimate
from bital.study.estimate import Estimate, Moment, Work

STEPS = 4000
WORK = [
    Work("small", STEPS, 10_000),
    Work("middle", STEPS, 500_000),
    Work("large", STEPS, 2_000_000),
]


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def perf_counter(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(estimate, "time", clock)
    return clock


def simulate(clock: Clock, factor: Callable[[int], float]) -> list[tuple[float, Moment]]:
    """A study that takes `factor(job)` times what is expected; moments and when they came."""
    told: list[tuple[float, Moment]] = []
    kept = Estimate(WORK, 30, lambda moment: told.append((clock.now, moment)))
    for index in range(len(WORK)):
        kept.prepare(index)
        clock.now += Estimate.PREPARE * factor(index)
    for index, work in enumerate(WORK):
        kept.begin(index)
        clock.now += Estimate.COMPILE * factor(index)
        for _ in range(10):
            clock.now += work.training / 10 * factor(index)
            kept.steps(index, STEPS // 10)
        kept.runs_done += 10
        kept.end(index)
    return told


@pytest.mark.parametrize("factor", [1.0, 0.2, 7.0])
def test_on_a_machine_of_any_speed_the_time_left_is_the_time_left(
    clock: Clock, factor: float
) -> None:
    told = simulate(clock, lambda _: factor)
    assert len(told) == 39
    for when, moment in told[1:]:
        assert moment.seconds_left == pytest.approx(clock.now - when, abs=1e-6)


def test_where_the_weights_are_wrong_it_is_within_their_error(clock: Clock) -> None:
    told = simulate(clock, lambda index: [1.0, 2.0, 1.5][index])
    for when, moment in told[3:]:
        left = clock.now - when
        assert moment.seconds_left is not None
        assert left / 2 - 1e-6 <= moment.seconds_left <= left * 2 + 1e-6


def test_the_share_done_never_falls_and_ends_at_the_whole(clock: Clock) -> None:
    told = simulate(clock, lambda index: [1.0, 9.0, 0.3][index])
    shares = [moment.done for _, moment in told]
    assert shares == sorted(shares)
    assert shares[0] == 0
    assert shares[-1] == pytest.approx(1)
    assert told[-1][1].seconds_left == pytest.approx(0, abs=1e-6)


def test_nothing_is_promised_before_anything_is_measured(clock: Clock) -> None:
    told = simulate(clock, lambda _: 1.0)
    assert told[0][1].seconds_left is None


def test_arms_are_named_and_runs_counted(clock: Clock) -> None:
    told = [moment for _, moment in simulate(clock, lambda _: 1.0)]
    assert [(m.arm, m.training) for m in told[:3]] == [
        ("small", False),
        ("middle", False),
        ("large", False),
    ]
    assert {(m.arm, m.runs_done) for m in told[3:]} == {
        ("small", 0),
        ("small", 10),
        ("middle", 10),
        ("middle", 20),
        ("large", 20),
        ("large", 30),
    }
    assert all(m.training and m.runs == 30 for m in told[3:])


def test_more_steps_than_expected_stay_within_the_job(clock: Clock) -> None:
    told: list[Moment] = []
    kept = Estimate([Work("a", 10, 1), Work("b", 10, 1)], 2, told.append)
    kept.begin(0)
    kept.steps(0, 0)  # none yet: nothing new to tell
    assert len(told) == 1
    clock.now += 1
    kept.steps(0, 1000)
    assert told[-1].done == pytest.approx(0.5)


def test_jobs_at_work_at_once_add_up(clock: Clock) -> None:
    told: list[Moment] = []
    kept = Estimate([Work("a", 10, 1), Work("b", 10, 1)], 4, told.append, runs_done=1)
    kept.begin(1)
    kept.begin(0)
    kept.runs_done += 2
    kept.end(1)
    assert (told[-1].arm, told[-1].runs_done) == ("b", 3)
    kept.steps(0, 10)
    assert told[-1].done == pytest.approx(1)
