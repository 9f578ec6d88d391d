"""What is told of an arm before it is trained."""

from typing import Any

import keras
import numpy as np
import pytest

from bital.engine.install import install, uninstall
from bital.study.arm import Arm
from bital.study.sketch import sketch

from .small import Watching, model, rows

X, Y = rows()


def regression(loss: Any = "mse", metrics: Any = ("mae",)) -> keras.Model:
    made = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(1)])
    made.compile("sgd", loss, metrics=list(metrics))
    return made


def test_a_model_is_said() -> None:
    def build() -> keras.Model:
        stack = [
            keras.layers.Conv2D(2, 3, activation="relu"),
            keras.layers.MaxPooling2D(),
            keras.layers.Flatten(),
            keras.layers.Dense(3, activation="softmax"),
        ]
        made = keras.Sequential(stack)  # built with the data
        rate = keras.optimizers.schedules.ExponentialDecay(0.1, 10, 0.9)
        made.compile(keras.optimizers.Adam(rate), "sparse_categorical_crossentropy")
        return made

    images = np.zeros((4, 8, 8, 1), np.float32), np.arange(4) % 3
    seen = sketch("cnn", Arm(build), images)
    assert seen.summary == "Conv2D 2 3×3 relu, MaxPooling2D 2×2, Flatten, Dense 3 softmax"
    assert seen.optimizer("ko") == "Adam, ExponentialDecay"
    assert seen.parameters == 9 * 2 + 2 + 18 * 3 + 3
    assert seen.work == 36 * 18 + 18 * 3
    assert seen.logs == {"loss"}


def test_logs_directions_and_units() -> None:
    seen = sketch("a", Arm(model), (X, Y))
    assert seen.logs == {"loss", "accuracy"}
    assert seen.directions == {"loss": "lower", "accuracy": "higher"}
    assert seen.powers == {}
    found = sketch("r", Arm(regression), (X, X[:, 0]))
    assert found.powers == {"loss": 2, "mae": 1}
    assert found.directions == {"loss": "lower", "mae": "lower"}
    root = keras.metrics.RootMeanSquaredError(name="root")
    other = sketch("r", Arm(lambda: regression("mae", [root])), (X, X[:, 0]))
    assert other.powers == {"loss": 1, "root": 1}


@pytest.mark.parametrize(
    ("arm", "expected"),
    [
        (Arm(model), True),
        (Arm(model, callbacks=lambda: [keras.callbacks.EarlyStopping()]), True),
        (Arm(model, callbacks=lambda: [Watching()]), False),
    ],
    ids=["plain", "stops", "watches"],
)
def test_what_programs_of_replicas_can_train(arm: Arm, expected: bool) -> None:
    assert sketch("a", arm, (X, Y)).replicates is expected
    install()
    try:
        assert sketch("a", arm, (X, Y)).replicates is expected
    finally:
        uninstall()


def test_generators_are_left_alone() -> None:
    keras.utils.set_random_seed(7)
    before = np.random.get_state()[1].copy()  # type: ignore[union-attr, index]
    sketch("a", Arm(model), (X, Y))
    np.testing.assert_array_equal(before, np.random.get_state()[1])  # type: ignore[index]
