"""Every argument of `fit` means what it means in Keras."""

import warnings
from typing import Any

import keras
import numpy as np
import pytest

import bital
from engine import made
from engine.parity import assert_same, check_same, trained

X, Y = made.iris(120)
WEIGHT = np.linspace(0.1, 2, 40).astype(np.float32)
HELD_OUT = {"validation_data": (X[:40], Y[:40])}

# name: what fit is given beside x, y and 24 rows a batch, 5 batches an epoch
CASES: dict[str, dict[str, Any]] = {
    "in_order": {"shuffle": False},
    "shuffled_in_batches": {"shuffle": "batch", "validation_split": 0.25},
    "default_batch_size": {"batch_size": None},
    "no_epochs": {"epochs": 0},
    "initial_epoch": {"initial_epoch": 2, "epochs": 5},
    "initial_epoch_past_the_end": {"initial_epoch": 3, "epochs": 3},
    "validation_split": {"validation_split": 0.3},
    "validation_data_before_split": {**HELD_OUT, "validation_split": 0.3},
    "validation_sample_weight": {"validation_data": (X[:40], Y[:40], WEIGHT)},
    "validation_list": {"validation_data": [X[:40], Y[:40]]},
    "validation_batch_size": {**HELD_OUT, "validation_batch_size": 15},
    "validation_steps": {**HELD_OUT, "validation_batch_size": 8, "validation_steps": 2},
    "validation_steps_alone": {**HELD_OUT, "batch_size": None, "validation_steps": 3},
    "validation_freq": {**HELD_OUT, "validation_freq": 2, "epochs": 5},
    "validation_freq_listed": {**HELD_OUT, "validation_freq": [1, 4], "epochs": 5},
    "steps_alone": {"batch_size": None, "steps_per_epoch": 7},
    "steps_below_the_data": {"steps_per_epoch": 2, "batch_size": 20, "epochs": 7},
    "steps_in_order": {"steps_per_epoch": 3, "batch_size": 20, "epochs": 5, "shuffle": False},
    "steps_to_a_short_batch": {"steps_per_epoch": 2, "batch_size": 33, "epochs": 4},
    "an_epoch_of_the_short_batch": {"steps_per_epoch": 1, "batch_size": 50, "epochs": 5},
    "as_many_steps_as_data": {"steps_per_epoch": 5},
    "sample_weight_from_split": {
        "sample_weight": np.linspace(0.5, 2, 120),
        "validation_split": 0.25,
    },
}


@pytest.mark.parametrize("case", CASES)
def test_argument(case: str) -> None:
    check_same(made.softmax, **({"x": X, "y": Y, "batch_size": 24, "epochs": 3} | CASES[case]))


MORE_THAN_THE_DATA = {
    "training": {"steps_per_epoch": 7, "epochs": 3},
    "an_epoch_left_short": {"steps_per_epoch": 3, "epochs": 4},
    "validation": {**HELD_OUT, "validation_steps": 9, "epochs": 2},
}


@pytest.mark.parametrize("case", MORE_THAN_THE_DATA)
def test_too_many_steps_warn_as_in_keras(case: str) -> None:
    settings = {"x": X, "y": Y, "batch_size": 24} | MORE_THAN_THE_DATA[case]
    with pytest.warns(UserWarning, match="ran out of data"):
        keras_own = trained(keras.Model.fit, made.softmax, **settings)
    with pytest.warns(UserWarning, match="more batches than"):
        ours = trained(bital.fit, made.softmax, **settings)
    assert_same(ours, keras_own)


def test_batch_shuffling_draws_no_more_than_keras() -> None:
    settings = {"x": X, "y": Y, "batch_size": 24, "shuffle": "batch"}
    check_same(made.softmax, steps_per_epoch=2, epochs=1, **settings)


def test_steps_per_execution_is_kept() -> None:
    make = made.repeated(made.softmax, steps_per_execution=3)
    check_same(make, x=X, y=Y, batch_size=24, epochs=3, **HELD_OUT)


@pytest.mark.parametrize(
    ("limit", "value"), [("set_max_epochs", 2), ("set_max_steps_per_epoch", 3)]
)
def test_debugging_limits_of_keras_hold(limit: str, value: int) -> None:
    settings = {"x": X, "y": Y, "batch_size": 24, "epochs": 3}
    getattr(keras.config, limit)(value)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            keras_own = trained(keras.Model.fit, made.softmax, **settings)
            ours = trained(bital.fit, made.softmax, **settings)
    finally:
        getattr(keras.config, limit)(None)
    assert_same(ours, keras_own)
