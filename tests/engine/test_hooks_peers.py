"""TensorBoard, which hears of every batch; run where it and TensorFlow are installed."""

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import bital
from engine.parity import assert_same, trained
from engine.test_hooks import X, Y, kept, made

pytestmark = [pytest.mark.peer, pytest.mark.filterwarnings("ignore::DeprecationWarning")]

SETTINGS: dict[str, dict[str, Any]] = {
    "epochs": {},
    "batches": {"update_freq": "batch"},
    "every_fourth_batch": {"update_freq": 4},
    "weights": {"histogram_freq": 1},
}


def events(folder: Path) -> dict[tuple[str, str], list[tuple[int, float]]]:
    """Steps and values by run and tag, all but what depends on time."""
    reader = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    tensors = pytest.importorskip("tensorboard.util.tensor_util")
    found = {}
    for run in ("train", "validation"):
        accumulator = reader.EventAccumulator(str(folder / run), size_guidance={"tensors": 0})
        for tag in accumulator.Reload().Tags()["tensors"]:
            if "per_second" not in tag and "keras" not in tag:
                found[run, "/".join(tag.split("/")[-2:])] = [  # layers' names are counted on
                    (event.step, np.asarray(tensors.make_ndarray(event.tensor_proto)))
                    for event in accumulator.Tensors(tag)
                ]
    return found


@pytest.mark.parametrize("case", SETTINGS)
def test_tensorboard(tmp_path: Path, case: str) -> None:
    pytest.importorskip("tensorflow")
    seen, left = [], []
    for name, fit in (("keras", keras.Model.fit), ("bital", bital.fit)):
        left.append(
            trained(
                fit,
                kept(made.softmax),
                callbacks=lambda n=name: [
                    keras.callbacks.TensorBoard(tmp_path / n, **SETTINGS[case])
                ],
                x=X,
                y=Y,
                batch_size=10,
                epochs=2,
                validation_data=(X[:35], Y[:35]),
            )
        )
        seen.append(events(tmp_path / name))
    assert_same(*reversed(left))
    assert seen[0].keys() == seen[1].keys()
    for key, expected in seen[0].items():
        assert [step for step, _ in seen[1][key]] == [step for step, _ in expected], key
        if expected[0][1].dtype.kind == "f":
            for (_, mine), (_, other) in zip(seen[1][key], expected, strict=True):
                np.testing.assert_allclose(mine, other, rtol=1e-3, atol=1e-3, err_msg=str(key))
