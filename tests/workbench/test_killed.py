"""A study that is killed at any moment and run again ends in the same bits."""

import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bital.store.store import Store
from bital.study.result import StudyResult
from bital.study.run import run_design

from . import killed


@pytest.fixture(scope="module")
def whole() -> StudyResult:
    return run_design(replace(killed.study(), keep=()), workers=1)


def kill_one(store: Path, delay: float) -> bool:
    """Start the study, kill it so long after its first sign of life; whether it was alive."""
    command = [sys.executable, "-u", killed.__file__, str(store)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        process.stdout.readline()
        time.sleep(delay)
        alive = process.poll() is None
        process.kill()
    return alive


def assert_continued(whole: StudyResult, store: Path) -> None:
    before = len(Store.open(store).runs())
    result = killed.carried_out(str(store))
    assert result.reused == before
    for one, other in zip(whole.arms, result.arms, strict=True):
        assert one.name == other.name
        for key, scores in one.scores.items():
            np.testing.assert_array_equal(scores, other.scores[key], err_msg=key)
        for key, curve in one.curves.items():
            np.testing.assert_array_equal(curve, other.curves[key], err_msg=key)
    assert repr(result.verdict) == repr(whole.verdict)
    runs = Store.open(store).runs()
    assert len(runs) == 16
    assert all(set(run.blobs) == {"history", *killed.KEEP} for run in runs)
    for run in runs:
        kept = Store.open(store).read(run, "predictions")["test"]
        right = np.mean(kept["output"].argmax(-1) == kept["target"])
        assert right == pytest.approx(run.scores["test_accuracy"])
    again = killed.carried_out(str(store))
    assert again.reused == 16


def test_a_killed_study_goes_on_where_it_was(whole: StudyResult, tmp_path: Path) -> None:
    store = tmp_path / "bital.db"
    assert kill_one(store, 0.0)
    kill_one(store, 1.5)
    assert_continued(whole, store)


@pytest.mark.slow
@pytest.mark.parametrize("time_", range(20))
def test_killed_at_random_moments(time_: int, whole: StudyResult, tmp_path: Path) -> None:
    store = tmp_path / "bital.db"
    kill_one(store, random.Random(time_).uniform(0, 6))
    assert_continued(whole, store)
