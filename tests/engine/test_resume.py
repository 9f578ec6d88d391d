"""A training that was killed, resumed, ends in the same bits as one that was not."""

import os
import random
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import bital
from bital.errors import InvalidInput
from engine import made

X, Y = made.iris(60)
SCRIPT = Path(__file__).with_name("killed.py")
KINDS = ["ahead", "watched", "dataset", "seconds"]
# Keras reads its own variables so, and NumPy 2 tells it.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def process(folder: Path, kind: str) -> "subprocess.Popen[bytes]":
    tests = str(SCRIPT.parent.parent)
    paths = os.pathsep.join([tests, os.environ.get("PYTHONPATH", "")])
    arguments = [str(SCRIPT), str(folder), f"{folder}.out.npz", kind]
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", *arguments], env=os.environ | {"PYTHONPATH": paths}
    )


def left_by(folder: Path) -> dict[str, Any]:
    with np.load(f"{folder}.out.npz") as file:
        values = dict(file)
    csv = Path(f"{folder}.csv").read_text(encoding="utf-8")
    best = keras.models.load_model(f"{folder}.keras").get_weights()
    return values | {"csv": csv} | {f"best{i}": weight for i, weight in enumerate(best)}


def check_killed(folder: Path, kind: str, kills: int) -> None:
    """Kill a training at random moments, then let it end, and compare it with one left alone."""
    moments = random.Random(kind)
    assert process(folder / "whole", kind).wait(timeout=300) == 0
    saved, killed = folder / "killed" / "training.npz", 0
    for _ in range(kills):
        before = saved.stat().st_mtime_ns if saved.exists() else 0
        running = process(folder / "killed", kind)
        # Only once it has saved something new: a kill before that is a kill while starting.
        while running.poll() is None and (not saved.exists() or saved.stat().st_mtime_ns == before):
            time.sleep(0.001)
        time.sleep(moments.uniform(0, 0.15))
        running.kill()
        killed += running.wait() == -9
    assert killed, "it ended before it could be killed"
    assert process(folder / "killed", kind).wait(timeout=300) == 0
    whole, resumed = left_by(folder / "whole"), left_by(folder / "killed")
    assert whole.keys() == resumed.keys()
    for name, value in whole.items():
        assert np.array_equal(resumed[name], value), f"{kind}: {name} differs"


@pytest.mark.skipif(os.name != "posix", reason="kill -9")
@pytest.mark.parametrize(("kind", "kills"), [("ahead", 2), ("dataset", 1)])
def test_killed_and_resumed(tmp_path: Path, kind: str, kills: int) -> None:
    check_killed(tmp_path, kind, kills)


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="kill -9")
@pytest.mark.parametrize("kind", KINDS)
def test_killed_twenty_times(tmp_path: Path, kind: str) -> None:
    check_killed(tmp_path, kind, 20)


def fit(folder: Path, model: keras.Model | None = None, **settings: Any) -> Any:
    keras.utils.set_random_seed(1)
    model = model or made.softmax()
    given = {"x": X, "y": Y, "epochs": 3, "verbose": 0, "resume": folder} | settings
    return bital.fit(model, **given), model


def test_a_finished_training_is_not_trained_again(tmp_path: Path) -> None:
    first, model = fit(tmp_path)
    again, other = fit(tmp_path)
    assert again.history == first.history
    assert again.epoch == first.epoch
    for mine, its in zip(other.get_weights(), model.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, its)


def test_more_epochs_go_on(tmp_path: Path) -> None:
    fit(tmp_path / "two", epochs=2)
    longer, _ = fit(tmp_path / "two", epochs=5)
    whole, _ = fit(tmp_path / "one", epochs=5)
    assert longer.history == whole.history


def test_early_stopping_stays_stopped(tmp_path: Path) -> None:
    def stopping() -> Any:
        return [keras.callbacks.EarlyStopping("loss", min_delta=10, patience=2)]

    first, _ = fit(tmp_path, epochs=20, callbacks=stopping())
    again, _ = fit(tmp_path, epochs=20, callbacks=stopping())
    assert len(first.epoch) == 3
    assert again.history == first.history


OTHERS: dict[str, tuple[dict[str, Any], str]] = {
    "data": ({"x": X + 1}, "training data was"),
    "batch_size": ({"batch_size": 7}, "batch_size was None in .* and is 7 now"),
    "model": ({"model": made.mlp()}, r"model.layers\[2\].units was 3 in"),
    "callbacks": ({"callbacks": [keras.callbacks.TerminateOnNaN()]}, "TerminateOnNaN"),
}


@pytest.mark.parametrize("case", OTHERS)
def test_another_training_is_refused(tmp_path: Path, case: str) -> None:
    settings, message = OTHERS[case]
    first, _ = fit(tmp_path)
    with pytest.raises(InvalidInput, match=message):
        fit(tmp_path, **settings)
    assert fit(tmp_path)[0].history == first.history, "what was saved must stay"


@pytest.mark.parametrize("every", [0, -1, 1.5, True, "soon", "10 days", None])
def test_when_to_save_is_checked(tmp_path: Path, every: Any) -> None:
    with pytest.raises(InvalidInput, match="save_every must be a number of epochs"):
        fit(tmp_path, save_every=every)


def test_what_cannot_be_resumed_is_named(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="a generator cannot"):
        fit(tmp_path, x=((X, Y) for _ in range(9)), y=None, steps_per_epoch=3, shuffle=False)
    with pytest.raises(InvalidInput, match="run_eagerly"):
        fit(tmp_path, made.softmax(run_eagerly=True))
    (tmp_path / "training.npz").write_bytes(b"half")
    with pytest.raises(InvalidInput, match="Delete it to start anew"):
        fit(tmp_path)
