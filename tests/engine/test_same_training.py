"""Resuming another training is refused, and what differs is named; the same one goes on."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
from keras import layers

import bital
from bital.engine import snapshot
from bital.errors import InvalidInput
from engine import made

X, Y = made.iris(60)
SCRIPT = Path(__file__).with_name("resumed.py")
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
C = keras.callbacks


def scaled(factor: float) -> Any:
    def loss(true: Any, predicted: Any) -> Any:
        return factor * keras.losses.sparse_categorical_crossentropy(true, predicted)

    return loss


class Weighted(keras.losses.Loss):
    """A loss with a number of its own, without `get_config`."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def call(self, true: Any, predicted: Any) -> Any:
        return self.factor * keras.losses.sparse_categorical_crossentropy(true, predicted)


class Rows(keras.utils.PyDataset):
    """Three batches with noise of this process's own on them."""

    def __init__(self, x: Any, noise: float = 0) -> None:
        super().__init__()
        self.x, self.noise = x, noise

    def __len__(self) -> int:
        return 3

    def __getitem__(self, index: int) -> Any:
        rows = slice(20 * index, 20 * index + 20)
        return self.x[rows] + self.noise * np.random.normal(), Y[rows]


def model(
    activation: Any = "tanh",
    regularizer: Any = None,
    optimizer: Any = None,
    loss: Any = "sparse_categorical_crossentropy",
    **settings: Any,
) -> keras.Model:
    stack = [
        layers.Input((4,)),
        layers.Dense(6, activation=activation, kernel_regularizer=regularizer),
        layers.Dense(3, activation="softmax"),
    ]
    built = keras.Sequential(stack)
    built.compile(optimizer=optimizer or keras.optimizers.Adam(0.01), loss=loss, **settings)
    return built


def fit(folder: Path, make: Any = None, **settings: Any) -> Any:
    keras.utils.set_random_seed(3)
    trained = model(**make) if isinstance(make, dict) else make or model()
    given = {"x": X, "y": Y, "epochs": 2, "verbose": 0} | settings
    return bital.fit(trained, resume=folder, **given), trained


A = keras.optimizers.Adam
CHANGED: dict[str, tuple[Any, Any, str]] = {
    "activation": ({}, {"activation": "relu"}, "activation was 'tanh' in .* is 'relu' now"),
    "lambda": (
        {"activation": lambda x: x * 1.0},
        {"activation": lambda x: x * 2.0},
        "activation was .*code",
    ),
    "regularizer": ({}, {"regularizer": "l2"}, "kernel_regularizer"),
    "regularizer strength": (
        {"regularizer": keras.regularizers.L2(0.1)},
        {"regularizer": keras.regularizers.L2(0.2)},
        r"kernel_regularizer\.config\.l2 was 0\.1\S* in .* is 0\.2\S* now",
    ),
    "beta_1": ({}, {"optimizer": A(0.01, beta_1=0.1)}, "optimizer.beta_1 was 0.9 in .* 0.1 now"),
    "AdamW": ({}, {"optimizer": keras.optimizers.AdamW(0.01)}, "optimizer was 'Adam'|AdamW"),
    "rate": ({}, {"optimizer": A(0.9)}, r"learning_rate was 0.01 in .* is 0.9 now.*changed="),
    "schedule": (
        {"optimizer": A(keras.optimizers.schedules.ExponentialDecay(0.1, 9, 0.9))},
        {"optimizer": A(keras.optimizers.schedules.ExponentialDecay(0.1, 9, 0.8))},
        "learning_rate.decay_rate was 0.9",
    ),
    "loss": ({}, {"loss": "mse"}, "loss was .*crossentropy in .* is .*mean_squared_error now"),
    "closure": ({"loss": scaled(1.0)}, {"loss": scaled(2.0)}, "loss.factor was 1.0 in .* 2.0"),
    "loss of a class": ({"loss": Weighted(1.0)}, {"loss": Weighted(2.0)}, "loss.factor was 1.0"),
    "loss_weights": ({"loss_weights": [1.0]}, {"loss_weights": [2.0]}, "loss_weights.* was 1.0"),
    "metrics": ({}, {"metrics": ["accuracy"]}, "metrics"),
}


@pytest.mark.parametrize("case", CHANGED)
def test_another_program_is_refused(tmp_path: Path, case: str) -> None:
    one, other, message = CHANGED[case]
    if case == "loss":
        one, other = {"loss": "categorical_crossentropy"}, {"loss": "mse"}
    y = keras.utils.to_categorical(Y, 3) if case == "loss" else Y
    first, trained = fit(tmp_path, one, y=y)
    with pytest.raises(InvalidInput, match=message):
        fit(tmp_path, other, y=y, epochs=4)
    again, its = fit(tmp_path, trained, y=y)
    assert again.history == first.history
    for mine, theirs in zip(its.get_weights(), trained.get_weights(), strict=True):
        np.testing.assert_array_equal(mine, theirs)


