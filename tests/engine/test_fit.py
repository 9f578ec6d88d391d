"""`bital.fit` against `keras.Model.fit` on JAX: the promise, one row per case."""

import os
import re
import subprocess
import sys
from typing import Any

import keras
import numpy as np
import pytest

import bital
from bital.errors import WrongBackend
from engine import made
from engine.parity import assert_same, check_same, trained

X, Y = made.iris()
DIGITS, CLASSES = made.digits()
NAMED = {"petals": X[:, 2:], "sepals": X[:, :2]}
ROW_WEIGHT = np.linspace(0.1, 2, 150).astype(np.float32)
TARGETS = {"kind": Y, "length": X[:, :1]}


def weighted(**settings: Any) -> keras.Model:
    return made.mlp(weighted_metrics=["accuracy"], **settings)


# name: the model, what fit is given; each runs 5 epochs
PROMISED: dict[str, tuple[Any, dict[str, Any]]] = {
    "iris": (made.mlp, {"x": X, "y": Y, "batch_size": 7, "validation_data": (X[:50], Y[:50])}),
    "bn_l2_dropout": (made.regularised, {"x": X, "y": Y, "validation_split": 0.2}),
    "cnn": (made.cnn, {"x": DIGITS, "y": CLASSES, "validation_data": (DIGITS[:64], CLASSES[:64])}),
    "two_dict": (made.two_by_two, {"x": NAMED, "y": TARGETS, "validation_split": 0.36}),
    "two_list": (
        made.two_by_two_listed,
        {
            "x": [X[:128, 2:], X[:128, :2]],
            "y": [Y[:128], X[:128, :1]],
            "validation_data": ([X[:32, 2:], X[:32, :2]], [Y[:32], X[:32, :1]]),
        },
    ),
    "sample_weight": (
        weighted,
        {
            "x": X,
            "y": Y,
            "batch_size": 50,
            "sample_weight": ROW_WEIGHT,
            "validation_data": (X, Y, ROW_WEIGHT[::-1]),
        },
    ),
    "class_weight": (
        weighted,
        {"x": X, "y": Y, "batch_size": 30, "class_weight": {0: 1, 1: 3, 2: 0.5}},
    ),
    "sample_weight_per_output": (
        made.two_by_two,
        {
            "x": NAMED,
            "y": TARGETS,
            "batch_size": 50,
            "sample_weight": {"kind": ROW_WEIGHT, "length": 2.5 - ROW_WEIGHT},
        },
    ),
    "short_last_batch": (made.regularised, {"x": X[:145], "y": Y[:145], "batch_size": 16}),
    "fewer_rows_than_a_batch": (made.regularised, {"x": X[:20], "y": Y[:20]}),
    "one_batch": (made.regularised, {"x": X, "y": Y, "batch_size": 150}),
    "batch_of_one": (made.mlp, {"x": X[:30], "y": Y[:30], "batch_size": 1}),
}


@pytest.mark.parametrize("case", PROMISED)
def test_five_epochs_end_where_keras_ends(case: str) -> None:
    make, fit = PROMISED[case]
    adam = made.repeated(make, optimizer=lambda: keras.optimizers.Adam(0.01))
    check_same(adam, epochs=5, path="epochs", **fit)


def test_mnist_cnn(mnist: made.Arrays) -> None:
    x, y = mnist
    check_same(lambda: made.cnn(28), x=x, y=y, batch_size=64, epochs=5, validation_split=0.25)


@pytest.mark.parametrize("second", [bital.fit, keras.Model.fit], ids=["bital", "keras"])
def test_training_goes_on_where_bital_ended(second: Any) -> None:
    def both(first: Any, second: Any) -> Any:
        def fit(model: keras.Model, **settings: Any) -> Any:
            first(model, **settings)
            return second(model, **(settings | {"epochs": 4, "initial_epoch": 2}))

        return fit

    settings = {"x": X, "y": Y, "epochs": 2, "batch_size": 50}
    keras_own = trained(both(keras.Model.fit, keras.Model.fit), made.regularised, **settings)
    assert_same(trained(both(bital.fit, second), made.regularised, **settings), keras_own)


def printed(capsys: pytest.CaptureFixture[str], fit: Any, verbose: int) -> list[str]:
    """Lines shown, without what is timed and without the bar's earlier states."""
    trained(fit, made.mlp, x=X, y=Y, epochs=3, validation_split=0.2, verbose=verbose)
    shown = re.sub(r"\x1b\[[0-9;]*m|\x08", "", capsys.readouterr().out)
    lines = [line.split("\r")[-1] for line in shown.split("\n") if not line.startswith("bital: ")]
    lines = [re.sub(r"\d+(\.\d+)?(s|ms|us|µs)(/step|/epoch)?", "T", line) for line in lines]
    return [re.sub(r"\s+", " ", line).strip() for line in lines if line.strip()]


@pytest.mark.parametrize("verbose", [1, 2])
def test_shows_what_keras_shows(capsys: pytest.CaptureFixture[str], verbose: int) -> None:
    expected = printed(capsys, keras.Model.fit, verbose)
    assert printed(capsys, bital.fit, verbose) == expected
    assert expected


def test_silent_when_told_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, bital.fit, 0) == []


def test_wrong_backend_is_named() -> None:
    script = (
        "import keras, bital\n"
        "try:\n    bital.fit\n"
        "except RuntimeError as e:\n    print(type(e).__name__, e.exit_code, e)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"KERAS_BACKEND": "numpy"},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.startswith(f"{WrongBackend.__name__} {WrongBackend.exit_code}")
    assert "'numpy'" in done.stdout
    assert "KERAS_BACKEND=jax" in done.stdout
