"""Bad input: the rule, what arrived, the next step; and a model that has not been touched."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

import bital
from bital.engine.checks import check_labels
from bital.errors import BitalError, InvalidInput
from engine import made
from engine.parity import assert_same_numpy_state

X, Y = made.iris(60)
HOLES = X.copy()
HOLES[[7, 9], 2] = np.nan
ONE_HOT = np.eye(3, dtype=np.float32)[Y]


def uncompiled() -> keras.Model:
    model = keras.Sequential([keras.layers.Input((4,)), keras.layers.Dense(3)])
    model.name = "bare"
    return model


# name: the model, what fit is given beside x and y, what the message says
BAD: dict[str, tuple[Callable[[], Any], dict[str, Any], list[str]]] = {
    "no_model": (lambda: "model.keras", {}, ["keras.Model", "got str"]),
    "not_compiled": (uncompiled, {}, ["compiled", "bare", "model.compile("]),
    "batch_size_zero": (made.mlp, {"batch_size": 0}, ["batch_size", "at least 1", "got 0"]),
    "batch_size_below": (made.mlp, {"batch_size": -3}, ["batch_size", "at least 1", "got -3"]),
    "batch_size_part": (made.mlp, {"batch_size": 2.5}, ["batch_size", "integer", "got 2.5"]),
    "batch_size_flag": (made.mlp, {"batch_size": True}, ["batch_size", "got True"]),
    "validation_batch_size": (
        made.mlp,
        {"validation_batch_size": 0, "validation_split": 0.5},
        ["validation_batch_size", "got 0"],
    ),
    "epochs": (made.mlp, {"epochs": -1}, ["epochs", "at least 0", "got -1"]),
    "initial_epoch": (made.mlp, {"initial_epoch": -1}, ["initial_epoch", "got -1"]),
    "steps": (made.mlp, {"steps_per_epoch": 0}, ["steps_per_epoch", "got 0"]),
    "validation_steps": (
        made.mlp,
        {"validation_steps": 0, "validation_split": 0.5},
        ["validation_steps", "got 0"],
    ),
    "split_below": (made.mlp, {"validation_split": -0.1}, ["validation_split", "got -0.1"]),
    "split_above": (made.mlp, {"validation_split": 1.0}, ["validation_split", "got 1.0"]),
    "lengths": (made.mlp, {"y": Y[:59]}, ["same number of rows", "x: 60", "y: 59", "Check where"]),
    "weight_length": (made.mlp, {"sample_weight": np.ones(9)}, ["sample_weight: 9"]),
    "inputs_lengths": (
        made.two_by_two,
        {"x": {"petals": X[:, 2:], "sepals": X[:50, :2]}, "y": {"kind": Y, "length": X[:, :1]}},
        ["x: 50 and 60", "y: 60"],
    ),
    "validation_lengths": (
        made.mlp,
        {"validation_data": (X, Y[:7])},
        ["validation_data's x: 60", "validation_data's y: 7"],
    ),
    "no_rows": (made.mlp, {"x": X[:0], "y": Y[:0]}, ["at least one row", "x: 0"]),
    "nan": (made.mlp, {"x": HOLES}, ["NaN", "2 of 60 rows", "row 7", "Drop or fill"]),
    "nan_labels": (
        made.regression,
        {"y": np.where(X[:, :1] > 1, np.nan, X[:, :1])},
        ["NaN", "x, y or sample_weight[1]"],
    ),
    "nan_weight": (
        made.mlp,
        {"sample_weight": np.full(60, np.nan)},
        ["x, y or sample_weight[2]", "60 of 60", "row 0"],
    ),
    "nan_in_one_input": (
        made.two_by_two,
        {"x": {"petals": HOLES[:, 2:], "sepals": X[:, :2]}, "y": {"kind": Y, "length": X[:, :1]}},
        ["['petals']", "row 7"],
    ),
    "nan_in_validation": (made.mlp, {"validation_data": (HOLES, Y)}, ["validation_data", "row 7"]),
    "strings": (made.mlp, {"x": np.full((60, 4), "a")}, ["numbers", "x has dtype <U1", "Encode"]),
    "one_hot_for_sparse": (
        made.mlp,
        {"y": ONE_HOT},
        ["one class index", "(60, 3)", "('n', 3)", "Use categorical_crossentropy"],
    ),
    "sparse_for_one_hot": (
        lambda: made.mlp(loss="categorical_crossentropy"),
        {},
        ["one-hot", "(60,)", "to_categorical"],
    ),
    "label_too_high": (made.mlp, {"y": Y + 1}, ["from 0 to 2", "from 1 to 3", "Renumber"]),
    "label_below": (made.mlp, {"y": Y - 1}, ["from 0 to 2", "from -1 to 1"]),
    "late_label": (
        made.mlp,
        {"y": np.where(np.arange(60) < 50, Y, 9)},
        ["from 0 to 2", "from 0 to 9"],
    ),
    "fraction": (made.mlp, {"y": Y + 0.5}, ["integer", "fractions"]),
    "validation_label": (made.mlp, {"validation_data": (X, Y + 1)}, ["from 0 to 2", "from 1 to 3"]),
    "broadcast": (
        made.regression,
        {"y": X},
        ["mse", "one by one", "(60, 4)", "('n', 1)", "last layer"],
    ),
    "binary": (
        lambda: made.mlp(loss="binary_crossentropy"),
        {},
        ["binary_crossentropy", "shapes must agree"],
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_fit_says_what_is_wrong_and_leaves_the_model_alone(case: str) -> None:
    make, given, said = BAD[case]
    model = make()
    before = left(model)
    state = np.random.get_state()
    with pytest.raises(InvalidInput) as raised:
        bital.fit(model, **({"x": X, "y": Y, "verbose": 0} | given))
    assert isinstance(raised.value, ValueError)
    assert isinstance(raised.value, BitalError)
    assert raised.value.exit_code == 2
    for part in said:
        assert part in str(raised.value)
    assert_untouched(model, before)
    assert_same_numpy_state(np.random.get_state(), state)


EVALUATE = ["no_model", "not_compiled", "batch_size_zero", "lengths", "no_rows", "nan", "broadcast"]


@pytest.mark.parametrize("case", [*EVALUATE, "label_too_high"])
def test_evaluate_has_the_same_rules(case: str) -> None:
    make, given, said = BAD[case]
    model = make()
    before = left(model)
    with pytest.raises(InvalidInput) as raised:
        bital.evaluate(model, **({"x": X, "y": Y, "verbose": 0} | given))
    for part in said:
        assert part in str(raised.value)
    assert_untouched(model, before)


@pytest.mark.parametrize("name", ["batch_size", "steps"])
def test_predict_counts(name: str) -> None:
    with pytest.raises(InvalidInput, match=f"{name} must be an integer of at least 1; got 0"):
        bital.predict(made.mlp(), X, verbose=0, **{name: 0})


def test_predict_of_no_model() -> None:
    with pytest.raises(InvalidInput, match=r"must be a keras\.Model; got str"):
        bital.predict("model.keras", X)


def left(model: Any) -> Any:
    if not isinstance(model, keras.Model):
        return None
    optimizer = getattr(model, "optimizer", None)
    built = model.built, optimizer and optimizer.built, getattr(model, "history", None)
    return built, [np.asarray(v.value) for v in model.variables]


def assert_untouched(model: Any, before: Any) -> None:
    after = left(model)
    if before is not None:
        assert after[0] == before[0]
        for mine, old in zip(after[1], before[1], strict=True):
            np.testing.assert_array_equal(mine, old)


N = 5
FINE: dict[str, tuple[Any, Any, tuple[Any, ...]]] = {
    "index": ("sparse_categorical_crossentropy", np.array([0, 2, 1, 1, 0]), (N, 3)),
    "index_column": ("sparse_categorical_crossentropy", np.zeros((N, 1), np.int32), (N, 3)),
    "index_per_pixel": (
        "sparse_categorical_crossentropy",
        np.zeros((N, 2, 2), np.int32),
        (N, 2, 2, 3),
    ),
    "ignored": (
        keras.losses.SparseCategoricalCrossentropy(ignore_class=-1),
        np.array([-1, 0, 1, 2, 2]),
        (N, 3),
    ),
    "all_ignored": (
        keras.losses.SparseCategoricalCrossentropy(ignore_class=-1),
        np.full(N, -1),
        (N, 3),
    ),
    "one_hot": ("categorical_crossentropy", np.eye(3)[[0, 1, 2, 0, 1]], (N, 3)),
    "flat_for_column": ("mse", np.zeros(N), (N, 1)),
    "column_for_flat": (keras.losses.MeanAbsoluteError(), np.zeros((N, 1)), (N,)),
    "unknown_length": ("mse", np.zeros((N, 7, 1)), (N, None, 1)),
    "own_loss": (lambda y, p: y.sum() + p.sum(), np.zeros((N, 9)), (N, 1)),
    "several_outputs": (["mse", "mse"], np.zeros((N, 9)), (N, 1)),
    "no_loss": (None, np.zeros((N, 9)), (N, 1)),
}


@pytest.mark.parametrize("case", FINE)
def test_labels_that_mean_something_pass(case: str) -> None:
    check_labels(*FINE[case])