HELD = (X[:9], Y[:9])
ARGUMENTS: dict[str, tuple[Any, Any, str]] = {
    "validation": ({"validation_data": HELD}, {"validation_data": (X[:9] + 1, Y[:9])}, "valid"),
    "validation after the fact": ({}, {"validation_data": HELD}, "validation_data was None"),
    "patience": (
        {"callbacks": [C.EarlyStopping("loss", patience=3)]},
        {"callbacks": [C.EarlyStopping("loss", patience=5)]},
        r"patience was 3 in .* is 5 now",
    ),
    "dataset": (
        {"x": Rows(X), "y": None},
        {"x": Rows(X + 1), "y": None},
        "training data.first batch",
    ),
    "epochs": ({"epochs": 3}, {"epochs": 2}, "holds 3, and epochs is 2"),
}


@pytest.mark.parametrize("case", ARGUMENTS)
def test_other_arguments_are_refused(tmp_path: Path, case: str) -> None:
    one, other, message = ARGUMENTS[case]
    fit(tmp_path, **one)
    with pytest.raises(InvalidInput, match=message):
        fit(tmp_path, **{"epochs": 4, **other})


def test_a_dataset_with_noise_is_the_same_dataset(tmp_path: Path) -> None:
    fit(tmp_path, x=Rows(X, 0.1), y=None)
    before = np.random.get_state()[1]
    again, _ = fit(tmp_path, x=Rows(X, 0.1), y=None, epochs=3)
    assert len(again.epoch) == 3
    assert before is not None


def test_asking_a_dataset_draws_nothing(tmp_path: Path) -> None:
    kept, _ = fit(tmp_path, x=Rows(X, 0.1), y=None)
    keras.utils.set_random_seed(3)
    alone = bital.fit(model(), Rows(X, 0.1), epochs=2, verbose=0)
    assert alone.history == kept.history


def test_names_that_keras_counts_do_not_matter(tmp_path: Path) -> None:
    fit(tmp_path, made.two_by_two(), **two_inputs())
    layers.Dense(3)
    again, _ = fit(tmp_path, made.two_by_two(), epochs=3, **two_inputs())
    assert len(again.epoch) == 3


def two_inputs() -> dict[str, Any]:
    return {
        "x": {"petals": X[:, :2], "sepals": X[:, 2:]},
        "y": {"kind": Y, "length": X[:, :1]},
    }


@pytest.mark.parametrize("callbacks", [[], [C.LambdaCallback(on_epoch_end=lambda *a: None)]])
def test_a_new_rate_is_used_when_it_is_said(tmp_path: Path, callbacks: list[Any]) -> None:
    fit(tmp_path, callbacks=callbacks)
    new = {"optimizer": A(0.5)}
    longer, trained = fit(tmp_path, new, callbacks=callbacks, epochs=4, changed="learning_rate")
    assert float(trained.optimizer.learning_rate) == 0.5
    fit(tmp_path / "old", callbacks=callbacks)
    same, _ = fit(tmp_path / "old", callbacks=callbacks, epochs=4)
    assert longer.history["loss"][:2] == same.history["loss"][:2]
    assert longer.history["loss"][2:] != same.history["loss"][2:]
    last, _ = fit(tmp_path, new, callbacks=callbacks, epochs=4)
    assert last.history == longer.history, "the new rate is now the training's"


def test_changed_is_checked(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match='changed must be "learning_rate"'):
        fit(tmp_path, changed="loss")


def test_the_same_model_goes_on_after_a_callback_set_its_rate(tmp_path: Path) -> None:
    def reduce() -> list[Any]:
        return [C.ReduceLROnPlateau("loss", min_delta=9, patience=1, factor=0.5)]

    _, trained = fit(tmp_path, callbacks=reduce(), epochs=4)
    assert float(trained.optimizer.learning_rate) < 0.01
    again, _ = fit(tmp_path, trained, callbacks=reduce(), epochs=5)
    assert len(again.epoch) == 5


def test_a_file_of_an_older_bital_says_so(tmp_path: Path) -> None:
    fit(tmp_path)
    path = tmp_path / "training.npz"
    kept = snapshot.read(path)
    kept.pop("format")
    snapshot.write(path, kept | {"print": kept.pop("facts")})
    with pytest.raises(InvalidInput, match="written by an older bital"):
        fit(tmp_path)


@pytest.mark.parametrize("kind", ["functions", "classes"])
def test_the_same_program_goes_on_in_a_new_process(tmp_path: Path, kind: str) -> None:
    paths = os.pathsep.join([str(SCRIPT.parent.parent), os.environ.get("PYTHONPATH", "")])
    for epochs in (2, 3):
        done = subprocess.run(
            [sys.executable, "-W", "ignore", str(SCRIPT), str(tmp_path), kind, str(epochs)],
            env=os.environ | {"PYTHONPATH": paths, "PYTHONHASHSEED": str(epochs)},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert done.returncode == 0, done.stderr[-2000:]
        assert done.stdout.strip() == str(epochs)
