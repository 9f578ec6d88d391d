"""Jobs in worker processes: the same bits, whoever dies on the way."""

import os
from pathlib import Path
from threading import Lock
from typing import Any

import keras
import numpy as np
import pytest

from bital.engine import memory
from bital.errors import BitalError, InvalidInput
from bital.study import workers
from bital.study.arm import Arm
from bital.study.bench import Bench, Job
from bital.study.estimate import Moment
from bital.study.result import Unit
from bital.study.run import run_design
from bital.study.table import table
from bital.study.workers import worthwhile

from .small import Memory, Watching, design, model, narrow, rows, wide


class Dying(keras.callbacks.Callback):
    """Ends its process: always, or the first time only, which a file tells."""

    def __init__(self, mark: Path | None = None) -> None:
        super().__init__()
        self.mark = mark

    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        if self.mark is None or not self.mark.exists():
            if self.mark is not None:
                self.mark.touch()
            os._exit(9)


class Raising(keras.callbacks.Callback):
    def on_epoch_end(self, epoch: int, logs: object = None) -> None:
        raise LookupError("no such thing")


def test_the_outcomes_are_those_of_one_process_whoever_dies_once(tmp_path: Path) -> None:
    fine = {
        "packed": wide,
        "lambda": lambda: model(units=3, dropout=0.2),
        "watches": Arm(narrow, callbacks=lambda: [Watching()]),
    }
    once = tmp_path / "died"
    alone = run_design(design(arms=fine, seeds=2), workers=1)
    arms = {
        **fine,
        "dies once": Arm(wide, callbacks=lambda: [Dying(once)]),
        "raises": Arm(wide, callbacks=lambda: [Raising()]),
    }
    shelf, told = Memory(), list[Moment]()
    result = run_design(design(arms=arms, seeds=2), workers=2, shelf=shelf, listener=told.append)
    assert [arm.name for arm in result.arms] == [*fine, "dies once"]
    for one, other in zip(alone.arms, result.arms, strict=False):
        for key, scores in one.scores.items():
            np.testing.assert_array_equal(scores, other.scores[key])
        for key, curve in one.curves.items():
            np.testing.assert_array_equal(curve, other.curves[key])
    assert set(result.failed) == {"raises"}
    assert "'raises': LookupError: no such thing" in result.failed["raises"]
    assert once.exists()
    assert len(shelf.kept) == 8
    assert told[-1].runs_done == 8


@pytest.mark.slow
def test_who_dies_twice_is_named_and_the_rest_goes_on() -> None:
    arms = {"dies": Arm(wide, callbacks=lambda: [Dying()]), "wide": wide}
    result = run_design(design(arms=arms), workers=2)
    assert [arm.name for arm in result.arms] == ["wide"]
    assert "'dies': its worker process died twice" in result.failed["dies"]


def test_ctrl_c_ends_the_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[Any] = []
    popen = workers.subprocess.Popen

    class Watched(popen):  # type: ignore[misc, valid-type]
        def __init__(self, *args: Any, **options: Any) -> None:
            super().__init__(*args, **options)
            started.append(self)

    monkeypatch.setattr(workers.subprocess, "Popen", Watched)

    def stop(moment: Moment) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_design(design(), workers=2, listener=stop)
    assert started
    assert all(process.wait(timeout=20) is not None for process in started)


def test_where_nothing_is_finished_the_error_is_raised() -> None:
    asked = design(arms={"raises": Arm(wide, callbacks=lambda: [Raising()])}, seeds=1)
    with pytest.raises(LookupError, match="no such thing"):
        run_design(asked, workers=1)


def test_in_this_process_too_the_rest_goes_on() -> None:
    arms = {"raises": Arm(wide, callbacks=lambda: [Raising()]), "wide": wide}
    result = run_design(design(arms=arms), workers=1)
    assert [arm.name for arm in result.arms] == ["wide"]
    assert result.failed == {"raises": "arm 'raises': LookupError: no such thing"}


@pytest.mark.parametrize(
    ("jobs", "expected"),
    [
        ([("packed", 1000.0, 100)] * 9, 1),
        ([("turn", 40.0, 100)], 1),
        ([("turn", 40.0, 100), ("turn", 40.0, 100)], 2),
        ([("turn", 10.0, 100), ("turn", 10.0, 100)], 1),
        ([("turn", 400.0, 10**9)] * 9, 1),
        ([("turn", 400.0, 100)] * 9, 4),
    ],
)
def test_processes_are_worth_it_where_cores_would_idle(
    jobs: list[tuple[str, float, int]], expected: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "cores", lambda: 4)
    monkeypatch.setattr(memory, "budget", lambda: 10**11)
    bench = Bench(design(), table(rows()), {})
    costs = [(Job(name, (Unit(0),)), seconds, work) for name, seconds, work in jobs]
    assert worthwhile(bench, costs, {"packed"}) == expected
    monkeypatch.setattr(memory, "budget", lambda: 10**9)
    assert worthwhile(bench, costs, {"packed"}) <= 2


def test_an_arm_that_cannot_travel() -> None:
    lock = Lock()
    with pytest.raises(InvalidInput, match="give workers=1"):
        run_design(design(arms={"a": lambda: (lock, wide())[1]}), workers=2)


@pytest.mark.parametrize("count", [0, -1, 1.5])
def test_a_number_of_workers_that_cannot_be(count: Any) -> None:
    with pytest.raises(InvalidInput, match="workers must be an integer of at least 1"):
        run_design(design(), workers=count)


def test_what_workers_raise_is_bitals() -> None:
    assert issubclass(workers.WorkerLost, BitalError)
